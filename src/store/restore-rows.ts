import { assert } from "../assert.ts";
import { valueCost } from "./cost.ts";
import { bytesOf, Flag, free, grow, resized } from "./rows.ts";
import type { Tree } from "./tree.ts";

// These functions fill an empty store from the rows of a journal, each at its old number.

/** Makes room for the rows of a journal. */
export function restoreRoom(tree: Tree, rows: number): void {
  while (tree.parent.length < rows) grow(tree, rows);
  while (tree.top < rows) {
    tree.paths[tree.top] = "";
    tree.values[tree.top] = "";
    tree.permsOf[tree.top] = -1;
    tree.top++;
  }
}

/** Adds a node of the journal, which gets its place and value later; its path is only the last component so far. */
export function restoreRow(tree: Tree, id: number, parent: number, perms: number, name: string): void {
  // Its parent may be a removed row above all others: then it is an orphan.
  assert(id < tree.top, `row ${id} of the journal`);
  tree.paths[id] = name;
  tree.parent[id] = parent;
  restorePerms(tree, id, perms);
  assert(tree.perms.lists[tree.permsOf[id] as number] != null, `the permission list of row ${id}`);
}

/**
 * Sets the permissions if the row has none yet: the journal reports what a row was changed to before what
 * it was made with.
 */
export function restorePerms(tree: Tree, id: number, perms: number): void {
  if ((tree.permsOf[id] as number) < 0) tree.permsOf[id] = perms;
}

/** Sets a value once all rows have their places. A later call for the same row replaces the value. */
export function restoreValue(tree: Tree, id: number, value: string): void {
  if (!((tree.flags[id] as number) & Flag.linked)) return;
  const before = tree.value(id).length;
  tree.values[id] = value;
  if ((tree.place[id] as number) >= 0) resized(tree, id, valueCost(value.length) - valueCost(before));
}

/**
 * Links a row as the last child of its parent, which must be linked before. Returns false, without the row,
 * if the parent is gone.
 */
export function restorePlace(tree: Tree, id: number): boolean {
  const parent = tree.parent[id] as number;
  const name = tree.paths[id] as string;
  tree.first[id] = tree.last[id] = tree.next[id] = tree.prev[id] = -1;
  if (parent >= 0) {
    if (!((tree.flags[parent] as number) & Flag.linked)) {
      tree.permsOf[id] = -1;
      return false;
    }
    const above = tree.paths[parent] as string;
    tree.paths[id] = above.length === 1 ? `/${name}` : `${above}/${name}`;
    const previous = tree.last[parent] as number;
    tree.prev[id] = previous;
    if (previous < 0) tree.first[parent] = id;
    else tree.next[previous] = id;
    tree.last[parent] = id;
    tree.names[parent] = (tree.names[parent] as number) + name.length + 1;
  }
  const perms = tree.permsOf[id] as number;
  tree.perms.hold(perms);
  tree.place[id] = tree.owners.add(tree.perms.get(perms).owner, id, bytesOf(tree, id));
  tree.index.put(tree.paths[id] as string, id);
  tree.flags[id] = Flag.linked;
  tree.generation[id] = ++tree.clock;
  tree.size++;
  return true;
}

/** Ends the restore: unused rows become free rows. */
export function restored(tree: Tree): void {
  for (let id = tree.parent.length - 1; id >= 0; id--) {
    if ((tree.flags[id] as number) & Flag.linked) continue;
    tree.generation[id] = 0;
    if (id < tree.top) free(tree, id);
  }
}
