import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import type { Audience, FanOut } from "./fan-out.ts";
import type { RecordedEvents, RecordedWatchers } from "./journal-writer.ts";

/** The longest suffix of a watch that is recorded, in characters. */
const SUFFIX_RECORDED = 64;

/**
 * What the journal keeps of a delivery. It is derived from the watches that fired, since the permissions
 * that selected them may be gone. The arrays are those of Deliveries.add.
 */
export function recordedEvents(
  fired: readonly Watch[],
  paths: readonly string[],
  ends: readonly number[],
  spread: readonly FanOut[],
): RecordedEvents {
  const watchers: RecordedWatchers[] = [];
  const told: number[] = [];
  const known = new Map<string, number>();
  const keep = (found: RecordedWatchers): number => {
    const key = `${found.owners} ${found.above} ${found.deep} ${found.suffix}`;
    const place = known.get(key);
    if (place !== undefined) return place;
    known.set(key, watchers.length);
    watchers.push(found);
    return watchers.length - 1;
  };
  // By audience: indexes in `watchers`, for changes with and without watches above them.
  const aboveOf = new Map<Audience, number>();
  const ofAudience = new Map<Audience, number>();
  let at = 0;
  for (let s = 0; s < ends.length; s++) {
    const end = ends[s] as number;
    const path = paths[s] as string;
    if (end >= 0) {
      told.push(keep(watchersOf(fired, at, end, path)));
      at = end;
      continue;
    }
    const fanOut = spread[-1 - end] as FanOut;
    const { audience } = fanOut;
    const above = fanOut.above(path);
    const places = above ? aboveOf : ofAudience;
    let place = places.get(audience);
    if (place === undefined) {
      const owners = [...audience].map((c) => c.serial);
      // Only special paths have no level above them.
      place = keep({ owners, above, deep: path.charCodeAt(0) === 64, suffix: "" });
      places.set(audience, place);
    }
    told.push(place);
  }
  return { paths, told, watchers };
}

/** The watchers of one segment. */
function watchersOf(fired: readonly (Watch | null)[], from: number, to: number, path: string): RecordedWatchers {
  const owners = new Set<number>();
  let last: unknown = null;
  let above = false;
  let deep = false;
  for (let i = from; i < to; i++) {
    const watch = fired[i] as Watch;
    // Watches of one owner are often adjacent.
    if (watch.owner !== last) {
      last = watch.owner;
      owners.add((last as Connection).serial);
    }
    if (watch.path !== path) above = true;
    else if (watch.depth >= 0) deep = true;
  }
  // A long one would be most of the record, and without it more watches of the owner get the event again.
  const only = to - from === 1 ? (fired[from]?.suffix ?? "") : "";
  const suffix = only.length <= SUFFIX_RECORDED ? only : "";
  return { owners: [...owners], above, deep, suffix };
}
