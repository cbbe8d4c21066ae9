import { DOMID_ANY, DOMID_MAX } from "../limits.ts";

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

/** Equal lists have equal keys. */
export function keyOf(entries: readonly number[]): string {
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
  /** The owner's domid; -1: the domain did not exist when the list was set, or died since. */
  owner = -1;
  /** The rights of domains without an entry. */
  access = 0;
  /** Pairs of domid and rights, in order, of the entries behind the first that are not stale. */
  acl: number[] = [];
  /** The payload of a GET_PERMS reply; "": it must be made anew (PermsTable.wire). */
  wire = "";
  /** References from nodes, history records and transactions. */
  references = 0;
  /** Bytes charged to the owner. */
  bytes = 0;
  /** PermsTable.epoch when its entries were compared with the deaths of domains last. */
  epoch = 0;

  constructor(
    readonly entries: number[],
    /** "": the list changed, and is not in the table of keys. */
    public key: string,
  ) {
    this.wire = wireOf(entries);
    const first = entries[0] as number;
    this.owner = first & STALE ? -1 : first & DOMID_MAX;
    this.access = (first >> RIGHTS_SHIFT) & 3;
    for (let i = 1; i < entries.length; i++) {
      const packed = entries[i] as number;
      if (!(packed & STALE)) this.acl.push(packed & DOMID_MAX, (packed >> RIGHTS_SHIFT) & 3);
    }
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

  /**
   * Removes the entries of dead domains; the owner's entry becomes stale instead. Returns whether there were any. Needs
   * no memory: a rollback may need the owner.
   */
  strike(isDead: (domid: number) => boolean): boolean {
    const { entries, acl } = this;
    let kept = 1;
    for (let i = 1; i < entries.length; i++) {
      const packed = entries[i] as number;
      if (packed & STALE || !isDead(packed & DOMID_MAX)) entries[kept++] = packed;
    }
    let pairs = 0;
    for (let i = 0; i < acl.length; i += 2) {
      if (isDead(acl[i] as number)) continue;
      acl[pairs++] = acl[i] as number;
      acl[pairs++] = acl[i + 1] as number;
    }
    const ownerDied = this.owner >= 0 && isDead(this.owner);
    if (kept === entries.length && !ownerDied) return false;
    entries.length = kept;
    acl.length = pairs;
    if (ownerDied) {
      entries[0] = (entries[0] as number) | STALE;
      this.owner = -1;
    }
    this.wire = "";
    return true;
  }
}

/** The payload of a GET_PERMS reply. */
export function wireOf(entries: readonly number[]): string {
  let wire = "";
  for (let i = 0; i < entries.length; i++) {
    const packed = entries[i] as number;
    wire += `${LETTERS[(packed >> RIGHTS_SHIFT) & 3]}${packed & DOMID_MAX}\0`;
  }
  return wire;
}
