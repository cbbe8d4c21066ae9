/** The members of Columns, in the order in which C reads them (build/contract.mjs). */
export const columnNames = [
  "rows",
  "paths",
  "values",
  "parent",
  "permsOf",
  "flags",
] as const satisfies readonly (keyof Columns)[];

/**
 * The store's columns, which the journal's C side reads directly. Tree.showColumns passes them again
 * whenever one of them is replaced.
 */
export interface Columns {
  /** The rows changed since the last commit. */
  readonly rows: readonly number[];
  readonly paths: readonly string[];
  readonly values: readonly string[];
  readonly parent: Int32Array;
  readonly permsOf: Int32Array;
  readonly flags: Uint8Array;
}

/** The members of the host's Journal that the store uses; src/host/journal.ts documents them. */
export interface Journal {
  columns(columns: Columns): void;
  places(rows: number): void;
  readonly changed: Int32Array;
  changes(count: number): void;
  reserve(count: number): void;
  readonly rows: Int32Array;
  released(count: number): void;
  list(id: number, entries: string): void;
}
