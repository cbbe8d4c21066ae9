/**
 * The store as an operation uses it: the live tree, or a transaction's snapshot with its own changes. A
 * handle (row or item) is valid until the next change through the view. The reading methods of a
 * transaction add to its read set.
 */
export interface View {
  /**
   * The handle of a path; -1: there is no such node. The read set does not grow until the caller reports
   * the result.
   */
  find(path: string): number;
  /** The handle of the nearest existing ancestor; -1: none. */
  above(path: string): number;

  /** The value of a node. */
  value(handle: number): string;
  /** The number of the permission list of a node. */
  permissions(handle: number): number;
  /** The names of the children, each with a NUL, in order of creation. */
  listing(handle: number): string;
  /** A number that changes with the list of children. */
  listingVersion(handle: number): number;
  /** The number of the permission list from which a new node at `path` inherits. */
  inherits(above: number, path: string): number;
  /** The client learns that there is no such node. */
  missing(path: string): void;
  /** The client learns that the node exists. */
  present(handle: number): void;
  /** About how many bytes the children's names take. It is not part of the read set: no client learns it. */
  childBytes(handle: number): number;

  /** Sets the value of a node. */
  setValue(handle: number, value: string): void;
  /** Sets the permission list of a node by its number. */
  setPerms(handle: number, perms: number): void;
  /**
   * Makes a node and its missing parents below `above`, its nearest existing ancestor, whose children's
   * names start at index `start` of their paths. Value null: none is set, and a node that another client
   * made meanwhile keeps its own. Returns the handle of the node.
   */
  createPath(above: number, path: string, perms: number, value: string | null, start: number): number;
  /** Removes a node with its subtree. */
  remove(handle: number): void;
}
