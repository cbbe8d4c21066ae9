import type { Columns } from "./columns.ts";
import { nodeCost } from "./cost.ts";
import type { Owners } from "./owners.ts";
import type { PermsTable } from "./perms-table.ts";

/** The rows with what is counted for each of them. */
export interface Rows extends Columns {
  /** Rows that were used since the start; those from here on never were. */
  top: number;
  /** The first free row below that; -1: there is none. */
  freeRow: number;
  readonly perms: PermsTable;
  readonly owners: Owners;
  readonly watches: { forget(id: number): void };
  /** Needs places for the rows of longer columns. */
  readonly journal: { places(rows: number): void } | null;
  /** To be called once columns are replaced. */
  showColumns(): void;
}

/** Bits of Tree.flags. */
export const enum Flag {
  /** Root of a removed subtree. */
  dead = 1,
  /** At least one watch is set on exactly this node. */
  watched = 2,
  /** The joined listing of its children is cached. */
  listed = 4,
  /** A history record refers to the row. */
  held = 8,
  /** Taken out of the index and the accounts; only the history needs the row. */
  swept = 16,
  /** In its parent's list of children. */
  linked = 32,
}

/** Kinds of Tree.kinds: the undo notes of the changes since the last commit. */
export const enum Change {
  value,
  perms,
  create,
  unlink,
}

/** Takes a row and sets its path and value. The caller sets the parent and permissions. */
export function allocate(tree: Rows, path: string, value: string): number {
  let id = tree.freeRow;
  if (id >= 0) {
    tree.freeRow = tree.next[id] as number;
    tree.next[id] = -1;
    tree.paths[id] = path;
    tree.values[id] = value;
    return id;
  }
  id = tree.top;
  if (id === tree.parent.length) grow(tree);
  // `top` moves once both arrays have the element: a hole would make the engine's arrays slow for good.
  tree.paths[id] = path;
  tree.values[id] = value;
  tree.top = id + 1;
  return id;
}

/** Makes the columns longer, to `more` rows. `parent` comes last: its length is the capacity. */
export function grow(tree: Rows, more: number = tree.top + (tree.top >> (tree.top < 4096 ? 1 : 2))): void {
  // By a quarter: copying is cheap, what lies idle is not.
  const { top } = tree;
  tree.journal?.places(more);
  // All of them, or none where memory ends: the journal must not read some of the old ones.
  const first = longer(tree.first, more).fill(-1, top);
  const last = longer(tree.last, more).fill(-1, top);
  const next = longer(tree.next, more).fill(-1, top);
  const prev = longer(tree.prev, more).fill(-1, top);
  const permsOf = longer(tree.permsOf, more).fill(-1, top);
  const place = longer(tree.place, more);
  const generation = longer(tree.generation, more);
  const names = longer(tree.names, more);
  const below = longer(tree.below, more);
  const flags = new Uint8Array(more);
  flags.set(tree.flags);
  const parent = longer(tree.parent, more);
  tree.first = first;
  tree.last = last;
  tree.next = next;
  tree.prev = prev;
  tree.permsOf = permsOf;
  tree.place = place;
  tree.generation = generation;
  tree.names = names;
  tree.below = below;
  tree.flags = flags;
  tree.parent = parent;
  tree.showColumns();
}

/** Resets a row and puts it at the head of the free list. */
export function free(tree: Rows, id: number): void {
  tree.watches.forget(id);
  tree.paths[id] = "";
  tree.values[id] = "";
  tree.flags[id] = 0;
  tree.below[id] = 0;
  tree.names[id] = 0;
  tree.first[id] = -1;
  tree.last[id] = -1;
  tree.prev[id] = -1;
  tree.permsOf[id] = -1;
  tree.next[id] = tree.freeRow;
  tree.freeRow = id;
}

/** Bytes of a node's path and value in the store and the journal, as charged to its owner. */
export function bytesOf(tree: Rows, id: number): number {
  const path = tree.paths[id] as string;
  return nodeCost(path, path.lastIndexOf("/") + 1, (tree.values[id] as string).length);
}

/** Adds to the bytes of a node's owner. Only for nodes with a place in an owner's list. */
export function resized(tree: Rows, id: number, bytes: number): void {
  tree.owners.charge(tree.perms.get(tree.permsOf[id] as number).owner, bytes);
}

/** Moves a node to the list of another owner, if lists `from` and `to` have different ones. */
export function changeOwner(tree: Rows, id: number, from: number, to: number): void {
  const was = tree.perms.get(from).owner;
  const is = tree.perms.get(to).owner;
  if (was !== is) {
    const place = tree.place[id] as number;
    const bytes = bytesOf(tree, id);
    const added = tree.owners.add(is, id, bytes);
    tree.owners.remove(was, place, tree.place, bytes);
    tree.place[id] = added;
  }
}

/** Makes a row outside the tree that holds an earlier state of a node for the history, without its listing. */
export function tombstone(tree: Rows, path: string, value: string, perms: number): number {
  const id = allocate(tree, path, value);
  tree.parent[id] = -1;
  tree.permsOf[id] = perms;
  tree.perms.hold(perms);
  tree.flags[id] = Flag.held | Flag.swept;
  return id;
}

/** The next row in the subtree of `root`, parents before children; -1: `id` was the last. */
export function following(tree: Rows, id: number, root: number): number {
  if ((tree.first[id] as number) >= 0) return tree.first[id] as number;
  for (let n = id; n !== root; n = tree.parent[n] as number)
    if ((tree.next[n] as number) >= 0) return tree.next[n] as number;
  return -1;
}

/**
 * Whether a row is in a removed subtree; for many rows, since each ancestor is looked at once. `known`, one
 * byte per row, caches results: 1 dead, 2 alive. `lasts`: nothing is removed before the next call, so
 * "alive" may be cached.
 */
export function isDead(tree: Rows, id: number, known: Uint8Array, lasts: boolean): boolean {
  const { flags, parent } = tree;
  let n = id;
  while (n >= 0 && known[n] === 0 && !((flags[n] as number) & Flag.dead)) n = parent[n] as number;
  const dead = n >= 0 && known[n] !== 2;
  if (dead || lasts) for (let m = id; m !== n; m = parent[m] as number) known[m] = dead ? 1 : 2;
  return dead;
}

/** Replaces by -1 the rows that go with another of them, are gone, or are roots, which cannot be removed. */
export function keepHighest(tree: Rows, rows: Int32Array): void {
  const { parent, flags } = tree;
  const known = new Uint8Array(rows.length > 0 ? parent.length : 0);
  // For isDead(): what is below one of them goes with it.
  for (const id of rows) if ((parent[id] as number) >= 0) known[id] = 1;
  for (const [n, id] of rows.entries()) {
    const above = parent[id] as number;
    if (above < 0 || (flags[id] as number) & Flag.dead || isDead(tree, above, known, true)) rows[n] = -1;
  }
}

function longer(column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(length);
  more.set(column);
  return more;
}
