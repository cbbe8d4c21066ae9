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

/** Ended transactions kept for reuse, with their first items: setting an object's properties one by one is slow. */
let spare: Transaction | null = null;
let spares = 0;
const SPARE_TRANSACTIONS = 64;

/** Receives the changes of a commit. `rank` is the position of a path's first change among all first changes. */
export interface CommitSink {
  /**
   * A subtree is about to be removed. `recreated`: the commit makes its root again at once and reports that as a
   * change.
   */
  removing(id: number, recreated: boolean, rank: number): void;
  /** A node was made or changed. `oldPerms`: its permission list before; -1: unchanged. */
  changed(id: number, oldPerms: number, rank: number): void;
}

/**
 * A transaction sees the store as it was at START, with its own changes. It keeps what it read and compares that with
 * the live store at END. If nothing differs, the same requests would read the same now, so the changes are applied to
 * the live store as it is now.
 */
export class Transaction extends WriteSet implements Holder {
  /** The number on the wire. */
  id = 0;
  /** The domid that owns new nodes; -1 for a privileged connection, whose nodes keep their parent's owner. */
  creator = -1;
  /** The error that END returns because a request exceeded a quota; -1: none did. */
  failed = -1;
  /** Requests made in it. */
  operations = 0;
  /** For a privileged client: when it was opened, in milliseconds of Host.now. */
  started = 0;
  /** Its snapshot was given up: END returns EAGAIN. */
  lost = false;
  /** The history keeps its snapshot. */
  open = false;
  payer: Writer | null = null;
  /** The next spare transaction. */
  private nextSpare: Transaction | null = null;

  private constructor(tree: Tree, account: Account) {
    super(tree, account);
  }

  /** Frees the spare transactions. */
  static forgetSpare(): void {
    spare = null;
    spares = 0;
  }

  /**
   * Opens a transaction on the current state. `creator` as the field; `payer` as Holder.payer; `account` is charged
   * for it.
   */
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

  /** Its state for another program, which restores the history as well. */
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

  /** Restores a saved transaction. To be called while the live store is in the state of its snapshot. */
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

  /** Whether it has removed nodes, so that `created` says little about how many nodes it adds. */
  get removes(): boolean {
    return this.cuts > 0;
  }

  /** Validates the read set: whether the live store would answer every read in the same way. */
  valid(): boolean {
    const tree = this.tree;
    if (tree.sequence === this.snapshot) return true;
    const items = this.items;
    const touched = this.touched;
    // Reads of values only: a node that did not change since START needs no comparison.
    const rowed = this.plain && tree.stale === 0;
    for (let i = 0; i < touched; i++) {
      const item = items[i] as Item;
      const row = item.row;
      if (rowed && row >= 0 && (((tree.generation[row] as number) - this.clock) | 0) <= 0) continue;
      if (!this.still(item)) return false;
    }
    return true;
  }

  /** Whether there was no commit since START. */
  get current(): boolean {
    return this.tree.sequence === this.snapshot;
  }

  /** After `valid` failed: the domains that caused it, as Changers.found. */
  conflictingWriters(): ReadonlyMap<Writer, number> {
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

  /** Whether it changed anything. A read-only transaction always succeeds. */
  get writes(): boolean {
    return this.order.length > 0;
  }

  /** Applies the changes to the live store and reports each to `sink`. The caller commits or rolls back. */
  apply(sink: CommitSink): void {
    const order = this.order;
    const tree = this.tree;
    // The usual change: the value of a node that did not change since START.
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

  /** The other domains with a quota whose nodes get a value; null: none. */
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

  /** Closes the snapshot. Only the read set and the changes remain usable. */
  closeSnapshot(): void {
    if (!this.open) return;
    this.open = false;
    this.tree.history.close(this);
  }

  /** Gives up the snapshot, read set and changes because the history takes too much memory. END returns EAGAIN. */
  lose(): void {
    this.lost = true;
    this.closeSnapshot();
    this.forget();
  }

  /** Frees the read set and the changes. */
  forget(): void {
    for (const perms of this.heldPerms) this.tree.perms.release(perms);
    this.heldPerms.length = 0;
    this.items.length = 0;
    this.byPath.clear();
    this.order.length = 0;
    this.touched = this.cuts = this.gone = 0;
    this.charge(Cost.transaction - this.bytes);
  }

  /** Frees everything. The object may be reused for another transaction, so no caller may keep it. */
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
    // Only the first FEW items are kept for reuse.
    const kept = touched < FEW ? touched : FEW;
    if (this.plain) {
      for (let i = 0; i < kept; i++) {
        const item = items[i] as Item;
        // As Item.clear, for the only fields that a plain transaction sets.
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
      // The usual change: the value of an existing node.
      const id = tree.find(item.path);
      if (id >= 0) {
        tree.setValue(id, item.value);
        if (!item.implicit) sink.changed(id, -1, item.rank);
        return;
      }
    }
    const gone = item.state === State.absent;
    // Who could read the old node gets an event for the new one.
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
      const inherit = (): number => tree.perms.inherit(tree.permissions(above), this.creator);
      // Parents that another client removed are made again, as plain nodes.
      if (parent < 0) parent = tree.createPath(above, up, inherit(), null, tree.nameStart(above));
      id = tree.create(parent, item.path, item.perms >= 0 ? item.perms : inherit(), item.value ?? "");
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

  /** The permission list of a node, with a reference until the transaction is closed. */
  private keepPerms(id: number): number {
    const perms = this.tree.permissions(id);
    this.tree.perms.hold(perms);
    this.heldPerms.push(perms);
    return perms;
  }

  /** Whether the live store would answer all reads of one path in the same way. */
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
   * Whether it changed the permissions of what is now the nearest ancestor of a removed node. What the node, made
   * again, would inherit depends on the order of the two changes, which is not kept.
   */
  private setPermsAbove(path: string): boolean {
    const above = this.tree.above(path);
    return above >= 0 && this.known(this.tree.paths[above] as string)?.permsSet === true;
  }
}
