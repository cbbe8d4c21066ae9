export const enum State {
  /** As in the snapshot, but for the fields set here. */
  base,
  absent,
  /** Made here; the snapshot has no such node. */
  fresh,
  /** Made here after the transaction removed what was there. */
  recreated,
}

/** What was done to the children of a node. */
export class Children {
  /** Handles of those that were made or removed, in the order of what was done last to each: whether they are there. */
  readonly there = new Map<number, boolean>();
  /** All that was done. */
  changes = 0;
  /** What the names take now, less what they took. */
  bytes = 0;
}

/** What a transaction knows of one path: what it was told, and what it changed. */
export class Item {
  // Told. Compared with the live store when the transaction ends.
  readMissing = false;
  readPresent = false;
  readValue: string | null = null;
  readPerms = -1;
  readListing: string | null = null;
  readAbove = -1;

  // Changed.
  state: State = State.base;
  /** A node of the live store must be removed first. */
  cut = false;
  value: string | null = null;
  /** Permissions of a new node, or set explicitly. */
  perms = -1;
  permsSet = false;
  children: Children | null = null;
  /** Place in the order of application; -1: unchanged. */
  order = -1;
  /** When it was changed first. */
  rank = 0;
  /** Made on the way to another node: watchers are not told. */
  implicit = false;

  /** Whether the snapshot has the node: 0 not looked yet, 1 yes, 2 no. */
  inSnapshot = 0;
  /** Where the live store had the path when it was first asked for; -1: nobody knew. */
  row = -1;

  constructor(
    public path: string,
    readonly handle: number,
  ) {}

  /** As it was made: nothing told, nothing changed. */
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

/** What need not be told of an item. */
export const untold = new Item("", 0);
