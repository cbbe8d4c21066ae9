/**
 * Which row of the store has a path. Beside the engine: a tenth of what it would take there, and paths that all come to
 * the same place of a table cannot be chosen. What leads to a row whose path is changed must be dropped before.
 */
export interface PathIndex {
  /** The rows' paths; none of them leads anywhere yet. */
  begin(paths: readonly string[]): void;
  /** -1: there is none. */
  find(path: string): number;
  /** From now on the row's path leads to it, and to no other. Throws where there is no memory. */
  put(path: string, row: number): void;
  /** Returns whether its path led to the row, which it does no more. */
  drop(row: number): boolean;
  /** Paths that lead somewhere. */
  size(): number;
}

/** Texts are "", or why it cannot be. */
export interface Update {
  /** Makes room for a program file of so many bytes, in place of one that was begun. False: there is none. */
  begin(size: number): boolean;
  /** The next bytes of it. False: more than was announced. */
  data(bytes: string): boolean;
  /** Takes the program file at a path of the host's. */
  file(path: string): string;
  /** Whether what is there is a whole program file for this engine. */
  check(): string;
  abort(): void;
  /**
   * After this turn a fresh engine starts the new program, with these options in place of the present ones (null: the
   * same), on the state that this one's `save` gives. If it cannot, this one goes on and is told by `refused`. Throws
   * where there is no memory; then nothing starts.
   */
  go(options: readonly string[] | null): void;
  /** Keeps a chunk of the state. Throws where there is no memory. */
  save(chunk: string): void;
  /** Writes what was kept to a file of the host's, and lets go of it. */
  write(path: string): string;
  /** What was saved is kept to be read in any order; returns its bytes. */
  keep(): number;
  /** Of what is kept, as much as there is from an offset on, and room for. */
  kept(offset: number, room: number): string;
  /** Lets go of what was saved. */
  discard(): void;
  /** Lets go of what was saved or kept. */
  drop(): void;
  /** The next chunk, which is let go of; null: that was all. */
  restore(): string | null;
}
