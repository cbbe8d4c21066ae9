import type { Account } from "./account.ts";
import { Cost, textCost } from "./cost.ts";
import { type Holder, News, type Writer } from "./history.ts";
import { baseName, parentPath } from "./path.ts";
import type { Tree } from "./tree.ts";
import type { View } from "./view.ts";

const enum State {
  /** As in the snapshot, but for the fields set here. */
  base,
  absent,
  /** Made here; the snapshot has no such node. */
  fresh,
  /** Made here after the transaction removed what was there. */
  renewed,
}

/** What was done to the children of a node. */
class Children {
  /** Handles of those that were made or removed, in the order of what was done last to each: whether they are there. */
  readonly there = new Map<number, boolean>();
  /** All that was done. */
  changes = 0;
  /** What the names take now, less what they took. */
  bytes = 0;
}

/** Places of the order without an item, besides twice as many as there are items: then they are let go of. */
const STALE_PLACES = 16;

/** What a transaction knows of one path: what it was told, and what it changed. */
class Item {
  // Told. Compared with the live store when the transaction ends.
  sawMissing = false;
  sawPresent = false;
  sawValue: string | null = null;
  sawPerms = -1;
  sawListing: string | null = null;
  sawAbove = -1;

  // Changed.
  state: State = State.base;
  /** A node of the live store must be removed first. */
  cut = false;
  value: string | null = null;
  /** Permissions of a new node, or set explicitly. */
  perms = -1;
  permsSet = false;
  children: Children | null = null;
  /** Place in the order of application; -1: unchanged. */
  order = -1;
  /** When it was changed first. */
  rank = 0;
  /** Made on the way to another node: watchers are not told. */
  silent = false;

  /** Whether the snapshot has the node: 0 not looked yet, 1 yes, 2 no. */
  inSnapshot = 0;
  /** Where the live store had the path when it was first asked for; -1: nobody knew. */
  row = -1;

  constructor(
    public path: string,
    readonly handle: number,
  ) {}

  /** As it was made: nothing told, nothing changed. */
  clear(): void {
    this.path = "";
    this.sawMissing = this.sawPresent = this.cut = this.permsSet = this.silent = false;
    this.sawValue = this.sawListing = this.value = null;
    this.sawPerms = this.sawAbove = this.perms = this.order = this.row = -1;
    this.state = State.base;
    this.children = null;
    this.rank = this.inSnapshot = 0;
  }
}

/** What need not be told of an item. */
const untold = new Item("", 0);

/** Items that are looked for one by one: up to here that is cheaper than a Map. */
const FEW = 8;

/**
 * Transactions that ended, with their first items, for those that will begin: an object is dear to make, property by
 * property.
 */
let spare: Transaction | null = null;
let spares = 0;
const SPARE_TRANSACTIONS = 16;

/** Fields of an item that name a permission list. */
const permsFields = ["sawPerms", "sawAbove", "perms"] as const;

type ItemState = readonly [
  path: string,
  known: object,
  lists: readonly (readonly number[])[],
  children?: ChildrenState,
];

interface ChildrenState {
  readonly there: readonly (readonly [handle: number, there: boolean])[];
  readonly changes: number;
  readonly bytes: number;
}

/** A transaction in words that outlive the program: lists of permissions by their entries. */
export interface TransactionState {
  readonly id: number;
  readonly creator: number;
  readonly failed: number;
  readonly operations: number;
  readonly bytes: number;
  readonly lost: boolean;
  readonly created: number;
  readonly cuts: number;
  /** Which of the history's snapshots is its own. */
  readonly snapshot: number;
  /**
   * Each path with what is known of it beyond the defaults, the permission lists among that, and what was done to its
   * children.
   */
  readonly items: readonly ItemState[];
  /** Places in `items`, or -1. */
  readonly order: readonly number[];
}

/** What a commit tells about each changed path; `rank` is the order of first changes. */
export interface CommitSink {
  /** A subtree is about to go; `renewed`: its root comes back at once and is told then. */
  removing(id: number, renewed: boolean, rank: number): void;
  /** oldPerms -1: they did not change. */
  changed(id: number, oldPerms: number, rank: number): void;
}

/**
 * A transaction sees the store as it was at START, and its own changes on top.
 * It notes what it was told and compares it with the live store at the end: if
 * nothing differs, running it now would have told the same, so its changes are
 * applied to the live store as it is now.
 */
export class Transaction implements View, Holder {
  id = 0;
  /** The domid that owns what it makes; -1 for a privileged connection. */
  creator = -1;
  /** An operation in it ran into a quota: what END must answer; -1: none did. */
  failed = -1;
  /** Requests in it. */
  operations = 0;
  /** Of a privileged client's: when it was opened, in milliseconds of the host's clock. */
  started = 0;
  /** What it keeps: paths it looked at, what it was told, what it changed. */
  bytes = 0;
  /** Its snapshot was given up: END must fail. */
  lost = false;
  /** Nodes made less nodes made and removed again. */
  created = 0;
  /** Distinct paths looked at or changed. */
  touched = 0;
  /** Its snapshot is kept. */
  open = false;
  /** Nothing was asked of it but to find nodes and to read and write their values. */
  private plain = true;
  /** All its items know their rows. */
  private rowed = true;

  /** The first `touched` count; others are kept to be used again. */
  private readonly items: Item[] = [];
  /** Filled once there are more than FEW. */
  private readonly byPath = new Map<string, Item>();
  private readonly order: (Item | null)[] = [];
  /** Places that the order had once. */
  private gone = 0;
  private cuts = 0;
  private readonly heldPerms: number[] = [];
  snapshot = 0;
  payer: Writer | null = null;
  /** Tree.clock at START: a node whose generation is not after it is as the snapshot has it. */
  clock = 0;
  /** Of one that waits to be used again: the next of these. */
  private nextSpare: Transaction | null = null;

  private constructor(
    private tree: Tree,
    private account: Account,
  ) {}

  /** Lets go of those that wait to be used again. */
  static forgetSpare(): void {
    spare = null;
    spares = 0;
  }

  /** creator: as the field; payer: as Holder says. */
  static start(tree: Tree, id: number, creator: number, account: Account, payer: Writer | null): Transaction {
    let t = spare;
    if (t === null) {
      t = new Transaction(tree, account);
    } else {
      spare = t.nextSpare;
      t.nextSpare = null;
      spares--;
      t.tree = tree;
      t.account = account;
    }
    t.id = id;
    t.creator = creator;
    t.payer = payer;
    t.snapshot = tree.sequence;
    t.clock = tree.clock;
    tree.history.keep(t);
    t.open = true;
    t.bytes = Cost.transaction;
    account.bytes += Cost.transaction;
    return t;
  }

  /** What it knows, for who takes it over with the history. */
  save(): TransactionState {
    const id = this.id;
    const creator = this.creator;
    const failed = this.failed;
    const operations = this.operations;
    const bytes = this.bytes;
    const lost = this.lost;
    const created = this.created;
    const cuts = this.cuts;
    const snapshot = this.snapshot;
    const items = this.items.slice(0, this.touched).map((item): ItemState => {
      const known: { [field: string]: unknown } = {};
      for (const [field, value] of Object.entries(item))
        if (value !== untold[field as keyof Item]) known[field] = value;
      known.inSnapshot = 0;
      known.row = -1;
      known.children = null;
      const lists = permsFields.map((field) => (item[field] < 0 ? [] : this.tree.perms.get(item[field]).entries));
      if (item.children === null) return [item.path, known, lists];
      const { there, changes, bytes } = item.children;
      return [item.path, known, lists, { there: [...there], changes, bytes }];
    });
    return {
      id,
      creator,
      failed,
      operations,
      bytes,
      lost,
      created,
      cuts,
      snapshot,
      items: lost ? [] : items,
      order: lost ? [] : this.order.map((item) => (item === null ? -1 : item.handle)),
    };
  }

  /** To be called while the present is what its snapshot was. */
  static restore(tree: Tree, account: Account, state: TransactionState): Transaction {
    const t = Transaction.start(tree, state.id, state.creator, account, null);
    t.failed = state.failed;
    t.operations = state.operations;
    t.created = state.created;
    t.cuts = state.cuts;
    for (const [path, known, lists, children] of state.items) {
      const item = Object.assign(t.item(path), known);
      if (children !== undefined) {
        item.children = new Children();
        for (const [handle, there] of children.there) item.children.there.set(handle, there);
        item.children.changes = children.changes;
        item.children.bytes = children.bytes;
      }
      for (const [n, field] of permsFields.entries()) {
        const entries = lists[n] ?? [];
        if (entries.length > 0) item[field] = t.hold(tree.perms.intern(entries));
      }
    }
    t.plain = false;
    for (const item of t.items) if (Array.isArray(item.children)) t.takeChildren(item, item.children);
    t.charge(state.bytes - t.bytes);
    for (const handle of state.order) t.order.push(handle < 0 ? null : (t.items[handle] ?? null));
    for (const item of t.items) t.gone = Math.max(t.gone, item.rank + 1 - t.order.length);
    if (state.lost) t.lose();
    return t;
  }

  /** Whether it removed anything: then what it made says little about what it adds. */
  get removes(): boolean {
    return this.cuts > 0;
  }

  get age(): number {
    return this.snapshot;
  }

  find(path: string): number {
    const items = this.items;
    const touched = this.touched;
    // As `known`, without the call: every request comes this way.
    if (touched <= FEW) {
      for (let i = 0; i < touched; i++) {
        const item = items[i] as Item;
        if (item.path !== path) continue;
        return (item.inSnapshot === 1 && item.state === State.base && this.cuts === 0) || this.exists(item) ? i : -1;
      }
    }
    const item = this.item(path);
    return this.exists(item) ? item.handle : -1;
  }

  /** As `find`, of a path that the live store has at `row`; -1: that is not known. */
  findAt(path: string, row: number): number {
    const tree = this.tree;
    const touched = this.touched;
    if (row < 0 || !this.rowed || touched >= FEW || tree.stale !== 0) return this.find(path);
    const items = this.items;
    for (let i = 0; i < touched; i++) {
      const item = items[i] as Item;
      if (item.row !== row) continue;
      // The row can have been another node's.
      if (item.path !== path) break;
      return (item.inSnapshot === 1 && item.state === State.base && this.cuts === 0) || this.exists(item) ? i : -1;
    }
    // Before it is noted as looked for, so that it is not found without its row.
    if (this.cuts !== 0 || (((tree.generation[row] as number) - this.clock) | 0) > 0) return this.find(path);
    const item = this.add(path);
    item.row = row;
    item.inSnapshot = 1;
    return touched;
  }

  above(path: string): number {
    const seen = this.seenTo(path);
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) {
      const item = this.item(p);
      const there = item.state === State.base ? p.length <= seen && this.wasThere(item) : item.state !== State.absent;
      if (there) return item.handle;
    }
    return -1;
  }

  value(handle: number): string {
    const item = this.items[handle] as Item;
    if (item.value !== null) return item.value;
    if (item.state !== State.base) {
      this.sawFresh(item);
      return "";
    }
    let sawValue = item.sawValue;
    if (sawValue === null) {
      const tree = this.tree;
      const row = item.row;
      sawValue =
        row >= 0 && tree.stale === 0 && (((tree.generation[row] as number) - this.clock) | 0) <= 0
          ? (tree.values[row] as string)
          : tree.history.valueAt(item.path, this.snapshot);
      item.sawValue = sawValue;
      const bytes = textCost(sawValue.length);
      this.bytes += bytes;
      this.account.bytes += bytes;
    }
    return sawValue;
  }

  permissions(handle: number): number {
    this.plain = false;
    const item = this.at(handle);
    if (item.permsSet) return item.perms;
    if (item.state !== State.base) {
      this.sawFresh(item);
      return item.perms;
    }
    if (item.sawPerms < 0) item.sawPerms = this.hold(this.tree.history.permsAt(item.path, this.snapshot));
    return item.sawPerms;
  }

  listing(handle: number): string {
    this.plain = false;
    const item = this.at(handle);
    let base = "";
    if (item.state !== State.base) {
      this.sawFresh(item);
    } else {
      if (item.sawListing === null) {
        item.sawListing = this.tree.history.listingAt(item.path, this.snapshot);
        this.charge(textCost(item.sawListing.length));
      }
      base = item.sawListing;
    }
    return item.children === null ? base : this.withChanges(base, item.children);
  }

  listingVersion(handle: number): number {
    const { children } = this.at(handle);
    return this.snapshot + (children === null ? 0 : children.changes);
  }

  /** Where the name of a child starts in its path. */
  nameStart(handle: number): number {
    const { length } = this.at(handle).path;
    return length === 1 ? 1 : length + 1;
  }

  inherits(above: number, path: string): number {
    this.plain = false;
    const from = this.at(above);
    if (from.permsSet || from.state === State.renewed) {
      // What is inherited is sure; that nothing lies between is not.
      this.missing(childOnTheWay(from.path, path));
      return from.perms;
    }
    const perms = from.state === State.fresh ? from.perms : this.tree.history.permsAt(from.path, this.snapshot);
    const top = this.item(childOnTheWay(from.path, path));
    // What is removed here is still in the way in the live store.
    const item = top.state === State.absent ? top : this.item(path);
    if (item.sawAbove < 0) item.sawAbove = this.hold(perms);
    // If `above` goes meanwhile, the next one must be neither changed here nor made again by what was made below it.
    if (from.state === State.base && (from.children !== null || this.changedAbove(from.path))) from.sawPresent = true;
    return perms;
  }

  missing(path: string): void {
    this.plain = false;
    const item = this.item(path);
    if (item.state === State.base && !this.hidden(path)) item.sawMissing = true;
  }

  present(handle: number): void {
    this.plain = false;
    const item = this.at(handle);
    if (item.state === State.base) item.sawPresent = true;
  }

  childBytes(handle: number): number {
    const item = this.at(handle);
    const live = item.state === State.base ? this.tree.find(item.path) : -1;
    const bytes = live < 0 ? 0 : this.tree.childBytes(live);
    return item.children === null ? bytes : bytes + item.children.bytes;
  }

  setValue(handle: number, value: string): void {
    const item = this.items[handle] as Item;
    const bytes = textCost(value.length) - (item.value === null ? 0 : textCost(item.value.length));
    this.bytes += bytes;
    this.account.bytes += bytes;
    item.value = value;
    item.silent = false;
    if (item.order >= 0) return;
    // As `change`, without the call.
    const order = this.order;
    item.order = order.length;
    item.rank = item.order + this.gone;
    order[item.order] = item;
  }

  setPerms(handle: number, perms: number): void {
    this.plain = false;
    const item = this.at(handle);
    item.perms = this.hold(perms);
    item.permsSet = true;
    item.silent = false;
    if (item.order < 0) this.change(item);
  }

  createPath(above: number, path: string, perms: number, value: string | null): number {
    this.plain = false;
    let parent = this.at(above);
    const seen = this.seenTo(path);
    let slash = path.indexOf("/", parent.path.length === 1 ? 1 : parent.path.length + 1);
    while (slash >= 0) {
      parent = this.make(parent, path.slice(0, slash), perms, seen, true);
      slash = path.indexOf("/", slash + 1);
    }
    const item = this.make(parent, path, perms, seen, false);
    item.value = value;
    if (value !== null) this.charge(textCost(value.length));
    return item.handle;
  }

  remove(handle: number): void {
    this.plain = false;
    const item = this.at(handle);
    const parent = this.item(parentPath(item.path));
    this.present(parent.handle);
    const below = `${item.path}/`;
    for (let i = 0; i < this.touched; i++) {
      const other = this.items[i] as Item;
      if (!other.path.startsWith(below)) continue;
      const cut = other.cut;
      this.reset(other);
      if (cut) {
        // Who watches above it is told of each removal by name, as if they were done one by one.
        other.state = State.absent;
        other.cut = true;
        this.cuts++;
        continue;
      }
      // What is changed again later must come after this removal.
      if (other.order >= 0) this.order[other.order] = null;
      other.order = -1;
    }
    this.reset(item);
    item.state = State.absent;
    item.cut = true;
    this.cuts++;
    item.silent = false;
    if (item.order < 0) this.change(item);
    this.noteChild(parent, item, false);
  }

  /** Whether everything that was told would be told the same by the live store. */
  valid(): boolean {
    const tree = this.tree;
    if (tree.sequence === this.snapshot) return true;
    const items = this.items;
    const touched = this.touched;
    // What was told of a node itself, and of no other, cannot differ where the node did not change.
    const rowed = this.plain && tree.stale === 0;
    for (let i = 0; i < touched; i++) {
      const item = items[i] as Item;
      const row = item.row;
      if (rowed && row >= 0 && (((tree.generation[row] as number) - this.clock) | 0) <= 0) continue;
      if (!this.still(item)) return false;
    }
    return true;
  }

  /** Nothing has changed since its start. */
  get current(): boolean {
    return this.tree.sequence === this.snapshot;
  }

  /** The domains whose changes stand in the way; not everybody can be told. */
  hinderers(): Set<number> {
    const { history } = this.tree;
    const found = new Set<number>();
    for (let i = 0; i < this.touched; i++) {
      const item = this.items[i] as Item;
      if (this.still(item)) continue;
      let told = 0;
      if (item.sawValue !== null) told |= News.value;
      if (item.sawPerms >= 0) told |= News.perms;
      if (item.sawListing !== null) told |= News.listing;
      history.changers(item.path, this.snapshot, told, item.sawAbove >= 0, found);
    }
    return found;
  }

  /** Whether it changed anything: one that only read always succeeds. */
  get writes(): boolean {
    return this.order.length > 0;
  }

  /** Applies the changes to the live store; the caller commits or rolls back. */
  apply(sink: CommitSink): void {
    const order = this.order;
    const tree = this.tree;
    // Values of nodes that are there, most often as they were at START.
    const rowed = this.plain && tree.stale === 0;
    for (let i = 0; i < order.length; i++) {
      const item = order[i] as Item | null;
      if (item === null) continue;
      const row = item.row;
      if (rowed && row >= 0 && (((tree.generation[row] as number) - this.clock) | 0) <= 0) {
        tree.setValue(row, item.value as string);
        if (tree.watches.count > 0) sink.changed(row, -1, item.rank);
      } else {
        this.applyItem(item, sink);
      }
    }
  }

  /** Who, besides its creator, owns nodes that it gives values, and has a bound; null: nobody. */
  otherOwners(): Set<number> | null {
    const { tree, order, creator } = this;
    let others: Set<number> | null = null;
    for (const item of order as readonly (Item | null)[]) {
      if (item === null || item.value === null) continue;
      const id = tree.find(item.path);
      const owner = id < 0 ? creator : tree.perms.get(tree.permissions(id)).owner;
      if (owner === creator || tree.owners.unbound(owner)) continue;
      others ??= new Set();
      others.add(owner);
    }
    return others;
  }

  /** Gives the snapshot up: from here on only what was told and changed is known. */
  closeSnapshot(): void {
    if (!this.open) return;
    this.open = false;
    this.tree.history.close(this);
  }

  /** Its snapshot is taken away, with all that it knows: what is kept for it became too much. It can only end. */
  lose(): void {
    this.lost = true;
    this.closeSnapshot();
    this.forget();
  }

  /** Lets go of what it was told and what it changed. */
  forget(): void {
    for (const perms of this.heldPerms) this.tree.perms.release(perms);
    this.heldPerms.length = 0;
    this.items.length = 0;
    this.byPath.clear();
    this.order.length = 0;
    this.touched = this.cuts = this.gone = 0;
    this.charge(Cost.transaction - this.bytes);
  }

  /** Lets go of everything it holds. The object may be another transaction's next: nobody keeps it. */
  close(): void {
    const items = this.items;
    const touched = this.touched;
    const heldPerms = this.heldPerms;
    if (this.open) this.closeSnapshot();
    if (heldPerms.length > 0) {
      for (const perms of heldPerms) this.tree.perms.release(perms);
      heldPerms.length = 0;
    }
    this.account.bytes -= this.bytes;
    if (spares === SPARE_TRANSACTIONS) return;
    // Those behind are let go of.
    const kept = touched < FEW ? touched : FEW;
    if (this.plain) {
      for (let i = 0; i < kept; i++) {
        const item = items[i] as Item;
        // As `clear`, of one of which nothing else can have been noted.
        item.path = "";
        item.sawValue = item.value = null;
        item.order = item.row = -1;
        item.inSnapshot = 0;
      }
    } else {
      for (let i = 0; i < kept; i++) (items[i] as Item).clear();
    }
    this.plain = this.rowed = true;
    if (touched > FEW) {
      items.length = FEW;
      this.byPath.clear();
    }
    this.order.length = 0;
    this.touched = this.operations = this.bytes = this.created = this.cuts = this.gone = 0;
    this.failed = -1;
    this.lost = false;
    this.nextSpare = spare;
    spare = this;
    spares++;
  }

  private applyItem(item: Item, sink: CommitSink): void {
    const tree = this.tree;
    if (item.state === State.base && item.value !== null && !item.permsSet && !item.cut) {
      // Most often: a value, of a node that is there.
      const id = tree.find(item.path);
      if (id >= 0) {
        tree.setValue(id, item.value);
        if (!item.silent) sink.changed(id, -1, item.rank);
        return;
      }
    }
    const gone = item.state === State.absent;
    // Who could read the node that was there is told of what is there now.
    let oldPerms = -1;
    if (item.cut) {
      const id = tree.find(item.path);
      if (id >= 0) {
        if (!gone) oldPerms = this.keepPerms(id);
        sink.removing(id, !gone, item.rank);
        tree.remove(id);
      }
    }
    if (gone) return;
    let id = tree.find(item.path);
    if (id < 0) {
      const up = parentPath(item.path);
      let parent = tree.find(up);
      const above = parent >= 0 ? parent : tree.above(up);
      const inherited = tree.perms.inherit(tree.permissions(above), this.creator);
      // Parents that went meanwhile come back as plain ones.
      if (parent < 0) parent = tree.createPath(above, up, inherited, null, tree.nameStart(above));
      id = tree.create(parent, item.path, item.perms >= 0 ? item.perms : inherited, item.value ?? "");
      if (!item.silent) sink.changed(id, oldPerms, item.rank);
      return;
    }
    if (item.value !== null) tree.setValue(id, item.value);
    if (item.permsSet) {
      oldPerms = this.keepPerms(id);
      tree.setPerms(id, item.perms);
    }
    if (!item.silent && (item.value !== null || item.permsSet)) sink.changed(id, oldPerms, item.rank);
  }

  /** The permissions of a node, until the transaction is closed. */
  private keepPerms(id: number): number {
    const perms = this.tree.permissions(id);
    this.tree.perms.hold(perms);
    this.heldPerms.push(perms);
    return perms;
  }

  /** Whether the live store would tell the same of a path. */
  private still(item: Item): boolean {
    const tree = this.tree;
    const id = tree.find(item.path);
    if (id >= 0) {
      if (item.sawMissing) return false;
      if (item.sawValue !== null && tree.values[id] !== item.sawValue) return false;
      if (item.sawPerms >= 0 && !tree.perms.same(tree.permissions(id), item.sawPerms)) return false;
      if (item.sawListing !== null && tree.listing(id) !== item.sawListing) return false;
    } else if (item.sawPresent || item.sawValue !== null || item.sawPerms >= 0 || item.sawListing !== null) {
      return false;
    } else if (item.order >= 0 && item.state === State.base && this.setPermsAbove(item.path)) {
      return false;
    }
    if (item.sawAbove < 0) return true;
    const above = tree.above(item.path);
    return above >= 0 && tree.perms.same(tree.permissions(above), item.sawAbove);
  }

  /**
   * Whether it gave other permissions to what is now right above a node that went meanwhile: what the node, made again,
   * would inherit depends on which of the two came first, and that is not kept.
   */
  private setPermsAbove(path: string): boolean {
    const above = this.tree.above(path);
    return above >= 0 && this.known(this.tree.paths[above] as string)?.permsSet === true;
  }

  private at(handle: number): Item {
    return this.items[handle] as Item;
  }

  /** What is known of a path; undefined: nothing yet. */
  private known(path: string): Item | undefined {
    const items = this.items;
    const touched = this.touched;
    if (touched > FEW) return this.byPath.get(path);
    for (let i = 0; i < touched; i++) {
      const item = items[i] as Item;
      if (item.path === path) return item;
    }
    return undefined;
  }

  private item(path: string): Item {
    const item = this.known(path);
    if (item !== undefined) return item;
    this.rowed = false;
    return this.add(path);
  }

  /** An item of a path of which nothing is known. */
  private add(path: string): Item {
    const items = this.items;
    const touched = this.touched;
    let item: Item;
    if (touched < items.length) item = items[touched] as Item;
    else items[touched] = item = new Item(path, touched);
    item.path = path;
    if (touched > FEW) this.byPath.set(path, item);
    else if (touched === FEW) for (const one of items) this.byPath.set(one.path, one);
    this.touched = touched + 1;
    const bytes = Cost.item + path.length;
    this.bytes += bytes;
    this.account.bytes += bytes;
    return item;
  }

  private exists(item: Item): boolean {
    if (item.state !== State.base) return item.state !== State.absent;
    return !this.hidden(item.path) && this.wasThere(item);
  }

  /** Whether the snapshot has it. */
  private wasThere(item: Item): boolean {
    if (item.inSnapshot === 0) item.inSnapshot = this.tree.history.rowAt(item.path, this.snapshot) >= 0 ? 1 : 2;
    return item.inSnapshot === 1;
  }

  /** Whether the transaction removed an ancestor, so that the snapshot's node is not seen. */
  private hidden(path: string): boolean {
    if (this.cuts === 0) return false;
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) {
      if (this.known(p)?.cut) return true;
    }
    return false;
  }

  /**
   * How long a path above this one, or the path itself, is at most of which `hidden` is false: to ask that for each of
   * them would take the square of their number.
   */
  private seenTo(path: string): number {
    let seen = path.length;
    if (this.cuts === 0) return seen;
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) {
      if (this.known(p)?.cut) seen = p.length;
    }
    return seen;
  }

  private changedAbove(path: string): boolean {
    if (this.order.length === 0) return false;
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) {
      const item = this.known(p);
      if (item !== undefined && (item.order >= 0 || item.children !== null)) return true;
    }
    return false;
  }

  /** What a node made here has by default was told: it depends on there having been none. */
  private sawFresh(item: Item): void {
    this.plain = false;
    if (item.state === State.fresh) item.sawMissing = true;
  }

  private charge(bytes: number): void {
    this.bytes += bytes;
    this.account.bytes += bytes;
  }

  private hold(perms: number): number {
    // Most nodes that it makes have the same.
    if (this.heldPerms[this.heldPerms.length - 1] === perms) return perms;
    this.tree.perms.hold(perms);
    this.heldPerms.push(perms);
    this.charge(Cost.held);
    return perms;
  }

  /** Notes the first change. */
  private change(item: Item): void {
    this.putLast(item);
    item.rank = item.order + this.gone;
  }

  /** Puts an item at the end of the order. Places without one are let go of once they are many. */
  private putLast(item: Item): void {
    const order = this.order;
    if (order.length > 2 * this.touched + STALE_PLACES) {
      let kept = 0;
      for (const one of order) {
        if (one === null) continue;
        one.order = kept;
        order[kept++] = one;
      }
      this.gone += order.length - kept;
      order.length = kept;
    }
    item.order = order.length;
    order.push(item);
  }

  /** `seen`: how long a path is at most that its removals did not hide. */
  private make(parent: Item, path: string, perms: number, seen: number, onTheWay: boolean): Item {
    const item = this.item(path);
    // One that was removed before is told of, however it comes back.
    item.silent = onTheWay && item.order < 0;
    if (item.state === State.absent) {
      // A child made again goes to the end, after what was made meanwhile.
      this.order[item.order] = null;
      this.putLast(item);
    }
    item.state = item.state === State.absent || path.length > seen ? State.renewed : State.fresh;
    item.perms = this.hold(perms);
    if (item.order < 0) this.change(item);
    this.noteChild(parent, item, true);
    this.created++;
    return item;
  }

  private noteChild(parent: Item, child: Item, made: boolean): void {
    let of = parent.children;
    if (of === null) {
      of = parent.children = new Children();
      this.charge(Cost.children);
    }
    const size = child.path.length - parent.path.length;
    // The root's path ends with the slash that stands for the NUL here.
    const bytes = parent.path.length === 1 ? size + 1 : size;
    of.bytes += made ? bytes : -bytes;
    of.changes++;
    // To the end, wherever it was.
    if (!of.there.delete(child.handle)) this.charge(Cost.child);
    of.there.set(child.handle, made);
  }

  /** Earlier programs saved each change of a child, with a sign before its name. */
  private takeChildren(parent: Item, changes: readonly string[]): void {
    const above = parent.path.length === 1 ? "" : parent.path;
    parent.children = null;
    for (const change of changes)
      this.noteChild(parent, this.item(`${above}/${change.slice(1)}`), change.charCodeAt(0) === 43);
  }

  private withChanges(listing: string, { there }: Children): string {
    const changed = new Set<string>();
    const made: string[] = [];
    for (const [handle, is] of there) {
      const name = baseName(this.at(handle).path);
      changed.add(name);
      if (is) made.push(name);
    }
    const names = listing.split("\0");
    names.pop();
    const all = names.filter((name) => !changed.has(name));
    for (const name of made) all.push(name);
    return all.length > 0 ? `${all.join("\0")}\0` : "";
  }

  /** Back to the snapshot. */
  private reset(item: Item): void {
    if (item.state === State.fresh || item.state === State.renewed) this.created--;
    if (item.value !== null) this.charge(-textCost(item.value.length));
    item.state = State.base;
    item.value = null;
    item.perms = -1;
    item.permsSet = false;
    if (item.children !== null) this.charge(-Cost.children - item.children.there.size * Cost.child);
    item.children = null;
    if (item.cut) {
      item.cut = false;
      this.cuts--;
    }
  }
}

/** The path one component below `from`, on the way to `path`. */
function childOnTheWay(from: string, path: string): string {
  const slash = path.indexOf("/", from.length === 1 ? 1 : from.length + 1);
  return slash < 0 ? path : path.slice(0, slash);
}
