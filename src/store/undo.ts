import { valueCost } from "./cost.ts";
import type { Listings } from "./listings.ts";
import type { PathIndex } from "./path-index.ts";
import { bytesOf, Change, changeOwner, Flag, free, type Rows, resized } from "./rows.ts";
import type { WatchIndex } from "./watch.ts";

/** The changes since the last commit, in parallel lists: of which kind, of which row, and what was there before. */
interface Changes {
  changes: number;
  kinds: number[];
  rows: number[];
  olds: (string | number)[];
}

/** What a rollback needs of the tree. */
interface ChangedTree extends Rows, Changes {
  readonly index: PathIndex;
  readonly watches: WatchIndex;
  readonly listings: Listings;
  readonly reclaim: { undo(root: number): void };
  readonly history: { undo(mark: number): void };
  readonly historyMark: number;
  stale: number;
  size: number;
  nameStart(parent: number): number;
  countWatched(id: number, change: number): void;
  forgetChanges(): void;
}

/** Allocates the next undo note: between taking a row and noting it nothing may fail. */
export function makeRoomForNote(tree: Changes): void {
  const n = tree.changes;
  tree.kinds[n] = Change.create;
  tree.rows[n] = -1;
  tree.olds[n] = -1;
}

/** Undoes the changes since the last commit, newest first. It needs no memory. */
export function rollback(tree: ChangedTree): void {
  while (tree.changes > 0) {
    const n = --tree.changes;
    const id = tree.rows[n] as number;
    const old = tree.olds[n] as string | number;
    switch (tree.kinds[n]) {
      case Change.value:
        if ((tree.place[id] as number) >= 0)
          resized(tree, id, valueCost((old as string).length) - valueCost((tree.values[id] as string).length));
        tree.values[id] = old as string;
        break;
      case Change.perms:
        undoPerms(tree, id, old as number);
        break;
      case Change.create:
        undoCreate(tree, id, old as number);
        break;
      default:
        undoUnlink(tree, id);
    }
  }
  tree.history.undo(tree.historyMark);
  tree.forgetChanges();
}

function undoPerms(tree: ChangedTree, id: number, old: number): void {
  const current = tree.permsOf[id] as number;
  if (current === old) return;
  changeOwner(tree, id, current, old);
  tree.permsOf[id] = old;
  tree.perms.release(current);
}

function undoCreate(tree: ChangedTree, id: number, replaced: number): void {
  const path = tree.paths[id] as string;
  const parent = tree.parent[id] as number;
  const flags = tree.flags[id] as number;
  if (flags & Flag.watched) tree.watches.leave(path, id);
  if (flags & Flag.listed) tree.listings.forget(id);
  if (flags & Flag.linked && parent >= 0) {
    const prev = tree.prev[id] as number;
    if (prev < 0) tree.first[parent] = -1;
    else tree.next[prev] = -1;
    tree.last[parent] = prev;
    tree.names[parent] = (tree.names[parent] as number) - (path.length - tree.nameStart(parent) + 1);
    if ((tree.flags[parent] as number) & Flag.listed) tree.listings.forget(parent);
  }
  // Putting back the replaced row needs no memory: the index had room for it.
  if (tree.index.drop(id) && replaced >= 0) tree.index.put(path, replaced);
  const perms = tree.permsOf[id] as number;
  if (perms >= 0) {
    tree.owners.remove(tree.perms.get(perms).owner, tree.place[id] as number, tree.place, bytesOf(tree, id));
    tree.perms.release(perms);
    tree.size--;
  }
  free(tree, id);
}

function undoUnlink(tree: ChangedTree, id: number): void {
  tree.reclaim.undo(id);
  if (!((tree.flags[id] as number) & Flag.dead)) return;
  const parent = tree.parent[id] as number;
  const prev = tree.prev[id] as number;
  const next = tree.next[id] as number;
  if (prev < 0) tree.first[parent] = id;
  else tree.next[prev] = id;
  if (next < 0) tree.last[parent] = id;
  else tree.prev[next] = id;
  tree.names[parent] =
    (tree.names[parent] as number) + ((tree.paths[id] as string).length - tree.nameStart(parent) + 1);
  if ((tree.flags[parent] as number) & Flag.listed) tree.listings.forget(parent);
  tree.flags[id] = ((tree.flags[id] as number) | Flag.linked) & ~Flag.dead;
  tree.stale--;
  if ((tree.below[id] as number) > 0) {
    tree.countWatched(parent, tree.below[id] as number);
    tree.watches.comeBack(id);
  }
}

/** Calls `visit` with each row made since the last commit. */
export function forEachCreated(tree: Changes, visit: (id: number) => void): void {
  for (let n = 0; n < tree.changes; n++) if (tree.kinds[n] === Change.create) visit(tree.rows[n] as number);
}
