import type { Columns } from "./columns.ts";
import type { PathIndex } from "./path-index.ts";
import type { PermsTable } from "./perms-table.ts";

/** The store as it is now, for the history. */
export interface PresentTree extends Columns {
  readonly index: PathIndex;
  readonly perms: PermsTable;
  readonly reclaim: { deathOf(root: number): number; release(id: number): void };
  /** Number of the last commit. */
  readonly sequence: number;
  readonly stale: number;
  readonly onDeferredWork: () => void;
  find(path: string): number;
  deadRoot(id: number): number;
  listing(id: number): string;
}
