/**
 * The path index, from a path to its row. It is outside the engine, where it would use ten times the
 * memory, and nobody can choose paths that collide. A row must be dropped before its path is changed.
 */
export interface PathIndex {
  /** Passes the array of paths by row. The index is empty then. */
  begin(paths: readonly string[]): void;
  /** The row of a path; -1: there is none. */
  find(path: string): number;
  /** Adds a row, and replaces another with the same path. Throws if there is no memory. */
  put(path: string, row: number): void;
  /** Removes a row. Returns whether the index had it. */
  drop(row: number): boolean;
  /** The number of paths in the index. */
  size(): number;
}

/** Live updates, and saved states. Strings that methods return as results are "", or the error. */
export interface Update {
  /** Begins a program file of `size` bytes, in place of one begun before. False: there is no memory. */
  begin(size: number): boolean;
  /** Adds the next bytes of it. False: they exceed `size`. */
  data(bytes: string): boolean;
  /** Reads the program file from a path of the host. */
  file(path: string): string;
  /** Checks that the program file is complete and fits this engine. */
  check(): string;
  /** The highest version of Xen's migration stream that the accepted file reads, if it is C xenstored; else 0. */
  foreign(): number;
  /** Drops the program file. */
  abort(): void;
  /**
   * After this turn a new engine starts the new program with these options (null: the present ones) on the
   * state that `save` of this program writes. If that fails, this program goes on and its `refused` is
   * called. Throws if there is no memory; then nothing starts.
   */
  go(options: readonly string[] | null): void;
  /** Appends a chunk to the saved state. Throws if there is no memory. */
  save(chunk: string): void;
  /** Writes the saved state to a file of the host, and frees it. */
  write(path: string): string;
  /** Keeps the saved state for kept(). Returns its size in bytes. */
  keep(): number;
  /** Bytes of the kept state from `offset` on, at most `room`. */
  kept(offset: number, room: number): string;
  /** Frees the saved state. */
  discard(): void;
  /** Frees the saved and the kept state. */
  drop(): void;
  /** The next chunk of the state to start with, which is freed; null: the end. */
  restore(): string | null;
}
