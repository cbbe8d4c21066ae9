/** State of a link that the program before used. */
export const enum Claim {
  gone = 0,
  open = 1,
  /** The host shut it down; `broken` is reported again. */
  broken = 2,
}

/** What a restarted program drops because memory ran out in earlier attempts. Each step includes those before it. */
export const enum Shed {
  nothing = 0,
  /** Queued events of guests; each of their watches gets one later. */
  events = 1,
  /** Guests with unread replies, which are cut off. */
  clients = 2,
}

/** Tables of a Journal. */
export const enum Kept {
  nodes,
  states,
  lists,
  /** Strings that keep() and note() store. */
  texts,
}

/**
 * Memory outside the engine's heap for all state that must not be lost. Its records and sent messages take
 * effect when the program asks for the next message or its turn ends: all of them, or none if the program
 * fails before. Functions that record something throw if there is no memory.
 */
export interface Journal {
  /**
   * Passes the store's columns. `rows` has the changed rows, the others hold the nodes by row: bit 5 of
   * `flags` says that neither the row nor an ancestor was removed; `parent` is -1 for a root. To be called
   * again when a column is replaced.
   */
  columns(columns: {
    readonly rows: readonly number[];
    readonly paths: readonly string[];
    readonly values: readonly string[];
    readonly parent: Int32Array;
    readonly permsOf: Int32Array;
    readonly flags: Uint8Array;
  }): void;
  /** Reserves what the journal needs for each of so many rows. Throws if there is no memory. */
  places(rows: number): void;
  /** How many of the first elements of `rows` the host reads at the commit point. */
  readonly changed: Int32Array;
  /** The first `count` elements of `rows` changed; the host reads them now. */
  changes(count: number): void;
  /**
   * Reserves memory for `count` deletions before the next commit point: one for each drop(), two for each row of
   * released(). Throws if there is none.
   */
  reserve(count: number): void;
  /** Rows of removed subtrees that are free now; released() says how many. It cannot fail: call reserve() before. */
  readonly rows: Int32Array;
  released(count: number): void;
  /** Records what the number of a permission list stands for. */
  list(id: number, entries: string): void;
  /** Stores a string under a number; -1: a new number. Returns the number. */
  keep(id: number, text: string): number;
  /** As keep(), for a string that the host builds: `kind`, the five integers with a comma behind each, `text`. */
  note(id: number, kind: string, a: number, b: number, c: number, d: number, e: number, text: string): number;
  /** Deletes a string. */
  drop(id: number): void;
  /** Makes the records take effect now: for a program that reads its state, which succeeds or fails as a whole. */
  commit(): void;

  /**
   * Sets to 1 the elements of `marks` whose numbers are those of permission lists that nodes have or had. Ends a scan.
   * Throws if there is no memory.
   */
  usedLists(marks: Uint8Array): void;
  /** Begins to read a table. Returns the highest number in it plus one. */
  scan(table: Kept): number;
  /**
   * The next element: a node's name, a state's value, or the string. Host.header has its number, parent and
   * permission list in the first three fields. Null: the end. Nodes are unordered, strings are in the order
   * of their creation.
   */
  next(): string | null;
  /** The value of the node that next() returned. */
  value(): string;
  /**
   * Between scan() of nodes and the first next(): three arrays with an element for each row, in which the host keeps the
   * order of their creation: `ages` and `high` until the first row(), `order` until the last. A recovery may have no
   * memory for others.
   */
  orderInto(ages: Int32Array, high: Int32Array, order: Int32Array): void;
  /** After the last node: the rows, one for each call, in the order of their creation; -1: the end. */
  row(): number;
  /** Bytes that the journal uses. */
  memory(): number;
}
