/** The nodes of one domain. */
class Owned {
  count = 0;
  /** Bytes of their paths and values, as textCost counts a value. */
  bytes = 0;
  /** Node ids in no order; null for a domain that never dies and is only counted. */
  ids: Int32Array | null;

  constructor(listed: boolean) {
    this.ids = listed ? new Int32Array(8) : null;
  }
}

/**
 * Who owns what: a list of nodes per domain, so that the death of a domain costs
 * what it owned. A node remembers its place in the list.
 */
export class Owners {
  private readonly domains = new Map<number, Owned>();

  /** Whoever made the last node most often makes the next. */
  private lastOwner = -1;
  private last: Owned | null = null;

  /** `immortal` domains own any number of nodes and are never asked which. */
  constructor(private readonly immortal: readonly number[]) {}

  /** Returns the place of the node in its owner's list; -1 where there is no list. `bytes`: what it takes. */
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

  /** `places` is the column of places: the last of the list moves into the gap. */
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

  /** A node of a mortal domain grew or shrank. */
  charge(owner: number, bytes: number): void {
    if (owner < 0) return;
    const owned = owner === this.lastOwner ? this.last : this.domains.get(owner);
    if (owned) owned.bytes += bytes;
  }

  /** Bytes of paths and values that a domain owns; 0 for an immortal one. */
  bytes(owner: number): number {
    const owned = this.domains.get(owner);
    return owned === undefined || owned.ids === null ? 0 : owned.bytes;
  }

  /** Nodes that a mortal domain owns; 0 for an immortal one. */
  mortal(owner: number): number {
    const owned = this.domains.get(owner);
    return owned === undefined || owned.ids === null ? 0 : owned.count;
  }

  /** Whether nobody counts what a domain owns. */
  unbound(owner: number): boolean {
    return owner < 0 || this.immortal.includes(owner);
  }

  /** The domain is dead: what is left in its list belongs to nobody. */
  forget(owner: number): void {
    this.domains.delete(owner);
    if (owner === this.lastOwner) {
      this.lastOwner = -1;
      this.last = null;
    }
  }

  count(owner: number): number {
    const owned = this.domains.get(owner);
    return owned === undefined ? 0 : owned.count;
  }

  /** A copy of the owner's nodes; empty for an immortal domain. */
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
