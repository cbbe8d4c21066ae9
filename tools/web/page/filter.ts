import { children, type Node, type Tree } from "./model.ts";
import { may, ownerOf } from "./text.ts";

export interface Filter {
  path: string;
  owner: string;
  /** A domain, and what it may do: "r", "w" or "". */
  right: string;
  domid: string;
}

export function isEmpty(filter: Filter): boolean {
  return filter.path === "" && filter.owner === "" && (filter.right === "" || filter.domid === "");
}

/** What a filter asks of a node. Words of the path are all wanted, in any order. */
function matcher({ path, owner, right, domid }: Filter): (node: Node) => boolean {
  const words = path.toLowerCase().split(/\s+/).filter(Boolean);
  return (node) => {
    if (owner !== "" && ownerOf(node.perms) !== owner) return false;
    if (right !== "" && domid !== "" && !may(node.perms, domid, right as "r" | "w")) return false;
    if (words.length === 0) return true;
    const text = node.path.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

export interface Found {
  matches: Set<Node>;
  /** Those above a match, which are shown as the way to it. */
  above: Set<Node>;
}

export function search(tree: Tree, filter: Filter): Found {
  const fits = matcher(filter);
  const matches = new Set<Node>();
  const above = new Set<Node>();
  for (const node of tree.byPath.values()) {
    if (!fits(node)) continue;
    matches.add(node);
    for (let at = node.parent; at !== null && !above.has(at); at = at.parent) above.add(at);
  }
  return { matches, above };
}

/** The nodes that a tree shows, in order: those with open parents, or those that a search found. */
export function seen(tree: Tree, open: ReadonlySet<string>, closed: ReadonlySet<string>, found: Found | null): Node[] {
  const list: Node[] = [];
  const stack = [tree.root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (found !== null && !found.matches.has(node) && !found.above.has(node)) continue;
    list.push(node);
    if (!isOpen(node, open, closed, found)) continue;
    const kids = children(node);
    for (let i = kids.length - 1; i >= 0; i--) stack.push(kids[i] as Node);
  }
  return list;
}

/** A search opens the way to what it found; what is closed by hand stays closed. */
export function isOpen(
  node: Node,
  open: ReadonlySet<string>,
  closed: ReadonlySet<string>,
  found: Found | null,
): boolean {
  if (found === null) return open.has(node.path);
  return found.above.has(node) && !closed.has(node.path);
}
