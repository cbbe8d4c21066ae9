/** The nodes of one owner. */
class Owned {
  count = 0;
  /** Bytes of their paths and values, as nodeCost counts them. */
  bytes = 0;
  /** Rows in no order; null for a domain that never dies, of which only the count is kept. */
  ids: Int32Array | null;

  constructor(listed: boolean) {
    this.ids = listed ? new Int32Array(8) : null;
  }
}

/**
 * The nodes of each owner: a list per domain, so that its death costs what it owned. Tree.place has a
 * node's index in the list.
 */
export class Owners {
  private readonly domains = new Map<number, Owned>();

  /** Cache of the last owner: consecutive nodes usually have the same one. */
  private lastOwner = -1;
  private last: Owned | null = null;

  /** `immortal`: domains without a list and without a limit. */
  constructor(private readonly immortal: readonly number[]) {}

  /** Adds a node of `bytes` bytes. Returns its index in the owner's list; -1 where there is no list. */
  add(owner: number, id: number, bytes: number): number {
    if (owner < 0) return -1;
    const owned = owner === this.lastOwner ? (this.last as Owned) : this.ownedBy(owner);
    const ids = owned.ids;
    if (ids === null) {
      owned.count++;
      return -1;
    }
    if (owned.count === ids.length) {
      const more = new Int32Array(ids.length + (ids.length >> 1) + 4);
      more.set(ids);
      owned.ids = more;
      more[owned.count] = id;
    } else {
      ids[owned.count] = id;
    }
    owned.bytes += bytes;
    return owned.count++;
  }

  /** Removes a node. The last of the list moves to its index, which `places` (Tree.place) must show. */
  remove(owner: number, place: number, places: Int32Array, bytes: number): void {
    if (owner < 0) return;
    const owned = owner === this.lastOwner ? this.last : this.domains.get(owner);
    if (!owned) return;
    owned.count--;
    if (owned.ids !== null) {
      owned.bytes -= bytes;
      const moved = owned.ids[owned.count] as number;
      owned.ids[place] = moved;
      places[moved] = place;
    }
    if (owned.count === 0) this.forget(owner);
  }

  /** Adds to the bytes of an owner that has a list. */
  charge(owner: number, bytes: number): void {
    if (owner < 0) return;
    const owned = owner === this.lastOwner ? this.last : this.domains.get(owner);
    if (owned) owned.bytes += bytes;
  }

  /** Bytes of a domain's paths and values; 0 for an immortal one. */
  bytes(owner: number): number {
    const owned = this.domains.get(owner);
    return owned === undefined || owned.ids === null ? 0 : owned.bytes;
  }

  /** The number of a domain's nodes; 0 for an immortal one. */
  mortal(owner: number): number {
    const owned = this.domains.get(owner);
    return owned === undefined || owned.ids === null ? 0 : owned.count;
  }

  /** Whether no limit applies to an owner: it is immortal or there is none. */
  unbound(owner: number): boolean {
    return owner < 0 || this.immortal.includes(owner);
  }

  /** Drops the list of a dead domain: its remaining nodes have no owner. */
  forget(owner: number): void {
    this.domains.delete(owner);
    if (owner === this.lastOwner) {
      this.lastOwner = -1;
      this.last = null;
    }
  }

  /** The number of a domain's nodes, also of an immortal one. */
  count(owner: number): number {
    const owned = this.domains.get(owner);
    return owned === undefined ? 0 : owned.count;
  }

  /** A copy of the list of a domain's rows; empty for an immortal one. */
  nodes(owner: number): Int32Array {
    const owned = this.domains.get(owner);
    return owned === undefined || owned.ids === null ? new Int32Array(0) : owned.ids.slice(0, owned.count);
  }

  private ownedBy(owner: number): Owned {
    let owned = this.domains.get(owner);
    if (owned === undefined) {
      owned = new Owned(!this.immortal.includes(owner));
      this.domains.set(owner, owned);
    }
    this.last = owned;
    this.lastOwner = owner;
    return owned;
  }
}
