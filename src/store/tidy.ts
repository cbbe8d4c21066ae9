import { textCost } from "./cost.ts";
import type { History } from "./history.ts";
import { needless, Past, type Record, settles } from "./past.ts";
import { Flag } from "./rows.ts";

/** Dead records that the queue holds before it is made anew, and as a part of it. */
const DEAD_SOME = 512;

/** Between requests: lets go of records that were needed only beside a snapshot that is closed. */
export function compact(history: History): void {
  const { untidy } = history;
  if (untidy.length > 0) {
    history.untidy = [];
    for (const path of untidy) {
      const head = history.heads.get(path);
      if (head !== undefined && head.left <= 0) tidy(history, head);
    }
  }
  // Dead ones leave the queue once they are many.
  if (history.dead < DEAD_SOME || history.dead * 2 < history.queue.length - history.start) return;
  const { queue } = history;
  const live: Record[] = [];
  for (let i = history.start; i < queue.length; i++) {
    const record = queue[i] as Record;
    if (record.kind !== Past.dead) live.push(record);
  }
  history.queue = live;
  history.start = 0;
  history.dead = 0;
}

/**
 * Takes those records out of a path's chain that no open snapshot needs: between two snapshots the first that tells
 * something counts. They came to be while there was one more snapshot between them.
 */
function tidy(history: History, head: Record): void {
  let r: Record = head;
  while (r.older !== null) r = r.older;
  let depth = 0;
  let between = -1;
  let settled = 0;
  for (let next: Record | null = r; next !== null; ) {
    r = next;
    next = r.newer;
    const before = history.openBefore(r.sequence);
    if (before !== between) {
      between = before;
      settled = 0;
    }
    const need = needless[r.kind] as number;
    // A removed row that others of its subtree lead to stays as long as they do: an old listing is found through it.
    const leads = r.kind === Past.removed && ((history.tree.flags[r.old as number] as number) & Flag.linked) !== 0;
    if (r !== head && !leads && (need & settled) !== 0) {
      unchain(history, r);
    } else {
      settled |= settles[r.kind] as number;
      depth++;
    }
  }
  head.left = Math.max(1, depth >> 1);
}

/** It stays in the queue, where nothing can be taken out of the middle. */
function unchain(history: History, record: Record): void {
  const { newer, older } = record;
  (newer as Record).older = older;
  if (older !== null) older.newer = newer;
  history.release(record);
  record.newer = record.older = null;
  record.kind = Past.dead;
  record.path = "";
  record.old = 0;
  history.size--;
  history.dead++;
}

/** Turns the single changes since the newest snapshot into one old listing. */
export function collapse(history: History, path: string): void {
  const old = history.listingAt(path, history.newest);
  let first: Record | null = null;
  for (let r = history.heads.get(path) ?? null; r !== null && r.sequence > history.newest; r = r.older) {
    if (r.kind !== Past.added && r.kind !== Past.dropped) continue;
    const bytes = textCost((r.old as string).length);
    history.count(r.payer, -bytes);
    r.size -= bytes;
    r.kind = Past.none;
    r.old = 0;
    first = r;
  }
  if (first === null) return;
  first.kind = Past.listing;
  first.old = old;
  first.size += textCost(old.length);
  history.count(first.payer, textCost(old.length));
}
