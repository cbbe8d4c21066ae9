/** Fields of an item that name a permission list. */
export const permsFields = ["sawPerms", "sawAbove", "perms"] as const;

export type ItemState = readonly [
  path: string,
  known: object,
  lists: readonly (readonly number[])[],
  children?: ChildrenState,
];

interface ChildrenState {
  readonly there: readonly (readonly [handle: number, there: boolean])[];
  readonly changes: number;
  readonly bytes: number;
}

/** A transaction in words that outlive the program: lists of permissions by their entries. */
export interface TransactionState {
  readonly id: number;
  readonly creator: number;
  readonly failed: number;
  readonly operations: number;
  readonly bytes: number;
  readonly lost: boolean;
  readonly created: number;
  readonly cuts: number;
  /** Which of the history's snapshots is its own. */
  readonly snapshot: number;
  /**
   * Each path with what is known of it beyond the defaults, the permission lists among that, and what was done to its
   * children.
   */
  readonly items: readonly ItemState[];
  /** Places in `items`, or -1. */
  readonly order: readonly number[];
}
