/**
 * A tree that is not there until somebody looks: its directories and values are made for the one who asks. It holds
 * nothing and costs nothing in between.
 */
export interface Branch {
  /** The domain that may read it and what is below, besides the privileged ones; -1: none. */
  readonly reader: number;
  names(): readonly string[];
  /** Null: there is no such child. A text is a leaf with that value. */
  child(name: string): Branch | string | null;
}

/** A node that was found. */
export interface Found {
  readonly value: string;
  /** Of its children. */
  readonly names: readonly string[];
}

/** What is at a path of the tree. */
interface Look {
  /** Null: there is nothing. */
  readonly found: Found | null;
  /** Who may read it, or the nearest that is there. */
  readonly reader: number;
}

/** `path`: the names from the root, with slashes between them. */
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

/** A directory whose children are known by name. */
export function fixed(children: ReadonlyMap<string, () => Branch | string>, reader = -1): Branch {
  return {
    reader,
    names: () => [...children.keys()],
    child: (name) => children.get(name)?.() ?? null,
  };
}

/** A directory with a child for each number that is there. */
export function numbered(numbers: () => readonly number[], child: (n: number) => Branch | string | null): Branch {
  return {
    reader: -1,
    names: () => numbers().map(String),
    child(name) {
      const n = Number(name);
      // Only the form in which it is listed.
      return String(n) === name ? child(n) : null;
    },
  };
}

/** A number that differs, most likely, once the names do. */
export function versionOf(names: readonly string[]): number {
  let sum = 2166136261;
  for (const character of names.join("\0")) sum = Math.imul(sum ^ character.charCodeAt(0), 16777619);
  return sum >>> 0;
}
