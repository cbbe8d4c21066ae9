import { type Item, untold } from "./item.ts";

/** Fields of an item that name a permission list. */
export const permsFields = ["readPerms", "readAbove", "perms"] as const;

/** Fields of an item by the names that a state has for them: programs of other versions write and read it, too. */
const fields = {
  sawMissing: "readMissing",
  sawPresent: "readPresent",
  sawValue: "readValue",
  sawPerms: "readPerms",
  sawListing: "readListing",
  sawAbove: "readAbove",
  silent: "implicit",
} as const;
const fieldOf = new Map<string, string>(Object.entries(fields));
const nameOf = new Map<string, string>(Object.entries(fields).map(([name, field]) => [field, name]));

/** An item's fields that differ from those of one of which nothing is known. */
export function known(item: Item): { [name: string]: unknown } {
  const saved: { [name: string]: unknown } = {};
  for (const [field, value] of Object.entries(item))
    if (value !== untold[field as keyof Item]) saved[nameOf.get(field) ?? field] = value;
  saved.inSnapshot = 0;
  saved.row = -1;
  saved.children = null;
  return saved;
}

/** Gives an item what `known` wrote. */
export function setKnown(item: Item, saved: object): void {
  for (const [name, value] of Object.entries(saved)) Object.assign(item, { [fieldOf.get(name) ?? name]: value });
}

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
