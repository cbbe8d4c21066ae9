import { textCost } from "./cost.ts";
import { type HistoryRecord, Past, type Writer } from "./past.ts";

/** What of the history tells the former children of a directory. */
interface Chains {
  /** Newest record of each path. */
  readonly heads: ReadonlyMap<string, HistoryRecord>;
  /** The newest open snapshot. */
  readonly newest: number;
  listingAt(path: string, snapshot: number): string;
  /** Adds to what a payer keeps. */
  count(payer: Writer, bytes: number): void;
}

/** Replaces the records of single child changes since the newest snapshot by one record of the old listing. */
export function collapse(history: Chains, path: string): void {
  const old = history.listingAt(path, history.newest);
  let first: HistoryRecord | null = null;
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

/** The names of a directory's children are about to be freed: stores the old listing instead of single changes. */
export function freeze(history: Chains, path: string): void {
  for (let r = history.heads.get(path) ?? null; r !== null && r.sequence > history.newest; r = r.older) {
    if (r.kind !== Past.added && r.kind !== Past.dropped) continue;
    collapse(history, path);
    return;
  }
}
