import { nodeCost, valueCost } from "./cost.ts";
import { History } from "./history.ts";
import type { Journal } from "./journal.ts";
import { Listings } from "./listings.ts";
import { Owners } from "./owners.ts";
import type { PathIndex } from "./path-index.ts";
import { PermsTable } from "./perms-table.ts";
import { Reclaim } from "./reclaim.ts";
import { allocate, Change, changeOwner, Flag, type Rows, resized } from "./rows.ts";
import { makeRoomForNote, rollback } from "./undo.ts";
import type { View } from "./view.ts";
import { WatchIndex } from "./watch.ts";

/** Undo notes whose arrays are kept from one commit to the next. */
const SMALL = 64;
/** Value of historyMark while no snapshot was open at the first change. */
const NO_RECORDS = 0x3fff_ffff;

/**
 * The database. A node is a row number; its fields are columns; `index` leads from its path to the row. Every change
 * goes through `setValue`, `setPerms`, `create` or `remove`, which note how to undo it: `commit` makes the changes
 * since the last one final, `rollback` undoes them. (`putValue` is a change with its commit.) Each allocates what it
 * needs first, so that a failure half way can be undone without memory.
 *
 * A removed subtree is unlinked at its root in one step. Its rows leave the index later, in slices: until then a row
 * from the index is checked for a dead ancestor.
 */
export class Tree implements View, Rows {
  readonly perms = new PermsTable();
  readonly owners: Owners;
  readonly history: History;
  readonly watches: WatchIndex;
  readonly listings: Listings;
  readonly reclaim: Reclaim;

  values: string[] = [];
  paths: string[] = [];
  parent = new Int32Array(64);
  first = new Int32Array(64).fill(-1);
  last = new Int32Array(64).fill(-1);
  next = new Int32Array(64).fill(-1);
  prev = new Int32Array(64).fill(-1);
  permsOf = new Int32Array(64).fill(-1);
  place = new Int32Array(64);
  generation = new Int32Array(64);
  names = new Int32Array(64);
  below = new Int32Array(64);
  flags = new Uint8Array(64);

  /** Number of the last commit. */
  sequence = 0;
  /** Removed subtrees that are not completely swept. */
  stale = 0;
  /** Nodes in the store, those of removed subtrees included until they are swept. */
  size = 0;

  /** The latest generation. `generation` has its low 32 bits only. */
  clock = 0;
  top = 0;
  freeRow = -1;

  /** Called when the first subtree to sweep or the first history record appears. */
  onDeferredWork: () => void = () => {};

  /**
   * Undo notes of the changes since the last commit: how many, how many of permissions, then kind, row and old state.
   */
  changes = 0;
  permsChanges = 0;
  kinds: number[] = [];
  rows: number[] = [];
  olds: (string | number)[] = [];
  historyMark = NO_RECORDS;

  /** The journal that gets changes at their commit; null: none. */
  journal: Journal | null = null;
  private changed: Int32Array = new Int32Array(1);

  /** `immortal`: domains whose nodes are only counted. `index` leads from a path to its row. */
  constructor(
    immortal: readonly number[],
    readonly index: PathIndex,
  ) {
    index.begin(this.paths);
    this.owners = new Owners(immortal);
    this.history = new History(this);
    this.watches = new WatchIndex(this);
    this.listings = new Listings(this);
    this.reclaim = new Reclaim(this);
  }

  /** The row of an existing path; -1: there is none. */
  find(path: string): number {
    const id = this.index.find(path);
    return id >= 0 && this.stale !== 0 && this.deadRoot(id) >= 0 ? -1 : id;
  }

  /** The root of the removed subtree that has this row; -1: the row is alive. */
  deadRoot(id: number): number {
    let n = id;
    while (n >= 0) {
      if ((this.flags[n] as number) & Flag.dead) return n;
      n = this.parent[n] as number;
    }
    return -1;
  }

  value(id: number): string {
    return this.values[id] as string;
  }

  permissions(id: number): number {
    return this.permsOf[id] as number;
  }

  childBytes(id: number): number {
    return this.names[id] as number;
  }

  listingVersion(id: number): number {
    return (this.generation[id] as number) >>> 0;
  }

  inherits(above: number): number {
    return this.permsOf[above] as number;
  }

  /** The live tree keeps no read set. */
  missing(): void {}
  present(): void {}

  setValue(id: number, value: string): void {
    const values = this.values;
    const history = this.history;
    const old = values[id] as string;
    const n = this.changes;
    // The undo note. Each of the four functions has a copy, since a call would cost more.
    if (n === 0 && history.active) this.historyMark = history.mark;
    this.kinds[n] = Change.value;
    this.rows[n] = id;
    this.olds[n] = old;
    this.changes = n + 1;
    if (history.active) history.value(this.paths[id] as string, old);
    values[id] = value;
    if ((this.place[id] as number) >= 0) resized(this, id, valueCost(value.length) - valueCost(old.length));
    this.generation[id] = ++this.clock;
  }

  /**
   * As `setValue` with `commit`, while no snapshot is open and no change pending. The caller must not fail after it.
   */
  putValue(id: number, value: string): void {
    // First, because it can fail.
    this.rows[0] = id;
    if ((this.place[id] as number) >= 0)
      resized(this, id, valueCost(value.length) - valueCost((this.values[id] as string).length));
    this.values[id] = value;
    this.generation[id] = ++this.clock;
    this.sequence++;
    this.changed[0] = 1;
  }

  setPerms(id: number, perms: number): void {
    const old = this.permsOf[id] as number;
    this.generation[id] = ++this.clock;
    if (old === perms) return;
    const n = this.changes;
    const lists = this.perms;
    // The undo note.
    if (n === 0 && this.history.active) this.historyMark = this.history.mark;
    this.kinds[n] = Change.perms;
    this.rows[n] = id;
    this.olds[n] = old;
    this.changes = n + 1;
    if (this.history.active) this.history.perms(this.paths[id] as string, old);
    if (lists.get(old).owner !== lists.get(perms).owner) changeOwner(this, id, old, perms);
    lists.hold(perms);
    this.permsOf[id] = perms;
    this.permsChanges++;
  }

  /** Makes a node and returns its row. parent -1: a root, `/` or a special node. */
  create(parent: number, path: string, perms: number, value: string): number {
    return this.make(parent, path, perms, value, parent < 0 ? path.lastIndexOf("/") + 1 : this.nameStart(parent));
  }

  /** As `create`; `nameStart` is the index in `path` where the node's name starts. */
  make(parent: number, path: string, perms: number, value: string, nameStart: number): number {
    const n = this.changes;
    const history = this.history;
    if (n === this.olds.length) makeRoomForNote(this);
    const dead = this.stale === 0 ? -1 : this.index.find(path);
    const id = allocate(this, path, value);
    // The undo note.
    if (n === 0 && history.active) this.historyMark = history.mark;
    this.kinds[n] = Change.create;
    this.rows[n] = id;
    this.olds[n] = dead;
    this.changes = n + 1;
    this.parent[id] = parent;
    this.place[id] = this.owners.add(this.perms.get(perms).owner, id, nodeCost(path, nameStart, value.length));
    this.permsOf[id] = perms;
    this.perms.hold(perms);
    this.size++;
    if (history.active) {
      if (dead >= 0) this.reclaim.reclaimEarly(path, dead);
      history.created(path);
      if (parent >= 0) history.children(parent, true, path.slice(nameStart), "");
    }
    this.index.put(path, id);
    const clock = this.clock + 2;
    this.clock = clock;
    this.generation[id] = clock;
    if (parent >= 0) {
      const last = this.last;
      const names = this.names;
      const previous = last[parent] as number;
      if (previous < 0) {
        this.first[parent] = id;
      } else {
        this.next[previous] = id;
        this.prev[id] = previous;
      }
      last[parent] = id;
      names[parent] = (names[parent] as number) + path.length - nameStart + 1;
      this.generation[parent] = clock - 1;
      if ((this.flags[parent] as number) & Flag.listed) this.listings.forget(parent);
    }
    this.flags[id] = Flag.linked;
    if (this.watches.unattached > 0) this.watches.appear(path, id);
    return id;
  }

  /**
   * Makes a node and its missing parents below `above`, its nearest existing ancestor, whose children's names start at
   * index `start` of their paths. Returns the row of the node.
   */
  createPath(above: number, path: string, perms: number, value: string | null, start: number): number {
    let parent = above;
    let slash = path.indexOf("/", start);
    if (slash < 0) return this.make(parent, path, perms, value ?? "", start);
    while (slash >= 0) {
      parent = this.create(parent, path.slice(0, slash), perms, "");
      slash = path.indexOf("/", slash + 1);
    }
    return this.create(parent, path, perms, value ?? "");
  }

  /** The nearest existing ancestor of a path that does not exist; -1 above a special path. */
  above(path: string): number {
    // Lengths of the longest prefix known to exist and the shortest known not to.
    let low = 0;
    let high = path.lastIndexOf("/");
    if (high < 0) return -1;
    let above = -1;
    // Usually it is the parent. If not: ancestors of an existing node exist, so a binary search over the levels works.
    let slash = high;
    while (slash > low && slash <= high) {
      const id = this.find(path.slice(0, slash));
      if (id >= 0) {
        if (slash === high) return id;
        above = id;
        low = slash;
      } else {
        high = slash;
      }
      const middle = (low + high) >> 1;
      slash = path.lastIndexOf("/", middle);
      if (slash <= low) slash = path.indexOf("/", middle + 1);
      if (slash === high) break;
    }
    return above < 0 && path.charCodeAt(0) === 47 ? this.find("/") : above;
  }

  /** Unlinks a subtree. Its rows stay readable until they are swept. `id` must not be a root. */
  remove(id: number): void {
    const path = this.paths[id] as string;
    const parent = this.parent[id] as number;
    const next = this.next[id] as number;
    const nameStart = this.nameStart(parent);
    const n = this.changes;
    // The undo note.
    if (n === 0 && this.history.active) this.historyMark = this.history.mark;
    this.kinds[n] = Change.unlink;
    this.rows[n] = id;
    this.olds[n] = 0;
    this.changes = n + 1;
    this.reclaim.add(id);
    if (this.history.active) {
      const before = next < 0 ? "" : (this.paths[next] as string).slice(nameStart);
      this.history.children(parent, false, path.slice(nameStart), before);
      const by = this.history.author();
      this.reclaim.removedBy(id, by);
      if (this.history.removed(path, id, this.sequence + 1, by))
        this.flags[id] = (this.flags[id] as number) | Flag.held;
    }
    if (this.stale++ === 0) this.onDeferredWork();
    const prev = this.prev[id] as number;
    if (prev < 0) this.first[parent] = next;
    else this.next[prev] = next;
    if (next < 0) this.last[parent] = prev;
    else this.prev[next] = prev;
    this.names[parent] = (this.names[parent] as number) - (path.length - nameStart + 1);
    this.generation[parent] = ++this.clock;
    if ((this.flags[parent] as number) & Flag.listed) this.listings.forget(parent);
    this.flags[id] = ((this.flags[id] as number) | Flag.dead) & ~Flag.linked;
    if ((this.below[id] as number) > 0) {
      this.watches.vanish(id);
      this.countWatched(parent, -(this.below[id] as number));
    }
  }

  /**
   * Makes the changes final. `alone`: no other commit follows before the reply. Then the journal's C side reads a
   * single change when it publishes the reply, which saves a call.
   */
  commit(alone?: boolean): void {
    const changes = this.changes;
    const journal = this.journal;
    if (changes === 0) return;
    if (journal !== null) {
      if (alone && changes === 1 && this.permsChanges === 0) this.changed[0] = 1;
      // It can fail, while nothing is final yet.
      else journal.changes(changes);
    }
    this.sequence++;
    if (this.permsChanges > 0) {
      const kinds = this.kinds;
      // `rollback` needed the old lists until here.
      for (let n = 0; n < changes; n++) if (kinds[n] === Change.perms) this.perms.release(this.olds[n] as number);
      this.permsChanges = 0;
    }
    if (changes < SMALL) {
      // As `forgetChanges`, without the call: most requests change little.
      this.changes = 0;
      this.historyMark = NO_RECORDS;
      return;
    }
    this.forgetChanges();
  }

  /** Sends all later changes to a journal. */
  attachJournal(journal: Journal): void {
    this.journal = journal;
    this.changed = journal.changed;
    this.perms.journal = journal;
    journal.places(this.parent.length);
    this.showColumns();
  }

  /** Passes the columns to the journal again after one was replaced. */
  showColumns(): void {
    this.journal?.columns(this);
  }

  /** Undoes the changes since the last commit. It needs no memory. */
  rollback(): void {
    rollback(this);
  }

  /** The names of the children, each with a NUL, in order of creation. */
  listing(id: number): string {
    if ((this.flags[id] as number) & Flag.listed) return this.listings.texts.get(id) as string;
    return this.listings.make(id);
  }

  /** Frees cached listings. */
  compact(): void {
    this.listings.forgetAll();
  }

  /** Adds to the count of watched nodes from `id` up to its root. */
  countWatched(id: number, change: number): void {
    let n = id;
    while (n >= 0) {
      this.below[n] = (this.below[n] as number) + change;
      n = this.parent[n] as number;
    }
  }

  /** The index in a child's path where its name starts. */
  nameStart(parent: number): number {
    const length = (this.paths[parent] as string).length;
    return length === 1 ? 1 : length + 1;
  }

  forgetChanges(): void {
    this.changes = 0;
    this.permsChanges = 0;
    this.historyMark = NO_RECORDS;
    if (this.olds.length > SMALL) {
      const [kinds, rows, olds]: [number[], number[], (string | number)[]] = [[], [], []];
      this.kinds = kinds;
      this.rows = rows;
      this.olds = olds;
      this.showColumns();
    }
  }
}
