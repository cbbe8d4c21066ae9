import { textCost } from "./cost.ts";
import { bytesOf, Flag, free, grow, resized } from "./rows.ts";
import type { Tree } from "./tree.ts";

// How a store that has nothing yet takes over the rows of a journal, each at its place.

/** Makes room for the rows of a journal, none of which is there yet. */
export function restoreRoom(tree: Tree, rows: number): void {
  while (tree.parent.length < rows) grow(tree, rows);
  while (tree.top < rows) {
    tree.paths[tree.top] = "";
    tree.values[tree.top] = "";
    tree.permsOf[tree.top] = -1;
    tree.top++;
  }
}

/** A node of a journal, without a place and a value yet; its path is its name. */
export function restoreRow(tree: Tree, id: number, parent: number, perms: number, name: string): void {
  tree.paths[id] = name;
  tree.parent[id] = parent;
  restorePerms(tree, id, perms);
}

/** The first that are told stay: what a row was changed to comes before what it was made as. */
export function restorePerms(tree: Tree, id: number, perms: number): void {
  if ((tree.permsOf[id] as number) < 0) tree.permsOf[id] = perms;
}

/** When all have their places; the last that is told stays. */
export function restoreValue(tree: Tree, id: number, value: string): void {
  if (!((tree.flags[id] as number) & Flag.linked)) return;
  const before = tree.value(id).length;
  tree.values[id] = value;
  if ((tree.place[id] as number) >= 0) resized(tree, id, textCost(value.length) - textCost(before));
}

/** Puts it where it belongs: after its parent and those before it. False: what it is below is gone. */
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

/** All are there: what is left between them is free. */
export function restored(tree: Tree): void {
  for (let id = tree.top - 1; id >= 0; id--) if (!((tree.flags[id] as number) & Flag.linked)) free(tree, id);
}
