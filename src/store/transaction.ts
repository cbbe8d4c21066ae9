import type { Account } from "./account.ts";
import { Changers } from "./changers.ts";
import { Cost } from "./cost.ts";
import { Children, type Item, State } from "./item.ts";
import { type Holder, News, type Writer } from "./past.ts";
import { parentPath } from "./path.ts";
import { FEW } from "./read-set.ts";
import { type ItemState, known, permsFields, setKnown, type TransactionState } from "./transaction-state.ts";
import type { Tree } from "./tree.ts";
import { WriteSet } from "./write-set.ts";

/**
 * Transactions that ended, with their first items, for those that will begin: an object is dear to make, property by
 * property.
 */
let spare: Transaction | null = null;
let spares = 0;
const SPARE_TRANSACTIONS = 16;

/** What a commit tells about each changed path; `rank` is the order of first changes. */
export interface CommitSink {
  /** A subtree is about to go; `recreated`: its root comes back at once and is told then. */
  removing(id: number, recreated: boolean, rank: number): void;
  /** oldPerms -1: they did not change. */
  changed(id: number, oldPerms: number, rank: number): void;
}

/**
 * A transaction sees the store as it was at START, and its own changes on top.
 * It notes what it was told and compares it with the live store at the end: if
 * nothing differs, running it now would have told the same, so its changes are
 * applied to the live store as it is now.
 */
export class Transaction extends WriteSet implements Holder {
  id = 0;
  /** The domid that owns what it makes; -1 for a privileged connection. */
  creator = -1;
  /** An operation in it ran into a quota: what END must answer; -1: none did. */
  failed = -1;
  /** Requests in it. */
  operations = 0;
  /** Of a privileged client's: when it was opened, in milliseconds of the host's clock. */
  started = 0;
  /** Its snapshot was given up: END must fail. */
  lost = false;
  /** Its snapshot is kept. */
  open = false;
  payer: Writer | null = null;
  /** Of one that waits to be used again: the next of these. */
  private nextSpare: Transaction | null = null;

  private constructor(tree: Tree, account: Account) {
    super(tree, account);
  }

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
      const lists = permsFields.map((field) => (item[field] < 0 ? [] : this.tree.perms.get(item[field]).entries));
      if (item.children === null) return [item.path, known(item), lists];
      const { there, changes, bytes } = item.children;
      return [item.path, known(item), lists, { there: [...there], changes, bytes }];
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
    for (const [path, saved, lists, children] of state.items) {
      const item = t.item(path);
      setKnown(item, saved);
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

  /** The domains whose changes stand in the way, as Changers.found. */
  conflictingDomains(): ReadonlyMap<number, number> {
    const changers = new Changers(this.tree.history, this.snapshot);
    for (let i = 0; i < this.touched; i++) {
      const item = this.items[i] as Item;
      if (this.still(item)) continue;
      let told = 0;
      if (item.readValue !== null) told |= News.value;
      if (item.readPerms >= 0) told |= News.perms;
      if (item.readListing !== null) told |= News.listing;
      changers.look(item.path, told, item.readAbove >= 0);
    }
    return changers.found;
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
        item.readValue = item.value = null;
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
        if (!item.implicit) sink.changed(id, -1, item.rank);
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
      if (!item.implicit) sink.changed(id, oldPerms, item.rank);
      return;
    }
    if (item.value !== null) tree.setValue(id, item.value);
    if (item.permsSet) {
      oldPerms = this.keepPerms(id);
      tree.setPerms(id, item.perms);
    }
    if (!item.implicit && (item.value !== null || item.permsSet)) sink.changed(id, oldPerms, item.rank);
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
      if (item.readMissing) return false;
      if (item.readValue !== null && tree.values[id] !== item.readValue) return false;
      if (item.readPerms >= 0 && !tree.perms.same(tree.permissions(id), item.readPerms)) return false;
      if (item.readListing !== null && tree.listing(id) !== item.readListing) return false;
    } else if (item.readPresent || item.readValue !== null || item.readPerms >= 0 || item.readListing !== null) {
      return false;
    } else if (item.order >= 0 && item.state === State.base && this.setPermsAbove(item.path)) {
      return false;
    }
    if (item.readAbove < 0) return true;
    const above = tree.above(item.path);
    return above >= 0 && tree.perms.same(tree.permissions(above), item.readAbove);
  }

  /**
   * Whether it gave other permissions to what is now right above a node that went meanwhile: what the node, made again,
   * would inherit depends on which of the two came first, and that is not kept.
   */
  private setPermsAbove(path: string): boolean {
    const above = this.tree.above(path);
    return above >= 0 && this.known(this.tree.paths[above] as string)?.permsSet === true;
  }
}
