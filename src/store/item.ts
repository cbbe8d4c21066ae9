/** State of a path inside a transaction. */
export const enum State {
  /** As in the snapshot, but for the fields set here. */
  base,
  /** Removed here. */
  absent,
  /** Made here; the snapshot has no such node. */
  fresh,
  /** Made here after the transaction removed what was there. */
  recreated,
}

/** What was done to the children of a node. */
export class Children {
  /** By handle of a child that was made or removed: whether it exists now. In the order of each child's last change. */
  readonly there = new Map<number, boolean>();
  /** How many times a child was made or removed. */
  changes = 0;
  /** Growth of the joined names, in bytes; negative if they shrank. */
  bytes = 0;
}

/** What a transaction knows of one path: what it read, and what it changed. */
export class Item {
  // Read. Validation compares these with the live store when the transaction ends.
  /** The client learned that there is no such node. */
  readMissing = false;
  /** The client learned that there is one. */
  readPresent = false;
  /** The value; null: not read. */
  readValue: string | null = null;
  /** The number of the permission list; -1: not read. */
  readPerms = -1;
  /** The joined names of the children; null: not read. */
  readListing: string | null = null;
  /** The permission list of the nearest ancestor, from which a new node inherited; -1: not used. */
  readAbove = -1;

  // Changed.
  state: State = State.base;
  /** The commit must first remove a node of the live store. */
  cut = false;
  /** The new value; null: none was set. */
  value: string | null = null;
  /** The permission list of a new node, or one set by SET_PERMS; -1: none. */
  perms = -1;
  permsSet = false;
  children: Children | null = null;
  /** Index in ReadSet.order, in which the commit applies changes; -1: unchanged. */
  order = -1;
  /** Position of its first change among all first changes; orders the events. */
  rank = 0;
  /** Created only as a missing parent: watchers get no event. */
  implicit = false;

  /** Whether the snapshot has the node: 0 not determined, 1 yes, 2 no. */
  inSnapshot = 0;
  /** The row of the path in the live store when it was first looked up; -1: not known. */
  row = -1;

  constructor(
    public path: string,
    readonly handle: number,
  ) {}

  /** Resets all fields to those of a new item. */
  clear(): void {
    this.path = "";
    this.readMissing = this.readPresent = this.cut = this.permsSet = this.implicit = false;
    this.readValue = this.readListing = this.value = null;
    this.readPerms = this.readAbove = this.perms = this.order = this.row = -1;
    this.state = State.base;
    this.children = null;
    this.rank = this.inSnapshot = 0;
  }
}

/** An item with the default values, which a saved state leaves out. */
export const untold = new Item("", 0);
