import type { History } from "./history.ts";
import { type HistoryRecord, needless, Past, settles } from "./past.ts";
import { Flag } from "./rows.ts";

/** Dead records in the queue from which on they are removed, if they are half of it. */
const DEAD_SOME = 512;

/**
 * Releases records that only a closed snapshot needed, of paths with about `budget` records, and removes up to
 * `budget` dead ones from the queue. To be called between requests, until `untidy` is empty and `looked` is -1.
 */
export function compact(history: History, budget: number): void {
  const { untidy } = history;
  // More where clients make paths untidy faster than that.
  let left = Math.max(budget, untidy.length >> 1);
  while (left > 0 && untidy.length > 0) {
    const head = history.heads.get(untidy.pop() as string);
    left--;
    if (head !== undefined && head.left <= 0) left -= tidy(history, head);
  }
  sift(history, budget);
}

/**
 * Moves dead records to the end of the queue, in slices of `budget`, and drops them there; the others keep
 * their order. `sifted` is the next index to fill; from there to `looked` all records are dead. looked -1:
 * it has not begun.
 */
function sift(history: History, budget: number): void {
  const { queue, start } = history;
  if (history.looked < 0) {
    if (history.dead < DEAD_SOME || history.dead * 2 < queue.length - start) return;
    history.sifted = history.looked = start;
  }
  let to = Math.max(history.sifted, start);
  let from = Math.max(history.looked, start);
  for (const end = Math.min(queue.length, from + budget); from < end; from++) {
    const record = queue[from] as HistoryRecord;
    if (record.kind === Past.dead) continue;
    queue[from] = queue[to] as HistoryRecord;
    queue[to++] = record;
  }
  history.sifted = to;
  history.looked = from;
  if (from < queue.length) return;
  history.dead -= queue.length - to;
  queue.length = to;
  history.looked = -1;
}

/**
 * Removes from a path's chain the records that no open snapshot needs: of the records between two
 * snapshots, the oldest for each property counts. The others were needed by a snapshot between them that is
 * closed. Returns the number of records that it looked at.
 */
function tidy(history: History, head: HistoryRecord): number {
  let r: HistoryRecord = head;
  while (r.older !== null) r = r.older;
  let depth = 0;
  let between = -1;
  let settled = 0;
  let walked = 0;
  for (let next: HistoryRecord | null = r; next !== null; ) {
    r = next;
    next = r.newer;
    walked++;
    const before = history.openBefore(r.sequence);
    if (before !== between) {
      between = before;
      settled = 0;
    }
    const need = needless[r.kind] as number;
    // A removed row with linked children stays as long as they do: an old listing is found through it.
    const leads = r.kind === Past.removed && ((history.tree.flags[r.old as number] as number) & Flag.linked) !== 0;
    if (r !== head && !leads && (need & settled) !== 0) {
      unchain(history, r);
    } else {
      settled |= settles[r.kind] as number;
      depth++;
    }
  }
  head.left = Math.max(1, depth >> 1);
  return walked;
}

/** Takes a record out of its chain. It stays in the queue as a dead one. */
function unchain(history: History, record: HistoryRecord): void {
  const { newer, older } = record;
  (newer as HistoryRecord).older = older;
  if (older !== null) older.newer = newer;
  history.release(record);
  record.newer = record.older = null;
  record.kind = Past.dead;
  // Sequence 0 lets `trim` drop it wherever it is moved.
  record.sequence = 0;
  record.path = "";
  record.old = 0;
  history.size--;
  history.dead++;
}
