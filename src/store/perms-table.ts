import { Cost } from "./cost.ts";
import { FreeNumbers } from "./free-numbers.ts";
import type { Journal } from "./journal.ts";
import { entry, keyOf, Perms, wireOf } from "./perms.ts";

/** A domain that died, as long as lists may have entries of its. */
interface Death {
  /** Entries of lists with a lower epoch are the dead domain's, others are a later domain's with its number. */
  readonly epoch: number;
  /** Number of its record in the journal's table of lists. */
  readonly record: number;
}

/** First character of a death's record; a list's begins with a digit. */
const DEATH = "x";

/**
 * All permission lists in use, by number. Equal lists have one number, so a comparison of numbers is enough.
 *
 * The death of a domain costs nothing here: `get` removes entries of dead domains from a list before anybody sees
 * them, without allocating, and `sweep` does so with all lists between requests, and records the changed ones.
 */
export class PermsTable {
  readonly lists: (Perms | null)[] = [];
  /** The journal that records the lists; null: none. */
  journal: Journal | null = null;
  private readonly byKey = new Map<string, number>();
  private readonly numbers = new FreeNumbers();
  /** By owner: bytes of its lists. */
  private readonly charged = new Map<number, number>();
  /** By domid. */
  private readonly deaths = new Map<number, Death>();
  /** The number of deaths so far. */
  private epoch = 0;
  /** The next list to sweep. */
  private at = 0;
  /** Lists that are left to sweep; 0: no list has entries of a dead domain. */
  left = 0;
  /** Lists made since the last `dropUnused`: a request that failed may have left some without a reference. */
  private made: number[] = [];
  /** Called when there is the first of these. */
  onMade: () => void = () => {};
  private readonly isDead = (domid: number): boolean => (this.deaths.get(domid)?.epoch ?? 0) > this.asked;
  /** The epoch of the list that is compared. */
  private asked = 0;

  /** Returns the number of a list, made if it is new, without a reference. A caller that takes none calls `drop`. */
  intern(entries: readonly number[]): number {
    return this.keyed(entries, keyOf(entries));
  }

  /** As `intern`, with the key already computed. */
  keyed(entries: readonly number[], key: string): number {
    const known = this.find(key);
    if (known >= 0) return known;
    const list = new Perms(entries.slice(), key);
    list.epoch = this.epoch;
    const id = this.numbers.upcoming();
    // First, because it can fail.
    this.journal?.list(id, `${key}${this.epoch}`);
    this.use(id, list);
    try {
      this.charge(list, Cost.list + Cost.listEntry * entries.length);
      this.byKey.set(key, id);
      this.made.push(id);
    } catch (thrown) {
      this.drop(id);
      throw thrown;
    }
    if (this.made.length === 1) this.onMade();
    return id;
  }

  /** Whether `dropUnused` has something to do. */
  get unsettled(): boolean {
    return this.made.length > 0;
  }

  /** Between requests: drops the lists that nothing refers to. */
  dropUnused(): void {
    for (let id = this.made.pop(); id !== undefined; id = this.made.pop()) this.drop(id);
  }

  /** The number of the list with this key; -1: there is none. */
  private find(key: string): number {
    const id = this.byKey.get(key);
    if (id === undefined) return -1;
    // It leaves the table of keys if it has entries of dead domains: these are another list's.
    this.get(id);
    return this.byKey.get(key) === id ? id : -1;
  }

  /** Takes the number that `numbers.upcoming` returned. */
  private use(id: number, list: Perms | null): void {
    if (id < this.lists.length) {
      this.lists[id] = list;
    } else {
      this.lists.push(list);
      // The sweep goes round.
      if (this.left > 0) this.left++;
    }
    this.numbers.take();
  }

  /** Sets what a list costs its owner. */
  private charge(list: Perms, bytes: number): void {
    const { owner } = list;
    if (owner >= 0) {
      const sum = this.bytes(owner) + bytes - list.bytes;
      if (sum > 0) this.charged.set(owner, sum);
      else this.charged.delete(owner);
    }
    list.bytes = bytes;
  }

  /** Bytes of an owner's lists. */
  bytes(owner: number): number {
    return this.charged.get(owner) ?? 0;
  }

  /** Takes over a record of the journal: a list, without a reference, if it is `used`, or a death. */
  restore(id: number, text: string, used = true): void {
    while (this.lists.length <= id) this.lists.push(null);
    const numbers = text
      .slice(text.startsWith(DEATH) ? 1 : 0)
      .split(",")
      .map(Number);
    const epoch = numbers.pop() as number;
    this.epoch = Math.max(this.epoch, epoch);
    if (text.startsWith(DEATH)) {
      const [domid] = numbers as [number];
      if (epoch > (this.deaths.get(domid)?.epoch ?? 0)) this.deaths.set(domid, { epoch, record: id });
      return;
    }
    if (!used) return;
    const list = new Perms(numbers, keyOf(numbers));
    list.epoch = epoch;
    this.lists[id] = list;
  }

  /** Ends the restore: drops lists without references and makes the others available to `intern`. */
  restored(): void {
    const records = new Set([...this.deaths.values()].map(({ record }) => record));
    this.numbers.takeBelow(this.lists.length);
    for (let id = this.lists.length - 1; id >= 0; id--) {
      const list = this.lists[id];
      if (!list) {
        if (!records.has(id)) this.numbers.give(id);
        continue;
      }
      // Now that all deaths are known.
      const { entries, key, references } = this.get(id);
      this.charge(list, Cost.list + Cost.listEntry * entries.length);
      if (references === 0) this.drop(id);
      // A death can have made two lists equal.
      else if (key !== "" && !this.byKey.has(key)) this.byKey.set(key, id);
    }
    if (this.deaths.size > 0) this.left = this.lists.length;
  }

  /** Whether there is a list with this key. */
  knows(key: string): boolean {
    return this.find(key) >= 0;
  }

  /** The number of lists in use. */
  get count(): number {
    return this.lists.length - this.numbers.count - this.deaths.size;
  }

  /** The list of a number that is in use. It names no dead domain. Needs no memory. */
  get(id: number): Perms {
    const list = this.lists[id] as Perms;
    if (list.epoch !== this.epoch) this.compare(list, id);
    return list;
  }

  private compare(list: Perms, id: number): void {
    this.asked = list.epoch;
    list.epoch = this.epoch;
    if (this.deaths.size === 0) return;
    const { owner } = list;
    if (!list.strike(this.isDead)) return;
    if (this.byKey.get(list.key) === id) this.byKey.delete(list.key);
    list.key = "";
    // What a dead owner was charged is gone with it.
    if (list.owner === owner) this.charge(list, Cost.list + Cost.listEntry * list.entries.length);
  }

  /** The payload of a GET_PERMS reply. */
  wire(id: number): string {
    const list = this.get(id);
    if (list.wire === "") list.wire = wireOf(list.entries);
    return list.wire;
  }

  /** Takes a reference. */
  hold(id: number): void {
    (this.lists[id] as Perms).references++;
  }

  /** Releases a reference; a list without one is dropped. */
  release(id: number): void {
    if (--(this.lists[id] as Perms).references === 0) this.drop(id);
  }

  /** Frees a list that has no references; otherwise does nothing. Needs no memory. */
  drop(id: number): void {
    if (!this.lists[id] || (this.lists[id] as Perms).references > 0) return;
    const list = this.get(id);
    if (this.byKey.get(list.key) === id) this.byKey.delete(list.key);
    this.charge(list, 0);
    this.lists[id] = null;
    this.numbers.give(id);
  }

  /**
   * Returns the list of a node that `creator` makes below a node with list `id`; creator -1: the owner
   * stays the same.
   */
  inherit(id: number, creator: number): number {
    const list = this.get(id);
    if (creator < 0 || list.owner === creator) return id;
    const entries = list.entries.slice();
    entries[0] = entry(creator, list.access);
    return this.intern(entries);
  }

  /** A domain died: a later domain with its number gets no rights from lists of before. */
  forget(domid: number): void {
    const before = this.deaths.get(domid);
    const record = before?.record ?? this.numbers.upcoming();
    const epoch = this.epoch + 1;
    if (before === undefined) this.use(record, null);
    try {
      this.journal?.list(record, `${DEATH}${domid},${epoch}`);
      this.deaths.set(domid, { epoch, record });
    } catch (thrown) {
      if (before === undefined) this.numbers.give(record);
      throw thrown;
    }
    this.charged.delete(domid);
    this.epoch = epoch;
    this.left = this.lists.length;
  }

  /**
   * Removes entries of dead domains from up to `budget` lists, and records those that changed. Returns whether there are
   * more. Throws if there is no memory, and can be called again.
   */
  sweep(budget: number): boolean {
    for (let n = 0; this.left > 0; n++) {
      if (n >= budget) return true;
      if (this.at >= this.lists.length) this.at = 0;
      if (this.lists[this.at]) this.save(this.at);
      this.at++;
      this.left--;
    }
    for (const [domid, { record }] of this.deaths) {
      this.numbers.give(record);
      this.deaths.delete(domid);
    }
    return false;
  }

  /** Records a list that changed. */
  private save(id: number): void {
    const list = this.get(id);
    if (list.references === 0) {
      this.drop(id);
      return;
    }
    if (list.key !== "") return;
    const key = keyOf(list.entries);
    this.journal?.list(id, `${key}${list.epoch}`);
    if (!this.byKey.has(key)) this.byKey.set(key, id);
    list.key = key;
  }

  /** Whether two numbers stand for equal lists: a death can make lists equal. Negative numbers equal only themselves. */
  same(a: number, b: number): boolean {
    if (a === b || a < 0 || b < 0) return a === b;
    const [one, other] = [this.get(a), this.get(b)];
    if (one.key !== "" && other.key !== "") return one.key === other.key;
    return one.entries.length === other.entries.length && one.entries.every((packed, n) => packed === other.entries[n]);
  }

  /** Compares what owners are charged with their lists: calls `tell` for each difference. */
  check(tell: (line: string) => void): void {
    const sums = new Map<number, number>();
    for (let id = 0; id < this.lists.length; id++) {
      if (!this.lists[id]) continue;
      const { owner, bytes, references } = this.get(id);
      if (references <= 0) tell(`permission list ${id} has ${references} references`);
      if (owner >= 0) sums.set(owner, (sums.get(owner) ?? 0) + bytes);
    }
    for (const domid of new Set([...sums.keys(), ...this.charged.keys()])) {
      const bytes = sums.get(domid) ?? 0;
      if (bytes !== this.bytes(domid)) tell(`domain ${domid}: lists take ${bytes} bytes, not ${this.bytes(domid)}`);
    }
  }
}
