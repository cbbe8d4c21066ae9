import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import type { KeptEvents, KeptWatchers } from "./keeper.ts";

/**
 * What is kept of events that are handed over in slices. It is taken from the watches that fired: what chose them, as
 * the permissions of before, need not be known. The arrays are those of Deliveries.add.
 */
export function keptEvents(
  fired: readonly (Watch | null)[],
  paths: readonly string[],
  ends: readonly number[],
  shared: readonly number[],
): KeptEvents {
  const watchers: KeptWatchers[] = [];
  const told: number[] = [];
  const known = new Map<string, number>();
  const places = new Map<number, number>();
  let at = 0;
  for (let s = 0; s < ends.length; s++) {
    const end = ends[s] as number;
    let n = end < 0 ? places.get(end) : undefined;
    if (n === undefined) {
      const from = end < 0 ? (shared[-1 - end] as number) : at;
      const to = end < 0 ? (shared[-end] as number) : end;
      const found = watchersOf(fired, from, to, paths[s] as string);
      const key = `${found.owners} ${found.above} ${found.deep} ${found.suffix}`;
      n = known.get(key);
      if (n === undefined) {
        n = watchers.length;
        watchers.push(found);
        known.set(key, n);
      }
      if (end < 0) places.set(end, n);
    }
    told.push(n);
    if (end >= 0) at = end;
  }
  return { paths, told, watchers };
}

/** Of a segment of what fired. */
function watchersOf(fired: readonly (Watch | null)[], from: number, to: number, path: string): KeptWatchers {
  const owners = new Set<number>();
  let last: unknown = null;
  let above = false;
  let deep = false;
  for (let i = from; i < to; i++) {
    const watch = fired[i];
    if (!watch) continue;
    // One owner's watches often come together.
    if (watch.owner !== last) {
      last = watch.owner;
      owners.add((last as Connection).kept);
    }
    if (watch.path !== path) above = true;
    else if (watch.depth >= 0) deep = true;
  }
  const suffix = to - from === 1 ? (fired[from]?.suffix ?? "") : "";
  return { owners: [...owners], above, deep, suffix };
}
