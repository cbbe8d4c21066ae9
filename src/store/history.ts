import { LISTING_COPY, LISTING_DELTAS, TRIM_SLICE } from "../limits.ts";
import { Cost, textCost } from "./cost.ts";
import { collapse } from "./old-listing.ts";
import {
  again,
  CHAIN_MORE,
  changeBack,
  type Holder,
  join,
  NOBODY,
  Past,
  Record,
  split,
  touches,
  type Writer,
} from "./past.ts";
import type { PresentTree } from "./present-tree.ts";

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
  readonly heads = new Map<string, Record>();
  queue: Record[] = [];
  start = 0;
  private spare: Record | null = null;
  private spares = 0;
  /** The open snapshots, oldest first. */
  readonly open: Holder[] = [];
  /** Whether anything must be recorded. */
  active = false;
  newest = 0;
  /** Its payer. */
  private payer: Writer | null = null;
  /** What the records keep from being forgotten. */
  bytes = 0;
  /** The part of it for which guests pay. */
  guestBytes = 0;
  /** Records. */
  size = 0;
  /** Others in the queue, which are dead; and how far these are moved behind the rest (tidy.ts). */
  dead = 0;
  sifted = 0;
  looked = -1;
  /** Paths with so many records that they are to be looked through; not at once, for what they hold may be in use. */
  untidy: string[] = [];
  /** There are records that no snapshot needs. */
  behind = false;
  /** Says who is making changes. */
  changer: () => Writer = () => NOBODY;
  /** What it said of the changes of one commit. */
  private by = NOBODY;
  private byOf = -1;

  constructor(readonly tree: PresentTree) {}

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
      if (kind === Past.value) again(this, r);
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

  /** To be called before the change; `name` appears at the end, or goes from before `next` ("": it was the last). */
  children(dir: number, added: boolean, name: string, next: string): void {
    const tree = this.tree;
    const path = tree.paths[dir] as string;
    let deltas = 0;
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > this.newest; r = r.older) {
      if (r.kind === Past.listing) again(this, r);
      if (r.kind === Past.listing || r.kind === Past.absent || r.kind === Past.removed) return;
      if (r.kind === Past.added || r.kind === Past.dropped) deltas++;
    }
    if (deltas >= LISTING_DELTAS) collapse(this, path);
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
      if (start > 0) this.queue = [];
      this.start = 0;
      this.looked = -1;
    } else if (start > 1024 && start * 2 > queue.length) {
      this.queue = queue.slice(start);
      this.start = 0;
      this.looked = -1;
    }
  }

  /** Open snapshots that do not see a change of this commit. */
  openBefore(sequence: number): number {
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
      if (same && sequence > this.tree.sequence) again(this, r);
      return false;
    }
    this.push(path, kind, old, sequence);
    return true;
  }

  push(path: string, kind: Past, old: string | number, sequence: number): void {
    let size = Cost.record + path.length;
    if (kind === Past.removed) size += Cost.node + textCost((this.tree.values[old as number] as string).length);
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
    if (this.size++ === 0) this.tree.onDeferredWork();
    // `undo` takes it off again, also where memory ends in the next line.
    this.bytes += size;
    payer.bytes += size;
    if (payer.guest) this.guestBytes += size;
    this.heads.set(path, record);
    if (record.left <= 0) this.untidy.push(path);
  }

  count(payer: Writer, bytes: number): void {
    this.bytes += bytes;
    payer.bytes += bytes;
    if (payer.guest) this.guestBytes += bytes;
  }

  /** Lets go of what a record keeps from being forgotten. */
  release(record: Record): void {
    this.count(record.payer, -record.size);
    if (record.kind === Past.perms) this.tree.perms.release(record.old as number);
    else if (record.kind === Past.removed) this.tree.reclaim.release(record.old as number);
  }
}
