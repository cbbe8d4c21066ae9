import { LISTING_CACHE } from "../limits.ts";
import type { Columns } from "./columns.ts";
import { Flag } from "./rows.ts";

/** What the listings need of the tree. */
interface ListedTree extends Columns {
  nameStart(parent: number): number;
}

/** Cache of joined child names. A change of the children, or too many bytes, drops entries. */
export class Listings {
  /** By row; a row with an entry has Flag.listed. */
  readonly texts = new Map<number, string>();
  private bytes = 0;

  constructor(private readonly tree: ListedTree) {}

  /**
   * Joins the names of the children, each with a NUL, in order of creation, and caches the result. A
   * directory without children is not cached.
   */
  make(id: number): string {
    const { tree } = this;
    let n = tree.first[id] as number;
    if (n < 0) return "";
    const start = tree.nameStart(id);
    const names: string[] = [];
    while (n >= 0) {
      names.push((tree.paths[n] as string).slice(start));
      n = tree.next[n] as number;
    }
    names.push("");
    const joined = names.join("\0");
    if (this.bytes + joined.length > LISTING_CACHE) this.forgetAll();
    this.texts.set(id, joined);
    this.bytes += joined.length;
    tree.flags[id] = (tree.flags[id] as number) | Flag.listed;
    return joined;
  }

  /** Drops the entry of a row whose children are about to change. The row must have Flag.listed. */
  forget(id: number): void {
    this.bytes -= (this.texts.get(id) as string).length;
    this.texts.delete(id);
    this.tree.flags[id] = (this.tree.flags[id] as number) & ~Flag.listed;
  }

  /** Empties the cache. */
  forgetAll(): void {
    for (const id of this.texts.keys()) this.tree.flags[id] = (this.tree.flags[id] as number) & ~Flag.listed;
    this.texts.clear();
    this.bytes = 0;
  }
}
