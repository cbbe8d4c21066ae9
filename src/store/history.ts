import { LISTING_COPY, LISTING_DELTAS, TRIM_SLICE } from "../limits.ts";
import { CoAuthors } from "./co-authors.ts";
import { Cost, textCost } from "./cost.ts";
import { collapse } from "./old-listing.ts";
import {
  CHAIN_MORE,
  changeBack,
  HistoryRecord,
  type Holder,
  join,
  NOBODY,
  Past,
  split,
  touches,
  type Writer,
} from "./past.ts";
import type { PresentTree } from "./present-tree.ts";

/** Released records kept for reuse: creating one sets as many properties as five READs do. */
const SPARE_RECORDS = 256;

/**
 * What open snapshots need of the past: a snapshot sees the live store with the records newer than it taken back. Only
 * the first change of a thing after the newest snapshot is recorded, so the size does not depend on how often it changed.
 */
export class History {
  /** By path: its newest record, the head of its chain. */
  readonly heads = new Map<string, HistoryRecord>();
  /** All records in the order in which they were added, dead ones included; those before `start` are released. */
  queue: HistoryRecord[] = [];
  start = 0;
  private spare: HistoryRecord | null = null;
  private spares = 0;
  /** The open snapshots, oldest first. */
  readonly open: Holder[] = [];
  /** Whether a snapshot is open, so that changes must be recorded. */
  active = false;
  newest = 0;
  /** Holder.payer of the newest snapshot, whose commit number is `newest` (0: none is open). */
  private payer: Writer | null = null;
  /** Bytes that the records keep. */
  bytes = 0;
  /** The part of `bytes` that guests pay for. */
  guestBytes = 0;
  size = 0;
  /** Dead records in the queue, and how far tidy.ts has moved them to its end; looked -1: it has not begun. */
  dead = 0;
  sifted = 0;
  looked = -1;
  /** Paths whose chains are long enough to tidy. tidy.ts does so between requests, when no caller uses the records. */
  untidy: string[] = [];
  /** Some records that no snapshot needs are not released yet. */
  behind = false;
  /** Returns who makes the current change. */
  changer: () => Writer = () => NOBODY;
  /** The author of the changes of commit `byOf`. */
  private by = NOBODY;
  private byOf = -1;
  private readonly coAuthors = new CoAuthors(this);

  constructor(readonly tree: PresentTree) {}

  /** Opens a snapshot of the store as it is, at a cost that does not depend on the store's size. */
  keep(holder: Holder): void {
    const open = this.open;
    this.newest = holder.snapshot;
    this.payer = holder.payer;
    open[open.length] = holder;
    this.active = true;
  }

  /** Closes a snapshot and releases at most TRIM_SLICE records that no other one needs. */
  close(holder: Holder): void {
    const open = this.open;
    // Transactions usually end in the order in which they began.
    if (open[0] === holder) open.shift();
    else open.splice(open.indexOf(holder), 1);
    const { length } = open;
    this.active = length > 0;
    const last = length > 0 ? (open[length - 1] as Holder) : null;
    this.newest = last === null ? 0 : last.snapshot;
    this.payer = last === null ? null : last.payer;
    if (this.size > 0) this.trim(TRIM_SLICE);
  }

  /** Commit number of the oldest open snapshot; Infinity if none is open. */
  private get oldest(): number {
    return this.active ? (this.open[0] as Holder).snapshot : Number.POSITIVE_INFINITY;
  }

  /** Records a changed value. To be called before the change, as the other recording methods. */
  value(path: string, old: string): void {
    const newest = this.newest;
    const older = this.heads.get(path) ?? null;
    for (let r = older; r !== null && r.sequence > newest; r = r.older) {
      const kind = r.kind;
      if (kind !== Past.value && kind !== Past.absent && kind !== Past.removed) continue;
      if (kind === Past.value) this.coAuthors.join(r, this.tree.sequence + 1);
      return;
    }
    this.chain(path, Past.value, old, this.tree.sequence + 1, older, Cost.record + path.length + textCost(old.length));
  }

  perms(path: string, old: number): void {
    // First: memory may run out after the record is added, and `undo` releases the list that a record refers to.
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

  /**
   * Records that `by` removed a node in commit `sequence`, perhaps with an ancestor. Returns whether a record keeps
   * the row.
   */
  removed(path: string, row: number, sequence: number, by: Writer): boolean {
    if (sequence <= this.oldest) return false;
    this.by = by;
    this.byOf = sequence;
    return this.add(path, Past.removed, row, sequence);
  }

  /** The author of the next commit's changes. */
  author(): Writer {
    const sequence = this.tree.sequence + 1;
    if (this.byOf !== sequence) {
      this.by = this.changer();
      this.byOf = sequence;
    }
    return this.by;
  }

  /** Records that child `name` is appended (`added`), or removed from before `next` ("": it was the last). */
  children(dir: number, added: boolean, name: string, next: string): void {
    const tree = this.tree;
    const path = tree.paths[dir] as string;
    let deltas = 0;
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > this.newest; r = r.older) {
      if (r.kind === Past.listing) this.coAuthors.join(r, this.tree.sequence + 1);
      if (r.kind === Past.listing || r.kind === Past.absent || r.kind === Past.removed) return;
      if (r.kind === Past.added || r.kind === Past.dropped) deltas++;
    }
    if (deltas >= LISTING_DELTAS) collapse(this, path);
    else if (deltas === 0 && (tree.names[dir] as number) <= LISTING_COPY)
      this.push(path, Past.listing, tree.listing(dir), tree.sequence + 1);
    else this.push(path, added ? Past.added : Past.dropped, added ? name : `${name}\0${next}`, tree.sequence + 1);
  }

  /** The position that `undo` takes to drop later records. */
  get mark(): number {
    return this.queue.length;
  }

  /** Drops the records since `mark`, whose changes are being rolled back. */
  undo(mark: number): void {
    this.byOf = -1;
    this.coAuthors.undo(this.tree.sequence + 1);
    while (this.queue.length > mark) {
      const record = this.queue.pop() as HistoryRecord;
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

  /** Releases up to `budget` records that no snapshot needs. Sets `behind` if more are left. */
  trim(budget: number): void {
    const limit = this.oldest;
    const heads = this.heads;
    const queue = this.queue;
    let start = this.start;
    const most = start + budget;
    this.behind = false;
    while (start < queue.length) {
      const record = queue[start] as HistoryRecord;
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
          // The usual kind. It refers to nothing, so `release` need not be called.
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
        // A spare record keeps no string alive.
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

  /** The number of open snapshots older than commit `sequence`. */
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

  /** The row of a path at a snapshot, which has the fields without records; -1: there was no such node. */
  rowAt(path: string, snapshot: number): number {
    if (this.tree.sequence === snapshot) return this.tree.find(path);
    let row = this.base(path, snapshot);
    for (let r = this.heads.get(path) ?? null; r !== null && r.sequence > snapshot; r = r.older) {
      if (r.kind === Past.absent) row = -1;
      else if (r.kind === Past.removed) row = r.old as number;
    }
    return row;
  }

  /** The value at a snapshot. The node must have existed there. */
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

  /** The number of the permission list at a snapshot. The node must have existed there. */
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

  /** The joined names of the children at a snapshot. The node must have existed there. */
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

  /** The live row, or a row removed after the snapshot and not swept yet; -1: none. */
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
      // A change of a node made since does not change what was there before. Neither does a sweep.
      const same = ((touches[kind] as number) & (touches[r.kind] as number)) !== 0;
      if (same && sequence > this.tree.sequence) this.coAuthors.join(r, this.tree.sequence + 1);
      return false;
    }
    this.push(path, kind, old, sequence);
    return true;
  }

  /** Adds a record, whether or not an earlier one covers the change. */
  push(path: string, kind: Past, old: string | number, sequence: number): void {
    let size = Cost.record + path.length;
    if (kind === Past.removed) size += Cost.node + textCost((this.tree.values[old as number] as string).length);
    else if (typeof old === "string") size += textCost(old.length);
    this.chain(path, kind, old, sequence, this.heads.get(path) ?? null, size);
  }

  /** `size`: bytes that the record keeps. */
  private chain(
    path: string,
    kind: Past,
    old: string | number,
    sequence: number,
    older: HistoryRecord | null,
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
      record = new HistoryRecord(sequence, path, kind, old, older, this.by, payer, size);
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
    // If memory runs out here, nothing refers to the record yet.
    queue[queue.length] = record;
    if (older !== null) {
      older.newer = record;
      record.left = older.left - 1;
    }
    if (this.size++ === 0) this.tree.onDeferredWork();
    // `undo` subtracts it again, also if memory runs out in `heads.set`.
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

  /** Releases the permission list or row that a record refers to, and its bytes. */
  release(record: HistoryRecord): void {
    this.count(record.payer, -record.size);
    if (record.kind === Past.perms) this.tree.perms.release(record.old as number);
    else if (record.kind === Past.removed) this.tree.reclaim.release(record.old as number);
  }
}
