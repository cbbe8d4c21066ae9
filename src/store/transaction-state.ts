import { type Item, untold } from "./item.ts";

/** Fields of Item that hold the number of a permission list. */
export const permsFields = ["readPerms", "readAbove", "perms"] as const;

/** Fields of Item by their names in a saved state, which programs of other versions write and read. */
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

/**
 * The fields of an item that differ from the defaults, by saved name. Row, snapshot lookup and children are
 * left out.
 */
export function known(item: Item): { [name: string]: unknown } {
  const saved: { [name: string]: unknown } = {};
  for (const [field, value] of Object.entries(item))
    if (value !== untold[field as keyof Item]) saved[nameOf.get(field) ?? field] = value;
  saved.inSnapshot = 0;
  saved.row = -1;
  saved.children = null;
  return saved;
}

/** Sets the fields that `known` returned. */
export function setKnown(item: Item, saved: object): void {
  for (const [name, value] of Object.entries(saved)) Object.assign(item, { [fieldOf.get(name) ?? name]: value });
}

/** One item: `known` as from known(), `lists` the entries of the lists that permsFields name. */
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

/** A saved transaction. Permission lists are saved as entries, since numbers differ in the next program. */
export interface TransactionState {
  readonly id: number;
  readonly creator: number;
  readonly failed: number;
  readonly operations: number;
  readonly bytes: number;
  readonly lost: boolean;
  readonly created: number;
  readonly cuts: number;
  /** Commit number of its snapshot; PastState.snapshot has the same number. */
  readonly snapshot: number;
  /** The items, by handle; empty if the snapshot was lost. */
  readonly items: readonly ItemState[];
  /** The order of changes: handles, or -1 for an unused element. */
  readonly order: readonly number[];
}
