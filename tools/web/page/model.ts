/** [path, value, bytes of the value, permissions] */
export type NodeRow = [path: string, value: string, length: number, perms: string];
/** What a change is: a node behind it but for "removed" and "written". */
export type Change = [
  seq: number,
  time: number,
  what: string,
  path: string,
  value?: string,
  length?: number,
  perms?: string,
];

export interface Node {
  readonly path: string;
  readonly name: string;
  readonly parent: Node | null;
  readonly depth: number;
  value: string;
  length: number;
  perms: string;
  kids: Map<string, Node>;
  /** The children in order; null: to be sorted. */
  sorted: Node[] | null;
  /** When it changed last, and when something below it did, in milliseconds of this page; 0: not yet. */
  changed: number;
  below: number;
  /** What changed, and when by the clock, in seconds. */
  what: string;
  time: number;
}

const NUMBER = /^\d{1,15}$/;

/** Numbers before names, and by their value. */
function inOrder(a: Node, b: Node): number {
  const numbers = Number(NUMBER.test(b.name)) - Number(NUMBER.test(a.name));
  if (numbers !== 0) return numbers;
  if (NUMBER.test(a.name)) return Number(a.name) - Number(b.name);
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

export function children(node: Node): Node[] {
  node.sorted ??= [...node.kids.values()].sort(inOrder);
  return node.sorted;
}

/** Recent changes that are kept for the list of them. */
const RECENT = 200;

export class Tree {
  root = made("/", "/", null);
  byPath = new Map<string, Node>([["/", this.root]]);
  recent: Change[] = [];

  get size(): number {
    return this.byPath.size;
  }

  /** Begins anew. Parents may come after their children. */
  load(rows: readonly NodeRow[]): void {
    this.root = made("/", "/", null);
    this.byPath = new Map([["/", this.root]]);
    for (const row of rows) this.set(row);
  }

  /** The node of a path, made if it is not there. */
  private at(path: string): Node {
    const there = this.byPath.get(path);
    if (there !== undefined) return there;
    const end = path.lastIndexOf("/");
    // No recursion: a path has 3,072 bytes at most, but 1,500 levels with them.
    const missing: string[] = [path];
    let above = path.slice(0, end) || "/";
    while (!this.byPath.has(above)) {
      missing.push(above);
      above = above.slice(0, above.lastIndexOf("/")) || "/";
    }
    let parent = this.byPath.get(above) as Node;
    for (const one of missing.reverse()) {
      const node = made(one, one.slice(one.lastIndexOf("/") + 1), parent);
      parent.kids.set(node.name, node);
      parent.sorted = null;
      this.byPath.set(one, node);
      parent = node;
    }
    return parent;
  }

  private set([path, value, length, perms]: NodeRow): Node {
    const node = this.at(path);
    node.value = value;
    node.length = length;
    node.perms = perms;
    return node;
  }

  apply(changes: readonly Change[], now: number): void {
    for (const change of changes) {
      const [, time, what, path, value, length, perms] = change;
      if (what === "removed") this.remove(path, now);
      else {
        const node =
          value === undefined ? this.byPath.get(path) : this.set([path, value, length as number, perms as string]);
        if (node === undefined) continue;
        node.changed = now;
        node.what = what;
        node.time = time;
        mark(node.parent, now);
      }
    }
    this.recent = [...[...changes].reverse(), ...this.recent].slice(0, RECENT);
  }

  private remove(path: string, now: number): void {
    const node = this.byPath.get(path);
    if (node === undefined || node.parent === null) return;
    node.parent.kids.delete(node.name);
    node.parent.sorted = null;
    mark(node.parent, now);
    const below = [node];
    for (let at = below.pop(); at !== undefined; at = below.pop()) {
      this.byPath.delete(at.path);
      below.push(...at.kids.values());
    }
  }
}

function mark(from: Node | null, now: number): void {
  for (let node = from; node !== null; node = node.parent) node.below = now;
}

function made(path: string, name: string, parent: Node | null): Node {
  return {
    path,
    name,
    parent,
    depth: parent === null ? 0 : parent.depth + 1,
    value: "",
    length: 0,
    perms: "",
    kids: new Map(),
    sorted: null,
    changed: 0,
    below: 0,
    what: "",
    time: 0,
  };
}
