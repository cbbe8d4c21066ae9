import { CHANGERS_MAX, LISTING_COPY, LISTING_DELTAS, TRIM_SLICE } from "../limits.ts";
import { Cost, textCost } from "./cost.ts";
import { parentPath } from "./path.ts";
import { Flag, tombstone } from "./rows.ts";
import type { Tree } from "./tree.ts";

/** What a record tells about its path as it was before the change. */
export const enum Past {
  /** Nothing: its news are in another record. */
  none,
  /** The value: `old` is a string. */
  value,
  /** The permissions: `old` is their number, a reference is held. */
  perms,
  /** There was no such node. */
  absent,
  /** `old` is the row of the removed node, kept for this. */
  removed,
  /** The joined names of the children: `old` is a string. */
  listing,
  /** The child named `old` was not there. */
  added,
  /** `old` is `name NUL next`: the child `name` stood before `next`, or last. */
  dropped,
  /** Nothing: no snapshot needs it, and it is in no chain any more. */
  dead,
}

/** What a record tells of a path, as bits. */
export const enum News {
  value = 1,
  perms = 2,
  listing = 4,
  /** Whether there was such a node; then nothing else counts. */
  node = 8,
}

/** By Past: what a record tells for good, so that a later one that tells it as well is needed no more. */
const settles: readonly number[] = [0, News.value, News.perms, News.node, News.node, News.listing, 0, 0, 0];
/** By Past: what an earlier record must have settled, any of it, so that this one is needed no more; -1: it tells nothing. */
const needless: readonly number[] = [
  -1,
  News.value | News.node,
  News.perms | News.node,
  News.node,
  News.node,
  News.listing | News.node,
  News.listing | News.node,
  News.listing | News.node,
  -1,
];

/** By Past: what of its path a change of this kind changed. */
const touches: readonly number[] = [
  News.listing,
  News.value,
  News.perms,
  News.node,
  News.node,
  News.listing,
  News.listing,
  News.listing,
  0,
];

/** Dead records that the queue holds before it is made anew, and as a part of it. */
const DEAD_SOME = 512;

/** Records of one path behind its first before they are looked through for such as no snapshot needs. */
const CHAIN_MORE = 2;

/** A path as an open snapshot sees it; null: there was no such node. Permissions by their entries. */
export type Once = readonly [value: string, perms: readonly number[], listing: string] | null;

/** `gone`: the next snapshot, or the present, has no such node. */
type PathState = readonly [path: string, once: Once, gone: boolean];

/** What lies between an open snapshot and the next one, or the present. */
export interface PastState {
  readonly snapshot: number;
  readonly paths: readonly PathState[];
}

/** Who makes changes, or snapshots. What is kept for that counts here, and outlives the client. */
export class Writer {
  /** What records keep from being forgotten for which it is to pay. */
  bytes = 0;

  /** `guest`: an unprivileged client, which can be made to wait. */
  constructor(
    readonly domid: number,
    readonly guest: boolean,
  ) {}
}

/** Nobody who can be told: a domain's death, and changes that a program before this one saw. */
export const NOBODY = new Writer(-1, true);

/** Who has a snapshot open. */
export interface Holder {
  /** Commit number of the store that it sees. */
  readonly snapshot: number;
  /** Tree.clock at that commit. */
  readonly clock: number;
  /** On whose account it is; -1: on nobody's. */
  readonly creator: number;
  /** What it keeps besides the snapshot. */
  readonly bytes: number;
  /**
   * Who pays for what is recorded for this snapshot though it is recorded for an earlier one as well; null: who changes it.
   * It is the holder of several: who rolls them on makes others' changes be recorded again and again.
   */
  readonly payer: Writer | null;
  /** Takes the snapshot away. */
  lose(): void;
}

class Record {
  /** The record after this one for the same path. */
  newer: Record | null = null;
  /** How many more records of the path there may be before they are looked through. */
  left = CHAIN_MORE;

  constructor(
    public sequence: number,
    public path: string,
    public kind: Past,
    public old: string | number,
    /** The record before this one for the same path; of one that is spare, the next. */
    public older: Record | null,
    /** Whose change it was, as `changer` says; a list: and who changed the same again. */
    public by: Writer | Writer[],
    /** On whose account it is, that or the payer of the newest snapshot. */
    public payer: Writer,
    /** Bytes that it keeps. */
    public size: number,
  ) {}
}

/** Records that wait to be used again: to make one costs the engine as much as five READs' worth of properties. */
const SPARE_RECORDS = 256;

/**
 * What open snapshots need of the past. Kept only while a snapshot is open: the
 * live store, taken back through the records newer than the snapshot, is what
 * the snapshot sees. Only the first change of a thing after the newest snapshot
 * is recorded, so the records are bounded by what differs, not by how often.
 */
export class History {
  /** Newest record of each path. */
  private readonly heads = new Map<string, Record>();
  private queue: Record[] = [];
  private start = 0;
  private spare: Record | null = null;
  private spares = 0;
  /** The open snapshots, oldest first. */
  readonly open: Holder[] = [];
  /** Whether anything must be recorded. */
  active = false;
  private newest = 0;
  /** Its payer. */
  private payer: Writer | null = null;
  /** What the records keep from being forgotten. */
  bytes = 0;
  /** The part of it for which guests pay. */
  guestBytes = 0;
  /** Records. */
  size = 0;
  /** Others in the queue, which are dead. */
  private dead = 0;
  /** Paths with so many records that they are to be looked through; not at once, for what they hold may be in use. */
  private untidy: string[] = [];
  /** There are records that no snapshot needs. */
  behind = false;
  /** Says who is making changes. */
  changer: () => Writer = () => NOBODY;
  /** What it said of the changes of one commit. */
  private by = NOBODY;
  private byOf = -1;

  constructor(private readonly tree: Tree) {}

  /** Keeps a snapshot of the store as it is; its cost is the same however large the store is. */
  keep(holder: Holder): void {
    const open = this.open;
    this.newest = holder.snapshot;
    this.payer = holder.payer;
    open[open.length] = holder;
    this.active = true;
  }

  close(holder: Holder): void {
    const open = this.open;
    // Most often they end in the order in which they began.
    if (open[0] === holder) open.shift();
    else open.splice(open.indexOf(holder), 1);
    const { length } = open;
    this.active = length > 0;
    const last = length > 0 ? (open[length - 1] as Holder) : null;
    this.newest = last === null ? 0 : last.snapshot;
    this.payer = last === null ? null : last.payer;
    if (this.size > 0) this.trim(TRIM_SLICE);
  }

  /** The oldest open snapshot; Infinity: there is none. */
  private get oldest(): number {
    return this.active ? (this.open[0] as Holder).snapshot : Number.POSITIVE_INFINITY;
  }

  value(path: string, old: string): void {
    const newest = this.newest;
    const older = this.heads.get(path) ?? null;
    for (let r = older; r !== null && r.sequence > newest; r = r.older) {
      const kind = r.kind;
      if (kind !== Past.value && kind !== Past.absent && kind !== Past.removed) continue;
      if (kind === Past.value) this.again(r);
      return;
    }
    this.chain(path, Past.value, old, this.tree.sequence + 1, older, Cost.record + path.length + textCost(old.length));
  }

  perms(path: string, old: number): void {
    // First: memory may end after the record is noted, and `undo` lets go of what it names.
    this.tree.perms.hold(old);
    const { mark } = this;
    let added = false;
    try {
      added = this.add(path, Past.perms, old, this.tree.sequence + 1);
    } finally {
      if (!added && this.mark === mark) this.tree.perms.release(old);
    }
  }

  created(path: string): void {
    this.add(path, Past.absent, 0, this.tree.sequence + 1);
  }

  /** `by` removed it in that commit, with an ancestor perhaps. Returns whether the row is kept until the record goes. */
  removed(path: string, row: number, sequence: number, by: Writer): boolean {
    if (sequence <= this.oldest) return false;
    this.by = by;
    this.byOf = sequence;
    return this.add(path, Past.removed, row, sequence);
  }

  /** Who makes the changes of the next commit. */
  author(): Writer {
    const sequence = this.tree.sequence + 1;
    if (this.byOf !== sequence) {
      this.by = this.changer();
      this.byOf = sequence;
    }
    return this.by;
  }

  /** What a record tells of was changed again: it needs no other, but whoever did it may have to pay for that. */
  private again(record: Record): void {
    const author = this.author();
    const { by } = record;
    if (by === author) return;
    if (by instanceof Writer) record.by = [by, author];
    else if (by.length < CHANGERS_MAX && !by.includes(author)) by.push(author);
  }

  /** To be called before the change; `name` appears at the end, or goes from before `next` ("": it was the last). */
  children(dir: number, added: boolean, name: string, next: string): void {
    const tree = this.tree;
    const path = tree.paths[dir] as string;
    let deltas = 0;
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > this.newest; r = r.older) {
      if (r.kind === Past.listing) this.again(r);
      if (r.kind === Past.listing || r.kind === Past.absent || r.kind === Past.removed) return;
      if (r.kind === Past.added || r.kind === Past.dropped) deltas++;
    }
    if (deltas >= LISTING_DELTAS) this.collapse(path);
    else if (deltas === 0 && (tree.names[dir] as number) <= LISTING_COPY)
      this.push(path, Past.listing, tree.listing(dir), tree.sequence + 1);
    else this.push(path, added ? Past.added : Past.dropped, added ? name : `${name}\0${next}`, tree.sequence + 1);
  }

  /** A position to come back to with `undo`. */
  get mark(): number {
    return this.queue.length;
  }

  /** Forgets the records since the mark, whose changes are being taken back. */
  undo(mark: number): void {
    this.byOf = -1;
    while (this.queue.length > mark) {
      const record = this.queue.pop() as Record;
      if (record.kind === Past.dead) {
        this.dead--;
        continue;
      }
      this.size--;
      const { older } = record;
      if (older === null) {
        this.heads.delete(record.path);
      } else {
        older.newer = null;
        this.heads.set(record.path, older);
      }
      this.release(record);
    }
  }

  /** Drops up to `budget` records that no snapshot needs, and notes whether there are more of them. */
  trim(budget: number): void {
    const limit = this.oldest;
    const heads = this.heads;
    const queue = this.queue;
    let start = this.start;
    const most = start + budget;
    this.behind = false;
    while (start < queue.length) {
      const record = queue[start] as Record;
      if (record.sequence > limit) break;
      if (start === most) {
        this.behind = true;
        break;
      }
      start++;
      // Records of a path go oldest first.
      const newer = record.newer;
      if (record.kind === Past.dead) {
        this.dead--;
      } else {
        if (newer === null) heads.delete(record.path);
        else newer.older = null;
        if (record.kind === Past.value) {
          // Most often: a string, which needs no call.
          const { payer, size } = record;
          this.bytes -= size;
          payer.bytes -= size;
          if (payer.guest) this.guestBytes -= size;
        } else {
          this.start = start;
          this.release(record);
        }
      }
      if (this.spares < SPARE_RECORDS) {
        this.spares++;
        record.older = this.spare;
        record.newer = null;
        // It keeps nothing of what it told.
        record.path = "";
        record.old = 0;
        this.spare = record;
      }
    }
    this.start = start;
    this.size = queue.length - start - this.dead;
    if (start === queue.length) {
      if (this.start > 0) this.queue = [];
      this.start = 0;
    } else if (this.start > 1024 && this.start * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.start);
      this.start = 0;
    }
  }

  /** Between requests: lets go of records that were needed only beside a snapshot that is closed. */
  compact(): void {
    const { untidy } = this;
    if (untidy.length > 0) {
      this.untidy = [];
      for (const path of untidy) {
        const head = this.heads.get(path);
        if (head !== undefined && head.left <= 0) this.tidy(head);
      }
    }
    // Dead ones leave the queue once they are many.
    if (this.dead < DEAD_SOME || this.dead * 2 < this.queue.length - this.start) return;
    const { queue } = this;
    const live: Record[] = [];
    for (let i = this.start; i < queue.length; i++) {
      const record = queue[i] as Record;
      if (record.kind !== Past.dead) live.push(record);
    }
    this.queue = live;
    this.start = 0;
    this.dead = 0;
  }

  /**
   * Takes those records out of a path's chain that no open snapshot needs: between two snapshots the first that tells
   * something counts. They came to be while there was one more snapshot between them.
   */
  private tidy(head: Record): void {
    let r: Record = head;
    while (r.older !== null) r = r.older;
    let depth = 0;
    let between = -1;
    let settled = 0;
    for (let next: Record | null = r; next !== null; ) {
      r = next;
      next = r.newer;
      const before = this.openBefore(r.sequence);
      if (before !== between) {
        between = before;
        settled = 0;
      }
      const need = needless[r.kind] as number;
      // A removed row that others of its subtree lead to stays as long as they do: an old listing is found through it.
      const leads = r.kind === Past.removed && ((this.tree.flags[r.old as number] as number) & Flag.linked) !== 0;
      if (r !== head && !leads && (need & settled) !== 0) {
        this.unchain(r);
      } else {
        settled |= settles[r.kind] as number;
        depth++;
      }
    }
    head.left = Math.max(1, depth >> 1);
  }

  /** Open snapshots that do not see a change of this commit. */
  private openBefore(sequence: number): number {
    const { open } = this;
    let low = 0;
    let high = open.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((open[middle] as Holder).snapshot < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** It stays in the queue, where nothing can be taken out of the middle. */
  private unchain(record: Record): void {
    const { newer, older } = record;
    (newer as Record).older = older;
    if (older !== null) older.newer = newer;
    this.release(record);
    record.newer = record.older = null;
    record.kind = Past.dead;
    record.path = "";
    record.old = 0;
    this.size--;
    this.dead++;
  }

  /** All that open snapshots need, oldest first, in words that outlive the program. Nothing waits to be swept. */
  save(): PastState[] {
    const pasts: { snapshot: number; paths: PathState[] }[] = [];
    /** By open snapshot: the paths of its past. */
    const paths: PathState[][] = [];
    for (const { snapshot } of this.open) {
      if (pasts.at(-1)?.snapshot !== snapshot) pasts.push({ snapshot, paths: [] });
      paths.push((pasts.at(-1) as PastState).paths as PathState[]);
    }
    for (const [path, head] of this.heads) this.savePath(path, head, paths);
    return pasts;
  }

  /** Goes once through a path's records, however many snapshots see it, and tells each what the next one does not see. */
  private savePath(path: string, head: Record, paths: readonly PathState[][]): void {
    const once = new Cursor(this.tree, path);
    let gone = once.row < 0;
    let at = this.openBefore(head.sequence);
    for (let r: Record | null = head; r !== null && at > 0; r = r.older) {
      once.back(r);
      const next = r.older === null ? 0 : this.openBefore(r.older.sequence);
      if (next === at) continue;
      paths[at - 1]?.push([path, once.told(), gone]);
      gone = once.row < 0;
      at = next;
    }
  }

  /** Makes what changed after the newest snapshot: the present is the next commit. */
  restore(paths: PastState["paths"]): void {
    const tree = this.tree;
    const sequence = ++tree.sequence;
    for (const [path, once, gone] of paths) {
      const row = tree.find(path);
      if (row >= 0) tree.generation[row] = ++tree.clock;
      if (once === null) {
        this.push(path, Past.absent, 0, sequence);
        continue;
      }
      const [value, entries, listing] = once;
      const perms = tree.perms.intern(entries);
      this.push(path, Past.listing, listing, sequence);
      if (gone) {
        this.push(path, Past.removed, tombstone(tree, path, value, perms), sequence);
        continue;
      }
      this.push(path, Past.value, value, sequence);
      tree.perms.hold(perms);
      this.push(path, Past.perms, perms, sequence);
    }
  }

  /**
   * Adds the domains that changed any of this of a path since the snapshot, or made or removed the node, or removed it with
   * an ancestor. `above`: or gave an ancestor other permissions. Not everybody can be told.
   */
  changers(path: string, snapshot: number, news: number, above: boolean, into: Set<number>): void {
    if (this.changersOf(path, snapshot, news | News.node, into)) return;
    const upwards = above ? News.node | News.perms : News.node;
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) if (this.changersOf(p, snapshot, upwards, into)) return;
  }

  /** Returns whether there is a record of such a change. */
  private changersOf(path: string, snapshot: number, news: number, into: Set<number>): boolean {
    let found = false;
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > snapshot; r = r.older) {
      if (((touches[r.kind] as number) & news) === 0) continue;
      found = true;
      const { by } = r;
      if (by instanceof Writer) into.add(by.domid);
      else for (const { domid } of by) into.add(domid);
    }
    return found;
  }

  /** The row that holds what is not in records; -1: there was no such node. */
  rowAt(path: string, snapshot: number): number {
    if (this.tree.sequence === snapshot) return this.tree.find(path);
    let row = this.base(path, snapshot);
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > snapshot; r = r.older) {
      if (r.kind === Past.absent) row = -1;
      else if (r.kind === Past.removed) row = r.old as number;
    }
    return row;
  }

  /** The value that an existing node had. */
  valueAt(path: string, snapshot: number): string {
    const row = this.base(path, snapshot);
    if (this.tree.sequence === snapshot) return this.tree.values[row] as string;
    let value = row < 0 ? "" : (this.tree.values[row] as string);
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > snapshot; r = r.older) {
      if (r.kind === Past.value) value = r.old as string;
      else if (r.kind === Past.removed) value = this.tree.values[r.old as number] as string;
    }
    return value;
  }

  /** The number of the permissions that an existing node had. */
  permsAt(path: string, snapshot: number): number {
    const row = this.base(path, snapshot);
    if (this.tree.sequence === snapshot) return this.tree.permsOf[row] as number;
    let perms = row < 0 ? -1 : (this.tree.permsOf[row] as number);
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > snapshot; r = r.older) {
      if (r.kind === Past.perms) perms = r.old as number;
      else if (r.kind === Past.removed) perms = this.tree.permsOf[r.old as number] as number;
    }
    return perms;
  }

  /** The children that an existing node had, joined. */
  listingAt(path: string, snapshot: number): string {
    const tree = this.tree;
    let row = this.base(path, snapshot);
    let text: string | null = null;
    let names: string[] | null = null;
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > snapshot; r = r.older) {
      if (r.kind === Past.removed) {
        row = r.old as number;
        text = null;
        names = null;
      } else if (r.kind === Past.listing) {
        text = r.old as string;
        names = null;
      } else if (r.kind === Past.added || r.kind === Past.dropped) {
        if (names === null) names = split(text ?? (row < 0 ? "" : tree.listing(row)));
        changeBack(names, r.kind, r.old as string);
      }
    }
    if (names !== null) return join(names);
    return text ?? (row < 0 ? "" : tree.listing(row));
  }

  /** The live row, or one that was removed after the snapshot and is not swept yet. */
  private base(path: string, snapshot: number): number {
    const row = this.tree.index.find(path);
    if (row < 0) return -1;
    if (this.tree.stale === 0) return row;
    const root = this.tree.deadRoot(row);
    return root < 0 || this.tree.reclaim.deathOf(root) > snapshot ? row : -1;
  }

  private add(path: string, kind: Past, old: string | number, sequence: number): boolean {
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > this.newest; r = r.older) {
      if (r.kind !== kind && r.kind !== Past.absent && r.kind !== Past.removed) continue;
      // Who changes a node that another made, or made again, has changed nothing of what was before. Nor does a sweep.
      const same = ((touches[kind] as number) & (touches[r.kind] as number)) !== 0;
      if (same && sequence > this.tree.sequence) this.again(r);
      return false;
    }
    this.push(path, kind, old, sequence);
    return true;
  }

  private push(path: string, kind: Past, old: string | number, sequence: number): void {
    let size = Cost.record + path.length;
    if (kind === Past.removed) size += Cost.node + textCost(this.tree.value(old as number).length);
    else if (typeof old === "string") size += textCost(old.length);
    this.chain(path, kind, old, sequence, this.heads.get(path) ?? null, size);
  }

  /** size: the bytes that the record keeps. */
  private chain(
    path: string,
    kind: Past,
    old: string | number,
    sequence: number,
    older: Record | null,
    size: number,
  ): void {
    const queue = this.queue;
    let record = this.spare;
    if (this.byOf !== sequence) {
      this.by = this.changer();
      this.byOf = sequence;
    }
    let payer = this.by;
    if (older !== null && this.payer !== null) payer = this.payer;
    if (record === null) {
      record = new Record(sequence, path, kind, old, older, this.by, payer, size);
    } else {
      this.spare = record.older;
      this.spares--;
      record.sequence = sequence;
      record.path = path;
      record.kind = kind;
      record.old = old;
      record.older = older;
      record.by = this.by;
      record.payer = payer;
      record.size = size;
      record.left = CHAIN_MORE;
    }
    // Where memory ends here, nothing knows of it yet.
    queue[queue.length] = record;
    if (older !== null) {
      older.newer = record;
      record.left = older.left - 1;
    }
    if (this.size++ === 0) this.tree.chore();
    // `undo` takes it off again, also where memory ends in the next line.
    this.bytes += size;
    payer.bytes += size;
    if (payer.guest) this.guestBytes += size;
    this.heads.set(path, record);
    if (record.left <= 0) this.untidy.push(path);
  }

  /** The children of a directory are about to be forgotten: what was there is not told by differences from now on. */
  freeze(path: string): void {
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > this.newest; r = r.older) {
      if (r.kind !== Past.added && r.kind !== Past.dropped) continue;
      this.collapse(path);
      return;
    }
  }

  /** Turns the single changes since the newest snapshot into one old listing. */
  private collapse(path: string): void {
    const old = this.listingAt(path, this.newest);
    let first: Record | null = null;
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > this.newest; r = r.older) {
      if (r.kind !== Past.added && r.kind !== Past.dropped) continue;
      const bytes = textCost((r.old as string).length);
      this.count(r.payer, -bytes);
      r.size -= bytes;
      r.kind = Past.none;
      r.old = 0;
      first = r;
    }
    if (first === null) return;
    first.kind = Past.listing;
    first.old = old;
    first.size += textCost(old.length);
    this.count(first.payer, textCost(old.length));
  }

  private count(payer: Writer, bytes: number): void {
    this.bytes += bytes;
    payer.bytes += bytes;
    if (payer.guest) this.guestBytes += bytes;
  }

  /** Lets go of what a record keeps from being forgotten. */
  private release(record: Record): void {
    this.count(record.payer, -record.size);
    if (record.kind === Past.perms) this.tree.perms.release(record.old as number);
    else if (record.kind === Past.removed) this.tree.reclaim.release(record.old as number);
  }
}

function split(text: string): string[] {
  const names = text.split("\0");
  names.pop();
  return names;
}

/** A path as it was once: from now on it goes back, record by record. */
class Cursor {
  /** -1: there was no such node. */
  row: number;
  private value: string | null = null;
  private perms = -1;
  private listing: string | null = null;
  /** The same, while it changes. */
  private names: string[] | null = null;

  constructor(
    private readonly tree: Tree,
    path: string,
  ) {
    this.row = tree.find(path);
  }

  back({ kind, old }: Record): void {
    if (kind === Past.value) {
      this.value = old as string;
    } else if (kind === Past.perms) {
      this.perms = old as number;
    } else if (kind === Past.absent || kind === Past.removed) {
      this.row = kind === Past.absent ? -1 : (old as number);
      this.value = this.listing = this.names = null;
      this.perms = -1;
    } else if (kind === Past.listing) {
      this.listing = old as string;
      this.names = null;
    } else if (kind === Past.added || kind === Past.dropped) {
      if (this.names === null) this.names = split(this.children());
      changeBack(this.names, kind, old as string);
    }
  }

  told(): Once {
    const { tree, row, perms } = this;
    if (row < 0) return null;
    const { entries } = tree.perms.get(perms < 0 ? (tree.permsOf[row] as number) : perms);
    return [this.value ?? (tree.values[row] as string), entries, this.children()];
  }

  private children(): string {
    if (this.names !== null) return join(this.names);
    return this.listing ?? (this.row < 0 ? "" : this.tree.listing(this.row));
  }
}

/** The children before one of them appeared or went. */
function changeBack(names: string[], kind: Past, old: string): void {
  if (kind === Past.added) {
    names.splice(names.lastIndexOf(old), 1);
    return;
  }
  const [name, next] = old.split("\0") as [string, string];
  names.splice(next === "" ? names.length : names.indexOf(next), 0, name);
}

function join(names: readonly string[]): string {
  return names.length > 0 ? `${names.join("\0")}\0` : "";
}
