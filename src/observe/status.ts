/**
 * A directory of the status tree. Its children and values are made when they are read, so it uses no memory
 * otherwise.
 */
export interface Branch {
  /** The domain that may read it and all below, besides privileged ones; -1: none. */
  readonly reader: number;
  /** Names of the children. */
  names(): readonly string[];
  /** A child; a string is a leaf with that value; null: there is no such child. */
  child(name: string): Branch | string | null;
}

/** A node of the status tree. */
export interface Found {
  readonly value: string;
  /** Names of its children. */
  readonly names: readonly string[];
}

/** The result of a lookup. */
interface Look {
  /** Null: there is no such node. */
  readonly found: Found | null;
  /** The reader of the node, or of its nearest existing ancestor; -1: none. */
  readonly reader: number;
}

/** Looks up a path: names from the root, with slashes between them. */
export function look(root: Branch, path: string): Look {
  let at: Branch | string = root;
  let reader = root.reader;
  for (const name of path.split("/")) {
    const next: Branch | string | null = typeof at === "string" ? null : at.child(name);
    if (next === null) return { found: null, reader };
    at = next;
    if (typeof at !== "string" && at.reader >= 0) reader = at.reader;
  }
  return { found: typeof at === "string" ? { value: at, names: [] } : { value: "", names: at.names() }, reader };
}

/** A directory with fixed names. The values are functions that make the children. */
export function fixed(children: ReadonlyMap<string, () => Branch | string>, reader = -1): Branch {
  return {
    reader,
    names: () => [...children.keys()],
    child: (name) => children.get(name)?.() ?? null,
  };
}

/** A directory whose children have numbers as names. */
export function numbered(numbers: () => readonly number[], child: (n: number) => Branch | string | null): Branch {
  return {
    reader: -1,
    names: () => numbers().map(String),
    child(name) {
      const n = Number(name);
      // Only the canonical form of the number.
      return String(n) === name ? child(n) : null;
    },
  };
}

/** A hash of the names, which very likely changes with them (FNV-1a). */
export function versionOf(names: readonly string[]): number {
  let sum = 2166136261;
  for (const character of names.join("\0")) sum = Math.imul(sum ^ character.charCodeAt(0), 16777619);
  return sum >>> 0;
}
