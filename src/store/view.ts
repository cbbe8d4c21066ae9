/**
 * What an operation needs of the store: the live tree, or a transaction's
 * snapshot with its own changes. A handle is good until the view changes.
 */
export interface View {
  /** The handle of a path; -1: there is no such node. Tells nobody anything yet. */
  find(path: string): number;
  /** The handle of the nearest existing ancestor; -1: none. */
  above(path: string): number;

  /** The value. A transaction notes what was told, here and below. */
  value(handle: number): string;
  /** The number of the permissions. */
  permissions(handle: number): number;
  /** The names of the children, each with a NUL. */
  listing(handle: number): string;
  /** A number that differs once the list of children does. */
  listingVersion(handle: number): number;
  /** The number of the permissions from which a new node at `path` inherits. */
  inherits(above: number, path: string): number;
  /** The caller is told that there is no such node. */
  missing(path: string): void;
  /** The caller is told that there is one. */
  present(handle: number): void;
  /** About how many bytes the children's names take; never told to the caller. */
  childBytes(handle: number): number;

  setValue(handle: number, value: string): void;
  setPerms(handle: number, perms: number): void;
  /**
   * Makes a node and its missing parents below `above`, its nearest existing ancestor, whose children's names start at
   * `start`; value null: it gets none, and a node that came there meanwhile keeps its own.
   */
  createPath(above: number, path: string, perms: number, value: string | null, start: number): number;
  remove(handle: number): void;
}
