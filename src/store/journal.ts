/** The members of Columns, in the order that C has them in (build/contract.mjs). */
export const columnNames = [
  "rows",
  "paths",
  "values",
  "parent",
  "permsOf",
  "flags",
] as const satisfies readonly (keyof Columns)[];

/** The rows of the store, for who reads them there. To be shown again when one of them is another object. */
export interface Columns {
  /** Rows that the changes since the last commit are of. */
  readonly rows: readonly number[];
  readonly paths: readonly string[];
  readonly values: readonly string[];
  readonly parent: Int32Array;
  readonly permsOf: Int32Array;
  readonly flags: Uint8Array;
}

/** Where the store tells what it must not lose: a part of host.ts, which says more. */
export interface Journal {
  columns(columns: Columns): void;
  readonly changed: Int32Array;
  changes(count: number): void;
  readonly rows: Int32Array;
  released(count: number): void;
  list(id: number, entries: string): void;
}
