import { LISTING_CACHE } from "../limits.ts";
import { textCost } from "./cost.ts";
import { History, NOBODY, type Writer } from "./history.ts";
import type { Journal } from "./journal.ts";
import { Owners } from "./owners.ts";
import type { PathIndex } from "./path-index.ts";
import { PermsTable } from "./perms.ts";
import type { View } from "./view.ts";
import { WatchIndex } from "./watch.ts";

/** Bits of a row. */
export const enum Flag {
  /** Root of a removed subtree. */
  dead = 1,
  /** At least one watch is set on exactly this node. */
  watched = 2,
  /** The joined listing of its children is cached. */
  listed = 4,
  /** Kept for the history. */
  held = 8,
  /** Out of the index and the accounts; only the history keeps it. */
  swept = 16,
  /** In its parent's list of children. */
  linked = 32,
}

const enum Change {
  value,
  perms,
  create,
  unlink,
}

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
export class Tree implements View {
  readonly perms = new PermsTable();
  readonly owners: Owners;
  readonly history: History;
  readonly watches: WatchIndex;

  values: string[] = [];
  paths: string[] = [];
  parent = new Int32Array(64);
  first = new Int32Array(64).fill(-1);
  last = new Int32Array(64).fill(-1);
  next = new Int32Array(64).fill(-1);
  prev = new Int32Array(64).fill(-1);
  permsOf = new Int32Array(64).fill(-1);
  /** Place in the owner's list. */
  place = new Int32Array(64);
  /** Differs after each change of the node itself or of its list of children. */
  generation = new Int32Array(64);
  /** Bytes of the joined names of the children. */
  names = new Int32Array(64);
  /** Watched nodes in the subtree, this one included. */
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
  private top = 0;
  private freeRow = -1;

  /** Told when there is the first subtree to sweep, or record of the past to keep an eye on. */
  chore: () => void = () => {};

  /** Changes since the last commit. */
  changes = 0;
  private permsChanges = 0;
  private kinds: number[] = [];
  rows: number[] = [];
  private olds: (string | number)[] = [];
  private historyMark = NO_RECORDS;

  /** Where changes are told when they count; null: nowhere. */
  private journal: Journal | null = null;
  private changed: Int32Array = new Int32Array(1);
  /** Rows buried that it was not told of yet. */
  private buried = 0;

  private graves: number[] = [];
  private readonly deaths = new Map<number, number>();
  /** Who removed them, of those that an open snapshot may have seen. */
  private readonly removers = new Map<number, Writer>();
  private cursor = -1;

  private readonly listings = new Map<number, string>();
  private listingBytes = 0;

  /** `immortal` domains own nodes without a list of them. `index` leads from a path to its row. */
  constructor(
    immortal: readonly number[],
    readonly index: PathIndex,
  ) {
    index.begin(this.paths);
    this.owners = new Owners(immortal);
    this.history = new History(this);
    this.watches = new WatchIndex(this);
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

  /** The commit that removed a subtree not swept yet. */
  deathOf(root: number): number {
    return this.deaths.get(root) as number;
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
    if ((this.place[id] as number) >= 0) this.resized(id, textCost(value.length) - textCost(old.length));
    this.generation[id] = ++this.clock;
  }

  /** As `setValue` and a `commit` of nothing else, while no snapshot is open. Nothing may fail after it. */
  readonly putValue = Tree.putter(this);

  private static putter(of: Tree): (id: number, value: string) => void {
    const tree = of;
    return (id, value) => {
      if ((tree.place[id] as number) >= 0)
        tree.resized(id, textCost(value.length) - textCost((tree.values[id] as string).length));
      tree.rows[0] = id;
      tree.values[id] = value;
      const clock = tree.clock + 1;
      tree.clock = clock;
      tree.generation[id] = clock;
      tree.sequence++;
      tree.changed[0] = 1;
    };
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
    if (lists.get(old).owner !== lists.get(perms).owner) this.changeOwner(id, old, perms);
    lists.hold(perms);
    this.permsOf[id] = perms;
    this.permsChanges++;
  }

  /** Makes one node. parent -1: a root of its own, `/` or a special node. */
  create(parent: number, path: string, perms: number, value: string): number {
    return this.make(parent, path, perms, value, parent < 0 ? 0 : this.nameStart(parent));
  }

  /** As `create`, with the place where the node's name starts. No names for its own fields that are used once: each costs. */
  make(parent: number, path: string, perms: number, value: string, nameStart: number): number {
    const n = this.changes;
    const history = this.history;
    if (n === this.olds.length) this.makeRoomForNote();
    const ghost = this.stale === 0 ? -1 : this.index.find(path);
    const id = this.allocate(path, value);
    // How to take it back.
    if (n === 0 && history.active) this.historyMark = history.mark;
    this.kinds[n] = Change.create;
    this.rows[n] = id;
    this.olds[n] = ghost;
    this.changes = n + 1;
    this.parent[id] = parent;
    this.place[id] = this.owners.add(this.perms.get(perms).owner, id, path.length + textCost(value.length));
    this.permsOf[id] = perms;
    this.perms.hold(perms);
    this.size++;
    if (history.active) {
      if (ghost >= 0) this.buryEarly(path, ghost);
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
      if ((this.flags[parent] as number) & Flag.listed) this.forgetListing(parent);
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
    this.graves.push(id);
    this.deaths.set(id, this.sequence + 1);
    if (this.history.active) {
      const before = next < 0 ? "" : (this.paths[next] as string).slice(nameStart);
      this.history.children(parent, false, path.slice(nameStart), before);
      const by = this.history.author();
      this.removers.set(id, by);
      if (this.history.removed(path, id, this.sequence + 1, by))
        this.flags[id] = (this.flags[id] as number) | Flag.held;
    }
    if (this.stale++ === 0) this.chore();
    const prev = this.prev[id] as number;
    if (prev < 0) this.first[parent] = next;
    else this.next[prev] = next;
    if (next < 0) this.last[parent] = prev;
    else this.prev[next] = prev;
    this.names[parent] = (this.names[parent] as number) - (path.length - nameStart + 1);
    this.generation[parent] = ++this.clock;
    if ((this.flags[parent] as number) & Flag.listed) this.forgetListing(parent);
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
    this.settle();
  }

  /** From now on changes are told there. */
  keepIn(journal: Journal): void {
    this.journal = journal;
    this.changed = journal.changed;
    this.perms.journal = journal;
    this.showColumns();
  }

  private showColumns(): void {
    this.journal?.columns(this);
  }

  /** Takes back the changes since the last commit. */
  rollback(): void {
    while (this.changes > 0) {
      const n = --this.changes;
      const id = this.rows[n] as number;
      const old = this.olds[n] as string | number;
      switch (this.kinds[n]) {
        case Change.value:
          if ((this.place[id] as number) >= 0)
            this.resized(id, textCost((old as string).length) - textCost((this.values[id] as string).length));
          this.values[id] = old as string;
          break;
        case Change.perms:
          this.undoPerms(id, old as number);
          break;
        case Change.create:
          this.undoCreate(id, old as number);
          break;
        default:
          this.undoUnlink(id);
      }
    }
    this.history.undo(this.historyMark);
    this.settle();
  }

  /** Calls back for each node made since the last commit. */
  forEachCreated(visit: (id: number) => void): void {
    for (let n = 0; n < this.changes; n++) if (this.kinds[n] === Change.create) visit(this.rows[n] as number);
  }

  /**
   * Takes up to `budget` rows of removed subtrees out of the index and the
   * accounts, children before parents. Returns whether there are more.
   */
  sweep(budget: number): boolean {
    let left = budget;
    while (this.graves.length > 0) {
      const root = this.graves[0] as number;
      let n = this.cursor;
      if (n < 0) n = (this.first[root] as number) < 0 ? root : this.deepest(root);
      const death = this.deaths.get(root) as number;
      const by = this.removers.get(root) ?? NOBODY;
      for (;;) {
        if (left-- <= 0) {
          this.cursor = n;
          this.tellBuried();
          return true;
        }
        const sibling = this.next[n] as number;
        const parent = this.parent[n] as number;
        this.bury(n, root, death, by);
        if (n === root) break;
        n = sibling >= 0 ? this.deepest(sibling) : parent;
      }
      this.cursor = -1;
      this.graves.shift();
      this.deaths.delete(root);
      this.removers.delete(root);
      this.stale--;
    }
    this.tellBuried();
    return false;
  }

  /** Before any of the rows is used again. */
  private tellBuried(): void {
    if (this.buried > 0) (this.journal as Journal).allGone(this.buried);
    this.buried = 0;
  }

  /** The nodes that a domain owns, those in removed subtrees left out. */
  owned(domid: number): number {
    let count = this.owners.count(domid);
    if (this.stale > 0) {
      const known = new Uint8Array(this.parent.length);
      for (const id of this.owners.nodes(domid)) if (this.isDead(id, known, true)) count--;
    }
    return count;
  }

  /**
   * Whether a row is in a removed subtree, for who asks of many: each level is looked at once. `known` has a place for
   * each row, for what was found: 1 dead, 2 alive. The latter only where that `lasts`: nothing is removed between.
   */
  isDead(id: number, known: Uint8Array, lasts: boolean): boolean {
    const { flags, parent } = this;
    let n = id;
    while (n >= 0 && known[n] === 0 && !((flags[n] as number) & Flag.dead)) n = parent[n] as number;
    const dead = n >= 0 && known[n] !== 2;
    if (dead || lasts) for (let m = id; m !== n; m = parent[m] as number) known[m] = dead ? 1 : 2;
    return dead;
  }

  /** Whether a row is in its parent's list of children, be the parent dead or alive. */
  isLinked(id: number): boolean {
    return ((this.flags[id] as number) & Flag.linked) !== 0;
  }

  /** Drops what the history kept. */
  letGo(id: number): void {
    const flags = this.flags[id] as number;
    if (flags & Flag.swept) this.freeHeld(id);
    else this.flags[id] = flags & ~Flag.held;
  }

  /** The names of the children, each with a NUL, in order of creation. */
  listing(id: number): string {
    if ((this.flags[id] as number) & Flag.listed) return this.listings.get(id) as string;
    let n = this.first[id] as number;
    if (n < 0) return "";
    const start = this.nameStart(id);
    const names: string[] = [];
    while (n >= 0) {
      names.push((this.paths[n] as string).slice(start));
      n = this.next[n] as number;
    }
    names.push("");
    const joined = names.join("\0");
    if (this.listingBytes + joined.length > LISTING_CACHE) this.forgetListings();
    this.listings.set(id, joined);
    this.listingBytes += joined.length;
    this.flags[id] = (this.flags[id] as number) | Flag.listed;
    return joined;
  }

  /** Lets go of what is kept only to answer faster. */
  compact(): void {
    this.forgetListings();
  }

  /** Adds to the count of watched nodes from `id` up to the root. */
  countWatched(id: number, change: number): void {
    let n = id;
    while (n >= 0) {
      this.below[n] = (this.below[n] as number) + change;
      n = this.parent[n] as number;
    }
  }

  /** A row outside the store, for the history: a node as it once was. Its listing is not kept with it. */
  ghost(path: string, value: string, perms: number): number {
    const id = this.allocate(path, value);
    this.parent[id] = -1;
    this.permsOf[id] = perms;
    this.perms.hold(perms);
    this.flags[id] = Flag.held | Flag.swept;
    return id;
  }

  /** The next row of the subtree of `root`, parents before children; -1: that was the last. */
  following(id: number, root: number): number {
    if ((this.first[id] as number) >= 0) return this.first[id] as number;
    for (let n = id; n !== root; n = this.parent[n] as number)
      if ((this.next[n] as number) >= 0) return this.next[n] as number;
    return -1;
  }

  /** Makes room for the rows of a journal, none of which is there yet. */
  restoreRoom(rows: number): void {
    while (this.parent.length < rows) this.grow(rows);
    while (this.top < rows) {
      this.paths[this.top] = "";
      this.values[this.top] = "";
      this.permsOf[this.top] = -1;
      this.top++;
    }
  }

  /** A node of a journal, without a place and a value yet; its path is its name. */
  restoreRow(id: number, parent: number, perms: number, name: string): void {
    this.paths[id] = name;
    this.parent[id] = parent;
    this.restorePerms(id, perms);
  }

  /** The first that are told stay: what a row was changed to comes before what it was made as. */
  restorePerms(id: number, perms: number): void {
    if ((this.permsOf[id] as number) < 0) this.permsOf[id] = perms;
  }

  /** When all have their places; the last that is told stays. */
  restoreValue(id: number, value: string): void {
    if (!((this.flags[id] as number) & Flag.linked)) return;
    const before = this.value(id).length;
    this.values[id] = value;
    if ((this.place[id] as number) >= 0) this.resized(id, textCost(value.length) - textCost(before));
  }

  /** Puts it where it belongs: after its parent and those before it. False: what it is below is gone. */
  restorePlace(id: number): boolean {
    const parent = this.parent[id] as number;
    const name = this.paths[id] as string;
    this.first[id] = this.last[id] = this.next[id] = this.prev[id] = -1;
    if (parent >= 0) {
      if (!((this.flags[parent] as number) & Flag.linked)) {
        this.permsOf[id] = -1;
        return false;
      }
      const above = this.paths[parent] as string;
      this.paths[id] = above.length === 1 ? `/${name}` : `${above}/${name}`;
      const previous = this.last[parent] as number;
      this.prev[id] = previous;
      if (previous < 0) this.first[parent] = id;
      else this.next[previous] = id;
      this.last[parent] = id;
      this.names[parent] = (this.names[parent] as number) + name.length + 1;
    }
    const perms = this.permsOf[id] as number;
    this.perms.hold(perms);
    this.place[id] = this.owners.add(this.perms.get(perms).owner, id, this.bytesOf(id));
    this.index.put(this.paths[id] as string, id);
    this.flags[id] = Flag.linked;
    this.generation[id] = ++this.clock;
    this.size++;
    return true;
  }

  /** All are there: what is left between them is free. */
  restored(): void {
    for (let id = this.top - 1; id >= 0; id--) if (!((this.flags[id] as number) & Flag.linked)) this.free(id);
  }

  /** Where the name of a child starts in its path. */
  nameStart(parent: number): number {
    const length = (this.paths[parent] as string).length;
    return length === 1 ? 1 : length + 1;
  }

  /** The next note needs no memory: between taking a row and noting it nothing may fail. */
  private makeRoomForNote(): void {
    const n = this.changes;
    this.kinds[n] = Change.create;
    this.rows[n] = -1;
    this.olds[n] = -1;
  }

  private settle(): void {
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

  /** What the texts of a node take of its owner's memory. */
  private bytesOf(id: number): number {
    return (this.paths[id] as string).length + textCost((this.values[id] as string).length);
  }

  /** To be called for what stands in an owner's list: the nodes of immortal domains are not counted. */
  private resized(id: number, bytes: number): void {
    this.owners.charge(this.perms.get(this.permsOf[id] as number).owner, bytes);
  }

  private undoPerms(id: number, old: number): void {
    const current = this.permsOf[id] as number;
    if (current === old) return;
    this.changeOwner(id, current, old);
    this.permsOf[id] = old;
    this.perms.release(current);
  }

  private undoCreate(id: number, ghost: number): void {
    const path = this.paths[id] as string;
    const parent = this.parent[id] as number;
    const flags = this.flags[id] as number;
    if (flags & Flag.watched) this.watches.leave(path, id);
    if (flags & Flag.listed) this.forgetListing(id);
    if (flags & Flag.linked && parent >= 0) {
      const prev = this.prev[id] as number;
      if (prev < 0) this.first[parent] = -1;
      else this.next[prev] = -1;
      this.last[parent] = prev;
      this.names[parent] = (this.names[parent] as number) - (path.length - this.nameStart(parent) + 1);
      if ((this.flags[parent] as number) & Flag.listed) this.forgetListing(parent);
    }
    // What it replaced takes no memory: there was room for it.
    if (this.index.drop(id) && ghost >= 0) this.index.put(path, ghost);
    const perms = this.permsOf[id] as number;
    if (perms >= 0) {
      this.owners.remove(this.perms.get(perms).owner, this.place[id] as number, this.place, this.bytesOf(id));
      this.perms.release(perms);
      this.size--;
    }
    this.free(id);
  }

  private undoUnlink(id: number): void {
    // Each on its own: memory may have ended between the two.
    this.deaths.delete(id);
    this.removers.delete(id);
    if (this.graves[this.graves.length - 1] === id) this.graves.pop();
    if (!((this.flags[id] as number) & Flag.dead)) return;
    const parent = this.parent[id] as number;
    const prev = this.prev[id] as number;
    const next = this.next[id] as number;
    if (prev < 0) this.first[parent] = id;
    else this.next[prev] = id;
    if (next < 0) this.last[parent] = id;
    else this.prev[next] = id;
    this.names[parent] =
      (this.names[parent] as number) + ((this.paths[id] as string).length - this.nameStart(parent) + 1);
    if ((this.flags[parent] as number) & Flag.listed) this.forgetListing(parent);
    this.flags[id] = ((this.flags[id] as number) | Flag.linked) & ~Flag.dead;
    this.stale--;
    if ((this.below[id] as number) > 0) {
      this.countWatched(parent, this.below[id] as number);
      this.watches.comeBack(id);
    }
  }

  private changeOwner(id: number, from: number, to: number): void {
    const was = this.perms.get(from).owner;
    const is = this.perms.get(to).owner;
    if (was !== is) {
      const place = this.place[id] as number;
      const bytes = this.bytesOf(id);
      const added = this.owners.add(is, id, bytes);
      this.owners.remove(was, place, this.place, bytes);
      this.place[id] = added;
    }
  }

  /** Notes for the history that a row found dead under a new node was there. */
  private buryEarly(path: string, ghost: number): void {
    const root = this.deadRoot(ghost);
    if (root === ghost) return;
    const by = this.removers.get(root) ?? NOBODY;
    if (this.history.removed(path, ghost, this.deaths.get(root) as number, by))
      this.flags[ghost] = (this.flags[ghost] as number) | Flag.held;
  }

  private bury(id: number, root: number, death: number, by: Writer): void {
    const path = this.paths[id] as string;
    let flags = this.flags[id] as number;
    if (id !== root && this.history.active && this.index.find(path) === id) {
      if (this.history.removed(path, id, death, by)) flags |= Flag.held;
      // Its name is about to go: an old listing of its parent must not be found through it any more.
      else this.history.freeze(this.paths[this.parent[id] as number] as string);
    }
    this.index.drop(id);
    const place = this.place[id] as number;
    const { owner } = this.perms.get(this.permsOf[id] as number);
    this.owners.remove(owner, place, this.place, place < 0 ? 0 : this.bytesOf(id));
    this.size--;
    const journal = this.journal;
    // Of the root it was told when it went.
    if (journal !== null && id !== root) {
      if (this.buried === journal.rows.length) this.tellBuried();
      journal.rows[this.buried++] = id;
    }
    // Who remembers the row as it was must not take it for that.
    this.generation[id] = ++this.clock;
    this.flags[id] = flags | Flag.swept;
    if (!(flags & Flag.held)) this.freeHeld(id);
  }

  private freeHeld(id: number): void {
    if ((this.flags[id] as number) & Flag.listed) this.forgetListing(id);
    this.perms.release(this.permsOf[id] as number);
    this.free(id);
  }

  /** As rows that are not used are: to be found so by who takes it. */
  private free(id: number): void {
    this.watches.forget(id);
    this.paths[id] = "";
    this.values[id] = "";
    this.flags[id] = 0;
    this.below[id] = 0;
    this.names[id] = 0;
    this.first[id] = -1;
    this.last[id] = -1;
    this.prev[id] = -1;
    this.permsOf[id] = -1;
    this.next[id] = this.freeRow;
    this.freeRow = id;
  }

  /** A row without relatives or permissions. */
  private allocate(path: string, value: string): number {
    let id = this.freeRow;
    if (id >= 0) {
      this.freeRow = this.next[id] as number;
      this.next[id] = -1;
      this.paths[id] = path;
      this.values[id] = value;
      return id;
    }
    id = this.top;
    if (id === this.parent.length) this.grow();
    // The row counts when both have room for it: a hole would make the engine's arrays slow for good.
    this.paths[id] = path;
    this.values[id] = value;
    this.top = id + 1;
    return id;
  }

  /** The column that tells the capacity comes last. */
  private grow(more = this.top + (this.top >> (this.top < 4096 ? 1 : 2))): void {
    // By a quarter: copying is cheap, what lies idle is not.
    this.first = longer(this.first, more).fill(-1, this.top);
    this.last = longer(this.last, more).fill(-1, this.top);
    this.next = longer(this.next, more).fill(-1, this.top);
    this.prev = longer(this.prev, more).fill(-1, this.top);
    this.permsOf = longer(this.permsOf, more).fill(-1, this.top);
    this.place = longer(this.place, more);
    this.generation = longer(this.generation, more);
    this.names = longer(this.names, more);
    this.below = longer(this.below, more);
    const flags = new Uint8Array(more);
    flags.set(this.flags);
    this.flags = flags;
    this.parent = longer(this.parent, more);
    this.showColumns();
  }

  private deepest(id: number): number {
    let n = id;
    for (;;) {
      const child = this.first[n] as number;
      if (child < 0) return n;
      n = child;
    }
  }

  private forgetListing(id: number): void {
    this.listingBytes -= (this.listings.get(id) as string).length;
    this.listings.delete(id);
    this.flags[id] = (this.flags[id] as number) & ~Flag.listed;
  }

  private forgetListings(): void {
    for (const id of this.listings.keys()) this.flags[id] = (this.flags[id] as number) & ~Flag.listed;
    this.listings.clear();
    this.listingBytes = 0;
  }
}

function longer(column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(length);
  more.set(column);
  return more;
}
