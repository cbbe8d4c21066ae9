import { textCost } from "./cost.ts";
import { History } from "./history.ts";
import type { Journal } from "./journal.ts";
import { Listings } from "./listings.ts";
import { Owners } from "./owners.ts";
import type { PathIndex } from "./path-index.ts";
import { PermsTable } from "./perms.ts";
import { Reclaim } from "./reclaim.ts";
import { allocate, Change, changeOwner, Flag, type Rows, resized } from "./rows.ts";
import { makeRoomForNote, rollback } from "./undo.ts";
import type { View } from "./view.ts";
import { WatchIndex } from "./watch.ts";

/** Changes of one commit for which room stays. */
const SMALL = 64;
/** No record of the history was made since the last commit. */
const NO_RECORDS = 0x3fff_ffff;

/**
 * The database. A node is a row number; its fields are columns, its path leads to
 * the row through one index. Every change goes through `setValue`, `setPerms`,
 * `create` and `remove`, which note how to take it back: `commit` makes the
 * changes since the last one count, `rollback` undoes them. (`putValue` is a
 * change and its commit in one.) What needs memory
 * comes first in each, so that a failure half way can be undone without any.
 *
 * A removed subtree is unlinked at its root in one step. Its rows leave the index
 * later, in slices: until then a row found is checked for a dead ancestor.
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
  /** Removed subtrees that are not swept yet. */
  stale = 0;
  /** Nodes in the store. Those of removed subtrees count until they are swept. */
  size = 0;

  /** The latest of the generations, but for its higher bits, which those do not have. */
  clock = 0;
  top = 0;
  freeRow = -1;

  /** Told when there is the first subtree to sweep, or record of the past to keep an eye on. */
  onDeferredWork: () => void = () => {};

  /** Changes since the last commit. */
  changes = 0;
  permsChanges = 0;
  kinds: number[] = [];
  rows: number[] = [];
  olds: (string | number)[] = [];
  historyMark = NO_RECORDS;

  /** Where changes are told when they count; null: nowhere. */
  journal: Journal | null = null;
  private changed: Int32Array = new Int32Array(1);

  /** `immortal` domains own nodes without a list of them. `index` leads from a path to its row. */
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

  /** The row of a path that exists; -1: there is none. */
  find(path: string): number {
    const id = this.index.find(path);
    return id >= 0 && this.stale !== 0 && this.deadRoot(id) >= 0 ? -1 : id;
  }

  /** The root of the removed subtree that a row is in; -1: it is alive. */
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

  /** A live read leaves no trace. */
  missing(): void {}
  present(): void {}

  setValue(id: number, value: string): void {
    const values = this.values;
    const history = this.history;
    const old = values[id] as string;
    const n = this.changes;
    // How to take it back. In each of the four by itself: a call would cost more.
    if (n === 0 && history.active) this.historyMark = history.mark;
    this.kinds[n] = Change.value;
    this.rows[n] = id;
    this.olds[n] = old;
    this.changes = n + 1;
    if (history.active) history.value(this.paths[id] as string, old);
    values[id] = value;
    if ((this.place[id] as number) >= 0) resized(this, id, textCost(value.length) - textCost(old.length));
    this.generation[id] = ++this.clock;
  }

  /** As `setValue` and a `commit` of nothing else, while no snapshot is open. Nothing may fail after it. */
  putValue(id: number, value: string): void {
    if ((this.place[id] as number) >= 0)
      resized(this, id, textCost(value.length) - textCost((this.values[id] as string).length));
    this.rows[0] = id;
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
    // How to take it back.
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

  /** Makes one node. parent -1: a root of its own, `/` or a special node. */
  create(parent: number, path: string, perms: number, value: string): number {
    return this.make(parent, path, perms, value, parent < 0 ? 0 : this.nameStart(parent));
  }

  /** As `create`, with the place where the node's name starts. */
  make(parent: number, path: string, perms: number, value: string, nameStart: number): number {
    const n = this.changes;
    const history = this.history;
    if (n === this.olds.length) makeRoomForNote(this);
    const dead = this.stale === 0 ? -1 : this.index.find(path);
    const id = allocate(this, path, value);
    // How to take it back.
    if (n === 0 && history.active) this.historyMark = history.mark;
    this.kinds[n] = Change.create;
    this.rows[n] = id;
    this.olds[n] = dead;
    this.changes = n + 1;
    this.parent[id] = parent;
    this.place[id] = this.owners.add(this.perms.get(perms).owner, id, path.length + textCost(value.length));
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
   * Makes a node and the parents that are missing below `above`, its nearest existing ancestor, whose children's names
   * start at `start`. Returns its row; what is new comes in order of depth.
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
    // Where what exists ends for certain, and where what does not.
    let low = 0;
    let high = path.lastIndexOf("/");
    if (high < 0) return -1;
    let above = -1;
    // Most often it is the parent. If not, what exists has all its ancestors: half of the levels are left each time.
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

  /** Takes a subtree out. Its rows stay readable until the next sweep. */
  remove(id: number): void {
    const path = this.paths[id] as string;
    const parent = this.parent[id] as number;
    const next = this.next[id] as number;
    const nameStart = this.nameStart(parent);
    const n = this.changes;
    // How to take it back.
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
   * Makes the changes count. `alone`: before a request is answered there will be no other commit; then the journal
   * reads a single change when the answer counts, which costs no call.
   */
  commit(alone?: boolean): void {
    const changes = this.changes;
    const journal = this.journal;
    if (changes === 0) return;
    if (journal !== null) {
      if (alone && changes === 1 && this.permsChanges === 0) this.changed[0] = 1;
      // It can fail, and then nothing has happened yet.
      else journal.changes(changes);
    }
    this.sequence++;
    if (this.permsChanges > 0) {
      const kinds = this.kinds;
      // Until here they could have been needed again.
      for (let n = 0; n < changes; n++) if (kinds[n] === Change.perms) this.perms.release(this.olds[n] as number);
      this.permsChanges = 0;
    }
    if (changes < SMALL) {
      // As `settle`, without the call: most requests are of this kind.
      this.changes = 0;
      this.historyMark = NO_RECORDS;
      return;
    }
    this.forgetChanges();
  }

  /** From now on changes are told there. */
  attachJournal(journal: Journal): void {
    this.journal = journal;
    this.changed = journal.changed;
    this.perms.journal = journal;
    this.showColumns();
  }

  showColumns(): void {
    this.journal?.columns(this);
  }

  /** Takes back the changes since the last commit. */
  rollback(): void {
    rollback(this);
  }

  /** The names of the children, each with a NUL, in order of creation. */
  listing(id: number): string {
    if ((this.flags[id] as number) & Flag.listed) return this.listings.texts.get(id) as string;
    return this.listings.make(id);
  }

  /** Lets go of what is kept only to answer faster. */
  compact(): void {
    this.listings.forgetAll();
  }

  /** Adds to the count of watched nodes from `id` up to the root. */
  countWatched(id: number, change: number): void {
    let n = id;
    while (n >= 0) {
      this.below[n] = (this.below[n] as number) + change;
      n = this.parent[n] as number;
    }
  }

  /** Where the name of a child starts in its path. */
  nameStart(parent: number): number {
    const length = (this.paths[parent] as string).length;
    return length === 1 ? 1 : length + 1;
  }

  forgetChanges(): void {
    this.changes = 0;
    this.permsChanges = 0;
    this.historyMark = NO_RECORDS;
    if (this.olds.length > SMALL) {
      this.kinds = [];
      this.rows = [];
      this.olds = [];
      this.showColumns();
    }
  }
}
