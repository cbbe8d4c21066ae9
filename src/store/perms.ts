import { DOMID_ANY, DOMID_MAX } from "../limits.ts";
import { Cost } from "./cost.ts";
import type { Journal } from "./journal.ts";

/** Rights as bits. */
export const enum Right {
  none = 0,
  read = 1,
  write = 2,
}

/** An entry is a domid with its rights above it, and STALE where it names a domain that was not there. */
const RIGHTS_SHIFT = 16;
export const STALE = 1 << 18;

const LETTERS = "nrwb";

/** Packs an entry of a permission list. */
export function entry(domid: number, rights: number, stale = false): number {
  return domid | (rights << RIGHTS_SHIFT) | (stale ? STALE : 0);
}

export function entryDomid(packed: number): number {
  return packed & DOMID_MAX;
}

/** Its letter. */
export function entryLetter(packed: number): string {
  return LETTERS[(packed >> RIGHTS_SHIFT) & 3] as string;
}

/** The rights that a letter stands for; none for one that stands for nothing. */
export function rightsOfLetter(letter: string): number {
  return Math.max(0, LETTERS.indexOf(letter));
}

const ENTRY = /^([nrwb])([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)$/;

/**
 * Reads an entry such as `r5`; the number is read as strtol does with base 0.
 * -1: it is none, or its domid has more than 16 bits.
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

/** Entries read before: there are few of them, and a regular expression is dear. */
const parsed = new Map<string, number>();
const PARSED_MOST = 256;

/** A permission list as a request brings it. */
interface Given {
  readonly entries: readonly number[];
  /** Names the list among those of a PermsTable. */
  readonly key: string;
}

/** Lists read before, whole: there are few of them too. */
const given = new Map<string, Given>();
const GIVEN_LENGTH = 64;

/** Lets go of what is kept only to answer faster. */
export function forgetParsed(): void {
  parsed.clear();
  given.clear();
}

/** Reads entries with a NUL each; what follows the last is ignored. Null: there is none, or one that is wrong. */
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

/** A permission list, shared by all nodes that have the same one. */
export class Perms {
  /** The domain that owns the node; -1: it was not there when the list was set. */
  owner = -1;
  /** What everybody has who is not named. */
  access = 0;
  /** Pairs of domid and rights, in order, of the entries that count. */
  acl: number[] = [];
  /** What GET_PERMS answers. */
  wire = "";
  /** How many nodes and records refer to it. */
  references = 0;
  /** What it takes, which its owner is charged. */
  bytes = 0;
  /** Of each entry, where the list stands among those that name its domain. */
  places: number[] = [];

  constructor(
    public entries: readonly number[],
    public key: string,
  ) {
    this.derive();
  }

  /** Computes everything from the entries. */
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

  /** The rights of a domain that is neither privileged nor the owner; target -1: it has none. */
  rights(domid: number, target: number): number {
    const acl = this.acl;
    for (let i = 0; i < acl.length; i += 2) {
      const named = acl[i];
      if (named === domid || named === target || named === DOMID_ANY) return acl[i + 1] as number;
    }
    return this.access;
  }
}

/** Where a list does not stand that is only half made. */
const NOT_NAMED = -1;

/** The lists that name a domain, in no order. */
class Naming {
  readonly ids: number[] = [];

  /** Who is charged for it: the owner of the first. */
  constructor(readonly payer: number) {}
}

/** All permission lists in use, by number. Equal lists have one number, so that comparing them is cheap. */
export class PermsTable {
  readonly lists: (Perms | null)[] = [];
  /** Where lists are told of; null: nowhere. */
  journal: Journal | null = null;
  private readonly byKey = new Map<string, number>();
  private readonly free: number[] = [];
  /** By domain, so that its death costs what names it. */
  private readonly naming = new Map<number, Naming>();
  /** What the lists of each owner take. */
  private readonly charged = new Map<number, number>();

  /** The number of a list, with no reference taken. A list that stays without one is let go by `drop`. */
  intern(entries: readonly number[]): number {
    return this.keyed(entries, keyOf(entries));
  }

  /** As `intern`, where the key is known. */
  keyed(entries: readonly number[], key: string): number {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const list = new Perms(entries, key);
    const free = this.free;
    const id = free.length > 0 ? (free[free.length - 1] as number) : this.lists.length;
    // First, for it can fail.
    this.journal?.list(id, key);
    if (free.length > 0) free.pop();
    this.lists[id] = list;
    try {
      this.name(entries, id, list);
      this.byKey.set(key, id);
    } catch (thrown) {
      // A list that is not named wherever it names somebody must not be found: a later domain would get its rights.
      this.drop(id);
      throw thrown;
    }
    return id;
  }

  /** Notes whom the list names, and charges its owner for it. */
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

  /** The last that names the domain takes the place. */
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

  /** What the lists of an owner take. */
  bytes(owner: number): number {
    return this.charged.get(owner) ?? 0;
  }

  /** A list of a journal. */
  restore(id: number, key: string): void {
    while (this.lists.length <= id) this.lists.push(null);
    const entries = key.split(",").slice(0, -1).map(Number);
    const list = new Perms(entries, key);
    this.lists[id] = list;
    this.name(entries, id, list);
  }

  /** All are there: those that nothing refers to go, the others are found again. */
  restored(): void {
    for (let id = this.lists.length - 1; id >= 0; id--) {
      const list = this.lists[id];
      if (!list) this.free.push(id);
      else if (list.references === 0) this.drop(id);
      // After `forget` two may be the same.
      else if (!this.byKey.has(list.key)) this.byKey.set(list.key, id);
    }
  }

  /** Whether there is a list of that key. */
  knows(key: string): boolean {
    return this.byKey.has(key);
  }

  /** Lists in use. */
  get count(): number {
    return this.lists.length - this.free.length;
  }

  get(id: number): Perms {
    return this.lists[id] as Perms;
  }

  hold(id: number): void {
    (this.lists[id] as Perms).references++;
  }

  release(id: number): void {
    if (--(this.lists[id] as Perms).references === 0) this.drop(id);
  }

  /** Lets a list go that nothing refers to. */
  drop(id: number): void {
    const list = this.lists[id];
    if (!list || list.references > 0) return;
    if (this.byKey.get(list.key) === id) this.byKey.delete(list.key);
    this.charge(list.owner, -list.bytes);
    for (let n = list.entries.length - 1; n >= 0; n--) this.unname(list, n);
    this.lists[id] = null;
    this.free.push(id);
  }

  /** The list of a node that `creator` makes below a node with list `id`; creator -1: the owner stays. */
  inherit(id: number, creator: number): number {
    const list = this.get(id);
    if (creator < 0 || list.owner === creator) return id;
    const entries = list.entries.slice();
    entries[0] = entry(creator, list.access);
    return this.intern(entries);
  }

  /** Takes a dead domain out of every list: later domains of the same number get nothing from it. */
  forget(domid: number): void {
    const naming = this.naming.get(domid);
    if (naming === undefined) return;
    this.naming.delete(domid);
    // Nobody owns its lists from here on.
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

  /** Whether two numbers mean the same list: after `forget` two may. */
  same(a: number, b: number): boolean {
    return a === b || (a >= 0 && b >= 0 && this.get(a).key === this.get(b).key);
  }
}
