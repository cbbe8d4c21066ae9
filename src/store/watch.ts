import type { Columns } from "./columns.ts";
import { Cost } from "./cost.ts";
import type { PathIndex } from "./path-index.ts";
import { Flag } from "./rows.ts";

/** Mask from a row to its element of WatchIndex.unwatched. */
export const UNWATCHED_MASK = 255;

/** What the watches need of the tree. */
interface WatchedTree extends Columns {
  readonly index: PathIndex;
  find(path: string): number;
  countWatched(id: number, change: number): void;
}

/** A watched path, whether or not the node exists, with its watches in order of registration. */
class Place {
  /** The row of the node; -1: there is none. */
  node = -1;
  first: Watch | null = null;
  last: Watch | null = null;
  /** Watches with `filtered`. */
  filtered = 0;

  constructor(readonly path: string) {}
}

/** One watch of one connection. */
export class Watch {
  next: Watch | null = null;
  prev: Watch | null = null;
  place: Place | null = null;
  /** Number in order of registration. */
  serial = 0;
  /** Place in the journal. The store does not use it. */
  record = -1;
  /** Bytes charged to its owner. */
  bytes = 0;
  /** Events of this watch were dropped: one later event replaces them all. */
  missed = false;

  constructor(
    /** The connection that set it. The store only passes it on. */
    readonly owner: unknown,
    /** Absolute, or special. */
    readonly path: string,
    /** What follows the path in an event's payload: NUL, token, NUL. */
    readonly suffix: string,
    /** Levels below the path that still fire it; -1: any number. */
    readonly depth: number,
    /** Length of the prefix that a relative watch's events leave out of the path; 0 for an absolute one. */
    readonly strip: number,
    /** Its owner is unprivileged: events are filtered by permissions. */
    readonly filtered: boolean,
  ) {}
}

/**
 * The watches by path. A watched node has Flag.watched, and each node counts the watched ones in its
 * subtree (Tree.below). So a change looks at its ancestors only, and a removal only at subtrees with
 * watches.
 */
export class WatchIndex {
  private readonly places = new Map<string, Place>();
  /**
   * Cache of directories that are unwatched together with all their ancestors, each at the low bits of its
   * row: most writes are in a few directories. -1: no entry.
   */
  readonly unwatched = new Int32Array(UNWATCHED_MASK + 1).fill(-1);
  /** Watched paths without a node. */
  unattached = 0;
  /** The number of watches. */
  count = 0;
  private serial = 0;

  constructor(private readonly tree: WatchedTree) {}

  /** Whether a path is known to be valid: it exists or has a watch. */
  known(path: string): boolean {
    return this.tree.index.find(path) >= 0 || this.places.has(path);
  }

  /** Whether there are watches on exactly this path. */
  watched(path: string): boolean {
    return this.places.has(path);
  }

  /** Adds a watch and sets its bytes and serial. */
  add(watch: Watch): void {
    let place = this.places.get(watch.path);
    watch.bytes = ownCost(watch);
    if (place === undefined) {
      watch.bytes += Cost.place;
      place = new Place(watch.path);
      this.places.set(watch.path, place);
      this.unattached++;
      const node = this.tree.find(watch.path);
      if (node >= 0) this.attach(place, node);
    }
    watch.place = place;
    if (watch.filtered) place.filtered++;
    watch.serial = ++this.serial;
    watch.prev = place.last;
    if (place.last === null) place.first = watch;
    else place.last.next = watch;
    place.last = watch;
    this.count++;
  }

  /** Removes a watch. Returns the one that pays for the path now, if the watch did and others are left; null: none. */
  remove(watch: Watch): Watch | null {
    const place = watch.place as Place;
    if (watch.filtered) place.filtered--;
    if (watch.prev === null) place.first = watch.next;
    else watch.prev.next = watch.next;
    if (watch.next === null) place.last = watch.prev;
    else watch.next.prev = watch.prev;
    watch.prev = null;
    watch.next = null;
    watch.place = null;
    this.count--;
    if (place.first !== null) return watch.bytes > ownCost(watch) ? place.first : null;
    this.places.delete(place.path);
    if (place.node >= 0) this.detach(place);
    this.unattached--;
    return null;
  }

  /** A node was made: attaches the watches on its path. */
  appear(path: string, id: number): void {
    const place = this.places.get(path);
    if (place !== undefined) this.attach(place, id);
  }

  /** A new node is undone: detaches its watches. */
  leave(path: string, id: number): void {
    const place = this.places.get(path);
    if (place !== undefined && place.node === id) this.detach(place);
  }

  /** A subtree was removed: its watches stay on paths without nodes. */
  vanish(root: number): void {
    this.walk(root, (id) => {
      const place = this.places.get(this.tree.paths[id] as string);
      if (place === undefined || place.node !== id) return;
      place.node = -1;
      this.unattached++;
    });
  }

  /** The removal of a subtree is undone. */
  comeBack(root: number): void {
    this.walk(root, (id) => {
      const place = this.places.get(this.tree.paths[id] as string);
      if (place === undefined) return;
      place.node = id;
      this.unattached--;
    });
    this.unwatched.fill(-1);
  }

  /**
   * Appends to `found` the watches that a change of the node `id` concerns, in order of registration.
   * Returns whether any of them is filtered.
   */
  matches(id: number, found: Watch[]): boolean {
    const tree = this.tree;
    const up = tree.parent[id] as number;
    if (up >= 0 && this.unwatched[up & UNWATCHED_MASK] === up && !((tree.flags[id] as number) & Flag.watched))
      return false;
    const flags = tree.flags;
    const parent = tree.parent;
    const paths = tree.paths;
    const from = found.length;
    let levels = 0;
    let places = 0;
    let filtered = false;
    let n = id;
    let watched = false;
    while (n >= 0) {
      if ((flags[n] as number) & Flag.watched) {
        if (n !== id) watched = true;
        const place = this.places.get(paths[n] as string) as Place;
        places++;
        if (place.filtered > 0) filtered = true;
        for (let w = place.first; w !== null; w = w.next) {
          if (w.depth < 0 || levels <= w.depth) found.push(w);
        }
      }
      n = parent[n] as number;
      levels++;
    }
    if (!watched && up >= 0) this.unwatched[up & UNWATCHED_MASK] = up;
    if (places > 1) inOrder(found, from);
    return filtered;
  }

  /** Appends the watches on exactly this path, in order of registration. Returns as `matches`. */
  exactly(path: string, found: Watch[]): boolean {
    const place = this.places.get(path);
    if (place === undefined) return false;
    for (let w = place.first; w !== null; w = w.next) found.push(w);
    return place.filtered > 0;
  }

  /**
   * Appends the watches on a path and, with `above`, on its ancestors as far as their depth allows, in
   * order of registration. The nodes need not exist.
   */
  covering(path: string, above: boolean, found: Watch[]): void {
    const from = found.length;
    let levels = 0;
    let at = path;
    for (;;) {
      for (let w = this.places.get(at)?.first ?? null; w !== null; w = w.next)
        if (w.depth < 0 || levels <= w.depth) found.push(w);
      const slash = at.lastIndexOf("/");
      if (!above || slash < 0 || at === "/") break;
      at = slash === 0 ? "/" : at.slice(0, slash);
      levels++;
    }
    inOrder(found, from);
  }

  /** Calls `visit` with each watched node of a subtree, children before parents, siblings in order of creation. */
  walk(root: number, visit: (id: number) => void): void {
    const tree = this.tree;
    const first = tree.first;
    const next = tree.next;
    const parent = tree.parent;
    const below = tree.below;
    const flags = tree.flags;
    let n = root;
    for (;;) {
      let child = first[n] as number;
      while (child >= 0 && below[child] === 0) child = next[child] as number;
      if (child >= 0) {
        n = child;
        continue;
      }
      for (;;) {
        if ((flags[n] as number) & Flag.watched) visit(n);
        if (n === root) return;
        let sibling = next[n] as number;
        while (sibling >= 0 && below[sibling] === 0) sibling = next[sibling] as number;
        if (sibling >= 0) {
          n = sibling;
          break;
        }
        n = parent[n] as number;
      }
    }
  }

  /** A row is freed and may be reused: drops it from the cache of unwatched directories. */
  forget(id: number): void {
    if (this.unwatched[id & UNWATCHED_MASK] === id) this.unwatched[id & UNWATCHED_MASK] = -1;
  }

  private attach(place: Place, id: number): void {
    if (this.tree.first[id] === -1) this.forget(id);
    else this.unwatched.fill(-1);
    place.node = id;
    this.unattached--;
    this.tree.flags[id] = (this.tree.flags[id] as number) | Flag.watched;
    this.tree.countWatched(id, 1);
  }

  private detach(place: Place): void {
    const id = place.node;
    place.node = -1;
    this.unattached++;
    this.tree.flags[id] = (this.tree.flags[id] as number) & ~Flag.watched;
    this.tree.countWatched(id, -1);
  }
}

/**
 * Sorts the watches from index `from` on: each level is sorted already, but a connection must see its
 * watches in order of registration.
 */
function inOrder(found: Watch[], from: number): void {
  const second = descent(found, from);
  if (second === found.length) return;
  if (descent(found, second) < found.length) {
    const tail = found.splice(from).sort((a, b) => a.serial - b.serial);
    for (const watch of tail) found.push(watch);
    return;
  }
  // Two levels, the usual case: merges the first into the second.
  const first = found.slice(from, second);
  let at = from;
  let next = second;
  for (const watch of first) {
    while (next < found.length && (found[next] as Watch).serial < watch.serial) found[at++] = found[next++] as Watch;
    found[at++] = watch;
  }
}

/** The first index behind `from` whose watch is out of order; found.length: all are in order. */
function descent(found: Watch[], from: number): number {
  let i = from + 1;
  while (i < found.length && (found[i - 1] as Watch).serial < (found[i] as Watch).serial) i++;
  return i;
}

/** What a watch costs without the place of its path, which the first watch of a path pays for besides. */
function ownCost({ path, suffix }: Watch): number {
  return Cost.watch + 2 * (path.length + suffix.length);
}
