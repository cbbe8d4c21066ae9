import type { History } from "./history.ts";
import { News, touches, Writer } from "./past.ts";
import { parentPath } from "./path.ts";

/** Finds who changed what a transaction was told of. Not everybody can be told. */
export class Changers {
  /** The domains, each with the number of the latest commit among its changes. */
  readonly found = new Map<number, number>();
  /** Ancestors that were looked at, for the one and the other question: what lies above is known then. */
  private readonly removed = new Set<string>();
  private readonly given = new Set<string>();

  constructor(
    private readonly history: History,
    private readonly snapshot: number,
  ) {}

  /**
   * Those who changed any of this of a path since the snapshot, or made or removed the node, or removed it with an ancestor.
   * `above`: or gave an ancestor other permissions.
   */
  look(path: string, news: number, above: boolean): void {
    if (this.changed(path, news | News.node)) return;
    const upwards = above ? News.node | News.perms : News.node;
    const seen = above ? this.given : this.removed;
    for (let p = parentPath(path); p !== "" && !seen.has(p); p = parentPath(p)) {
      seen.add(p);
      if (this.changed(p, upwards)) return;
    }
  }

  /** Returns whether there is a record of such a change. */
  private changed(path: string, news: number): boolean {
    let any = false;
    for (let r = this.history.heads.get(path) ?? null; r !== null && r.sequence > this.snapshot; r = r.older) {
      if (((touches[r.kind] as number) & news) === 0) continue;
      any = true;
      if (r.by instanceof Writer) this.add(r.by, r.sequence);
      else for (const by of r.by) this.add(by, r.sequence);
    }
    return any;
  }

  private add({ domid }: Writer, sequence: number): void {
    if (sequence > (this.found.get(domid) ?? -1)) this.found.set(domid, sequence);
  }
}
