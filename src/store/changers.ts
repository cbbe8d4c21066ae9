import type { History } from "./history.ts";
import { News, touches, Writer } from "./past.ts";
import { parentPath } from "./path.ts";

/** Finds who changed what a failed transaction had read. */
export class Changers {
  /** By author: the number of its latest conflicting commit. */
  readonly found = new Map<Writer, number>();
  /** Ancestors already examined, without and with `above`. Everything above them was examined as well. */
  private readonly removed = new Set<string>();
  private readonly given = new Set<string>();

  constructor(
    private readonly history: History,
    /** Commit number that the transaction sees. */
    private readonly snapshot: number,
  ) {}

  /**
   * Adds those who, since the snapshot, changed any of `news` (bits of News) of a path, made or
   * removed the node, or removed it with an ancestor. With `above`, also those that changed an ancestor's
   * permissions.
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

  /** Adds the authors of a path's matching records. Returns whether there was one. */
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

  private add(writer: Writer, sequence: number): void {
    if (sequence > (this.found.get(writer) ?? -1)) this.found.set(writer, sequence);
  }
}
