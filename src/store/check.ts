import { bytesOf, Flag } from "./rows.ts";
import type { Tree } from "./tree.ts";

/** Most findings returned: one fault can show in many places. */
const MOST = 20;

/**
 * Walks the whole store and compares what is kept twice: links, index, listing sizes, watch counts, owners.
 * Returns one line for each difference, at most MOST; an empty list means that the store is consistent.
 */
export function checkTree(tree: Tree): string[] {
  const found: string[] = [];
  const tell = (line: string): void => {
    if (found.length < MOST) found.push(line);
  };
  const owned = new Map<number, number>();
  const bytes = new Map<number, number>();
  let nodes = 0;
  const visit = (id: number): void => {
    nodes++;
    const path = tree.paths[id] as string;
    const flags = tree.flags[id] as number;
    if (tree.index.find(path) !== id) tell(`${path}: the index leads elsewhere`);
    if (flags & (Flag.dead | Flag.swept | Flag.held)) tell(`${path}: is marked as removed`);
    const { owner } = tree.perms.get(tree.permissions(id));
    if (owner >= 0) owned.set(owner, (owned.get(owner) ?? 0) + 1);
    if (owner >= 0) bytes.set(owner, (bytes.get(owner) ?? 0) + bytesOf(tree, id));
    let names = 0;
    let below = flags & Flag.watched ? 1 : 0;
    let previous = -1;
    for (let child = tree.first[id] as number; child >= 0; child = tree.next[child] as number) {
      const childPath = tree.paths[child] as string;
      if (tree.prev[child] !== previous || tree.parent[child] !== id) tell(`${childPath}: is linked wrongly`);
      names += childPath.length - tree.nameStart(id) + 1;
      below += tree.below[child] as number;
      previous = child;
    }
    if (tree.last[id] !== previous) tell(`${path}: its last child is another`);
    if (tree.names[id] !== names) tell(`${path}: names of children take ${names} bytes, not ${tree.names[id]}`);
    if (tree.below[id] !== below) tell(`${path}: ${below} watched nodes below, not ${tree.below[id]}`);
  };
  for (let id = 0; id < tree.paths.length; id++) {
    const linked = (tree.flags[id] as number) & Flag.linked;
    if (linked && tree.parent[id] === -1 && tree.deadRoot(id) < 0) walk(tree, id, visit);
  }
  const indexed = tree.index.size();
  if (tree.stale === 0) {
    if (indexed !== nodes) tell(`${indexed} paths for ${nodes} nodes`);
    if (tree.size !== nodes) tell(`${nodes} nodes are counted as ${tree.size}`);
    for (const [owner, count] of owned) {
      const kept = tree.owners.count(owner);
      if (kept !== count) tell(`domain ${owner} owns ${count} nodes, counted as ${kept}`);
      const used = bytes.get(owner) as number;
      if (!tree.owners.unbound(owner) && tree.owners.bytes(owner) !== used)
        tell(`nodes of domain ${owner} take ${used} bytes, counted as ${tree.owners.bytes(owner)}`);
    }
  }
  tree.perms.dropUnused();
  tree.perms.check(tell);
  return found;
}

function walk(tree: Tree, root: number, visit: (id: number) => void): void {
  let n = root;
  for (;;) {
    visit(n);
    const child = tree.first[n] as number;
    if (child >= 0) {
      n = child;
      continue;
    }
    while (n !== root && (tree.next[n] as number) < 0) n = tree.parent[n] as number;
    if (n === root) return;
    n = tree.next[n] as number;
  }
}
