import { DOMID_ANY, DOMID_MAX } from "../limits.ts";
import { Cost } from "./cost.ts";
import type { Journal } from "./journal.ts";

/** Access rights as bits. */
export const enum Right {
  none = 0,
  read = 1,
  write = 2,
}

/** A packed entry is a domid with its rights above it, and STALE if the domain did not exist when the list was set. */
const RIGHTS_SHIFT = 16;
export const STALE = 1 << 18;

const LETTERS = "nrwb";

/** Packs an entry of a permission list; `rights` are bits of Right. */
export function entry(domid: number, rights: number, stale = false): number {
  return domid | (rights << RIGHTS_SHIFT) | (stale ? STALE : 0);
}

/** The domid of a packed entry. */
export function entryDomid(packed: number): number {
  return packed & DOMID_MAX;
}

/** The letter of a packed entry: n, r, w or b. */
export function entryLetter(packed: number): string {
  return LETTERS[(packed >> RIGHTS_SHIFT) & 3] as string;
}

/** The rights of a letter; Right.none for an unknown letter. */
export function rightsOfLetter(letter: string): number {
  return Math.max(0, LETTERS.indexOf(letter));
}

const ENTRY = /^([nrwb])([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)$/;

/**
 * Parses an entry such as `r5`, through a cache. The number is parsed as by strtol with base 0. Returns -1
 * if the text is not an entry or the domid has more than 16 bits.
 */
function parseEntry(text: string): number {
  const seen = parsed.get(text);
  if (seen !== undefined) return seen;
  const packed = parse(text);
  if (packed >= 0) {
    if (parsed.size >= PARSED_MOST) parsed.clear();
    parsed.set(text, packed);
  }
  return packed;
}

/** Cache of parsed entries: clients use few different ones, and a regular expression is slow. */
const parsed = new Map<string, number>();
const PARSED_MOST = 256;

/** A parsed permission list. */
interface Given {
  readonly entries: readonly number[];
  /** Key of the list in PermsTable. */
  readonly key: string;
}

/** Cache of parsed lists. */
const given = new Map<string, Given>();
const GIVEN_LENGTH = 64;

/** Empties both caches. */
export function forgetParsed(): void {
  parsed.clear();
  given.clear();
}

/**
 * Parses the payload of SET_PERMS behind the path: entries with a NUL each; bytes behind the last NUL are
 * ignored. Returns null if there is no entry or one is invalid.
 */
export function parseList(text: string): Given | null {
  const seen = given.get(text);
  if (seen !== undefined) return seen;
  const parts = text.split("\0");
  parts.pop();
  if (parts.length === 0) return null;
  const entries: number[] = [];
  for (const part of parts) {
    const packed = parseEntry(part);
    if (packed < 0) return null;
    entries.push(packed);
  }
  const list = { entries, key: keyOf(entries) };
  if (text.length <= GIVEN_LENGTH) {
    if (given.size >= PARSED_MOST) given.clear();
    given.set(text, list);
  }
  return list;
}

function keyOf(entries: readonly number[]): string {
  let key = "";
  for (let i = 0; i < entries.length; i++) key += `${entries[i]},`;
  return key;
}

function parse(text: string): number {
  const match = ENTRY.exec(text);
  if (match === null) return -1;
  const digits = match[3] as string;
  const octal = digits.length > 1 && digits[0] === "0" && digits[1] !== "x" && digits[1] !== "X";
  const domid = Number(octal ? `0o${digits.slice(1)}` : digits);
  if (!(domid <= DOMID_MAX) || (match[2] === "-" && domid > 0)) return -1;
  return entry(domid, LETTERS.indexOf(match[1] as string));
}

/** A permission list. All nodes with equal lists share one. */
export class Perms {
  /** The owner's domid; -1: the domain did not exist when the list was set. */
  owner = -1;
  /** The rights of domains without an entry. */
  access = 0;
  /** Pairs of domid and rights, in order, of the entries behind the first that are not stale. */
  acl: number[] = [];
  /** The payload of a GET_PERMS reply. */
  wire = "";
  /** References from nodes, history records and transactions. */
  references = 0;
  /** Bytes charged to the owner. */
  bytes = 0;
  /** By entry: the index of this list in the Naming of the entry's domain. */
  places: number[] = [];

  constructor(
    public entries: readonly number[],
    public key: string,
  ) {
    this.derive();
  }

  /** Computes owner, access, acl and wire from the entries. */
  derive(): void {
    const acl: number[] = [];
    let wire = "";
    for (let i = 0; i < this.entries.length; i++) {
      const packed = this.entries[i] as number;
      const rights = (packed >> RIGHTS_SHIFT) & 3;
      wire += `${LETTERS[rights]}${packed & DOMID_MAX}\0`;
      if (i === 0) {
        this.owner = packed & STALE ? -1 : packed & DOMID_MAX;
        this.access = rights;
      } else if (!(packed & STALE)) {
        acl.push(packed & DOMID_MAX, rights);
      }
    }
    this.acl = acl;
    this.wire = wire;
  }

  /**
   * The rights of a domain that is neither privileged nor the owner. `target`: the domain whose rights it
   * has as well; -1: none.
   */
  rights(domid: number, target: number): number {
    const acl = this.acl;
    for (let i = 0; i < acl.length; i += 2) {
      const named = acl[i];
      if (named === domid || named === target || named === DOMID_ANY) return acl[i + 1] as number;
    }
    return this.access;
  }
}

/** Entry of Perms.places while the list is not in the Naming yet. */
const NOT_NAMED = -1;

/** The lists that name a domain, unordered. */
class Naming {
  readonly ids: number[] = [];

  /** `payer`: the owner of the first list, charged for this object. */
  constructor(readonly payer: number) {}
}

/** All permission lists in use, by number. Equal lists have one number, so a comparison of numbers is enough. */
export class PermsTable {
  readonly lists: (Perms | null)[] = [];
  /** The journal that records the lists; null: none. */
  journal: Journal | null = null;
  private readonly byKey = new Map<string, number>();
  private readonly free: number[] = [];
  /** By domid: the lists that name it, so that its death costs only those. */
  private readonly naming = new Map<number, Naming>();
  /** By owner: bytes of its lists. */
  private readonly charged = new Map<number, number>();

  /** Returns the number of a list, made if it is new, without a reference. A caller that takes none calls `drop`. */
  intern(entries: readonly number[]): number {
    return this.keyed(entries, keyOf(entries));
  }

  /** As `intern`, with the key already computed. */
  keyed(entries: readonly number[], key: string): number {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const list = new Perms(entries, key);
    const free = this.free;
    const id = free.length > 0 ? (free[free.length - 1] as number) : this.lists.length;
    // First, because it can fail.
    this.journal?.list(id, key);
    if (free.length > 0) free.pop();
    this.lists[id] = list;
    try {
      this.name(entries, id, list);
      this.byKey.set(key, id);
    } catch (thrown) {
      // The list must not stay without an entry in each Naming: `forget` would miss it, and a later domain
      // would get its rights.
      this.drop(id);
      throw thrown;
    }
    return id;
  }

  /** Adds the list to the Naming of each of its domains, and charges its owner. */
  private name(entries: readonly number[], id: number, list: Perms): void {
    list.places = entries.map(() => NOT_NAMED);
    for (const [n, packed] of entries.entries()) {
      const domid = packed & DOMID_MAX;
      let naming = this.naming.get(domid);
      if (naming === undefined) {
        naming = new Naming(list.owner);
        this.naming.set(domid, naming);
        this.charge(list.owner, Cost.named);
      }
      const place = naming.ids.length;
      naming.ids.push(id);
      list.places[n] = place;
    }
    const bytes = Cost.list + Cost.listEntry * entries.length;
    this.charge(list.owner, bytes);
    list.bytes = bytes;
  }

  /** Removes entry `n` from its Naming. The last list there moves to the free index. */
  private unname(list: Perms, n: number): void {
    const domid = (list.entries[n] as number) & DOMID_MAX;
    const naming = this.naming.get(domid);
    if (naming === undefined) return;
    const { ids } = naming;
    const place = list.places[n] ?? NOT_NAMED;
    if (place === NOT_NAMED) return;
    const moved = ids.pop() as number;
    const from = ids.length;
    if (place < from) {
      const { places, entries } = this.get(moved);
      ids[place] = moved;
      for (let i = 0; i < places.length; i++)
        if (places[i] === from && ((entries[i] as number) & DOMID_MAX) === domid) places[i] = place;
    } else if (from === 0) {
      this.naming.delete(domid);
      this.charge(naming.payer, -Cost.named);
    }
  }

  private charge(owner: number, bytes: number): void {
    if (owner < 0) return;
    const sum = this.bytes(owner) + bytes;
    if (sum > 0) this.charged.set(owner, sum);
    else this.charged.delete(owner);
  }

  /** Bytes of an owner's lists. */
  bytes(owner: number): number {
    return this.charged.get(owner) ?? 0;
  }

  /** Takes over a list of the journal, without a reference. */
  restore(id: number, key: string): void {
    while (this.lists.length <= id) this.lists.push(null);
    const entries = key.split(",").slice(0, -1).map(Number);
    const list = new Perms(entries, key);
    this.lists[id] = list;
    this.name(entries, id, list);
  }

  /** Ends the restore: drops lists without references and makes the others available to `intern`. */
  restored(): void {
    for (let id = this.lists.length - 1; id >= 0; id--) {
      const list = this.lists[id];
      if (!list) this.free.push(id);
      else if (list.references === 0) this.drop(id);
      // `forget` can have made two lists equal.
      else if (!this.byKey.has(list.key)) this.byKey.set(list.key, id);
    }
  }

  /** Whether there is a list with this key. */
  knows(key: string): boolean {
    return this.byKey.has(key);
  }

  /** The number of lists in use. */
  get count(): number {
    return this.lists.length - this.free.length;
  }

  /** The list of a number that is in use. */
  get(id: number): Perms {
    return this.lists[id] as Perms;
  }

  /** Takes a reference. */
  hold(id: number): void {
    (this.lists[id] as Perms).references++;
  }

  /** Releases a reference; a list without one is dropped. */
  release(id: number): void {
    if (--(this.lists[id] as Perms).references === 0) this.drop(id);
  }

  /** Frees a list that has no references; otherwise does nothing. */
  drop(id: number): void {
    const list = this.lists[id];
    if (!list || list.references > 0) return;
    if (this.byKey.get(list.key) === id) this.byKey.delete(list.key);
    this.charge(list.owner, -list.bytes);
    for (let n = list.entries.length - 1; n >= 0; n--) this.unname(list, n);
    this.lists[id] = null;
    this.free.push(id);
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

  /** Removes a dead domain from every list: a later domain with its number gets no rights from them. */
  forget(domid: number): void {
    const naming = this.naming.get(domid);
    if (naming === undefined) return;
    this.naming.delete(domid);
    // Its lists have no owner from here on.
    this.charged.delete(domid);
    this.charge(naming.payer, -Cost.named);
    const still = new Naming(-1);
    for (const id of new Set(naming.ids)) {
      const list = this.get(id);
      if (this.byKey.get(list.key) === id) this.byKey.delete(list.key);
      const stays = list.entries.map((packed, i) => i === 0 || (packed & DOMID_MAX) !== domid);
      const kept = list.entries.filter((_, i) => stays[i]);
      list.places = list.places.filter((_, i) => stays[i]);
      if (entryDomid(kept[0] as number) === domid) {
        kept[0] = (kept[0] as number) | STALE;
        list.places[0] = still.ids.length;
        still.ids.push(id);
      }
      list.entries = kept;
      list.key = `${kept.join()},`;
      list.derive();
      this.journal?.list(id, list.key);
      if (!this.byKey.has(list.key)) this.byKey.set(list.key, id);
    }
    if (still.ids.length > 0) this.naming.set(domid, still);
  }

  /**
   * Whether two numbers stand for equal lists: `forget` can make lists equal. Negative numbers equal only
   * themselves.
   */
  same(a: number, b: number): boolean {
    return a === b || (a >= 0 && b >= 0 && this.get(a).key === this.get(b).key);
  }
}
