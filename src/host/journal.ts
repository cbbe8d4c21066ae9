/** What has become of a link that the program before knew. */
export const enum Claim {
  gone = 0,
  open = 1,
  /** Shut off; `broken` comes again. */
  broken = 2,
}

/** What a program that starts anew gives up, where memory ended whenever it tried. Each has those before it. */
export const enum Shed {
  nothing = 0,
  /** The events that wait for guests; each of their watches gets one later. */
  events = 1,
  /** The guests that have left replies unread, which are cut off. */
  clients = 2,
}

/** Tables of a Journal. */
export const enum Kept {
  nodes,
  states,
  lists,
  /** Texts of the program's own. */
  texts,
}

/**
 * Memory beside the engine's, in which the program keeps what it must not lose. What is told here, and what is
 * sent, counts when the program asks for the next message, or when its turn ends: all of it or, if it fails before,
 * nothing. Every function that tells something throws where there is no memory.
 */
export interface Journal {
  /**
   * Where the nodes are read: `rows` has those that changed, the others the nodes by row: bit 5 of `flags` says
   * that it did not go, with all below it, `parent` is -1 for a root. To be told again when one of them is another.
   */
  columns(columns: {
    readonly rows: readonly number[];
    readonly paths: readonly string[];
    readonly values: readonly string[];
    readonly parent: Int32Array;
    readonly permsOf: Int32Array;
    readonly flags: Uint8Array;
  }): void;
  /** How many of the first of `rows` changed that are to be read when that counts. */
  readonly changed: Int32Array;
  /** The first `count` of `rows` changed: they are read now. */
  changes(count: number): void;
  /** The rows of subtrees that went are free now: `count` of them are in `rows`. */
  readonly rows: Int32Array;
  released(count: number): void;
  /** What a number of a permission list stands for. */
  list(id: number, entries: string): void;
  /** Keeps a text under its number, -1: a new one, which is returned. */
  keep(id: number, text: string): number;
  /** As keep(), of a text that is put together there: five whole numbers with a comma each, between the other two. */
  note(id: number, kind: string, a: number, b: number, c: number, d: number, e: number, text: string): number;
  drop(id: number): void;
  /** What was told counts: for a program that reads its state, which is a success or nothing as a whole. */
  commit(): void;

  /** Begins to read a table. Returns one more than the highest number in it. */
  scan(table: Kept): number;
  /**
   * The next: the name of a node, the value of a state, or the text; with number, parent and permission list in the
   * first places of Host.header. Null: that was all. Nodes come in no order, texts in that of their making.
   */
  next(): string | null;
  /** The value of the node that came last. */
  value(): string;
  /** After the last node: their numbers in the order of their making; -1: that was all. */
  row(): number;
  /** Bytes that it takes. */
  memory(): number;
  /** Bytes that a byte of a text takes in it on average, from 0 to 1 or somewhat more. */
  rate(): number;
}
