import { CHANGERS_MAX } from "../limits.ts";
import { Cost } from "./cost.ts";

/** What a record tells about its path as it was before the change. */
export const enum Past {
  /** Nothing: its news are in another record. */
  none,
  /** The value: `old` is a string. */
  value,
  /** The permissions: `old` is their number, a reference is held. */
  perms,
  /** There was no such node. */
  absent,
  /** `old` is the row of the removed node, kept for this. */
  removed,
  /** The joined names of the children: `old` is a string. */
  listing,
  /** The child named `old` was not there. */
  added,
  /** `old` is `name NUL next`: the child `name` stood before `next`, or last. */
  dropped,
  /** Nothing: no snapshot needs it, and it is in no chain any more. */
  dead,
}

/** What a record tells of a path, as bits. */
export const enum News {
  value = 1,
  perms = 2,
  listing = 4,
  /** Whether there was such a node; then nothing else counts. */
  node = 8,
}

/** By Past: what a record tells for good, so that a later one that tells it as well is needed no more. */
export const settles: readonly number[] = [0, News.value, News.perms, News.node, News.node, News.listing, 0, 0, 0];
/** By Past: what an earlier record must have settled, any of it, so that this one is needed no more; -1: it tells nothing. */
export const needless: readonly number[] = [
  -1,
  News.value | News.node,
  News.perms | News.node,
  News.node,
  News.node,
  News.listing | News.node,
  News.listing | News.node,
  News.listing | News.node,
  -1,
];

/** By Past: what of its path a change of this kind changed. */
export const touches: readonly number[] = [
  News.listing,
  News.value,
  News.perms,
  News.node,
  News.node,
  News.listing,
  News.listing,
  News.listing,
  0,
];

/** Records of one path behind its first before they are looked through for such as no snapshot needs. */
export const CHAIN_MORE = 2;

/**
 * A path as an open snapshot sees it; null: there was no such node. Permissions by their entries. What is null of a node is as
 * the next snapshot, or the present, has it.
 */
export type Once = readonly [value: string | null, perms: readonly number[] | null, listing: string | null] | null;

/** `gone`: the next snapshot, or the present, has no such node. */
export type PathState = readonly [path: string, once: Once, gone: boolean];

/** What lies between an open snapshot and the next one, or the present. */
export interface PastState {
  readonly snapshot: number;
  readonly paths: readonly PathState[];
}

/** Who makes changes, or snapshots. What is kept for that counts here, and outlives the client. */
export class Writer {
  /** What records keep from being forgotten for which it is to pay. */
  bytes = 0;

  /** `guest`: an unprivileged client, which can be made to wait. */
  constructor(
    readonly domid: number,
    readonly guest: boolean,
  ) {}
}

/** Nobody who can be told: a domain's death, and changes that a program before this one saw. */
export const NOBODY = new Writer(-1, true);

/** Who has a snapshot open. */
export interface Holder {
  /** Commit number of the store that it sees. */
  readonly snapshot: number;
  /** Tree.clock at that commit. */
  readonly clock: number;
  /** On whose account it is; -1: on nobody's. */
  readonly creator: number;
  /** What it keeps besides the snapshot. */
  readonly bytes: number;
  /**
   * Who pays for what is recorded for this snapshot though it is recorded for an earlier one as well; null: who changes it.
   * It is the holder of several: who rolls them on makes others' changes be recorded again and again.
   */
  readonly payer: Writer | null;
  /** Takes the snapshot away. */
  lose(): void;
}

export class Record {
  /** The record after this one for the same path. */
  newer: Record | null = null;
  /** How many more records of the path there may be before they are looked through. */
  left = CHAIN_MORE;

  constructor(
    public sequence: number,
    public path: string,
    public kind: Past,
    public old: string | number,
    /** The record before this one for the same path; of one that is spare, the next. */
    public older: Record | null,
    /** Whose change it was, as `changer` says; a list: and who changed the same again. */
    public by: Writer | Writer[],
    /** On whose account it is, that or the payer of the newest snapshot. */
    public payer: Writer,
    /** Bytes that it keeps. */
    public size: number,
  ) {}
}

export function split(text: string): string[] {
  const names = text.split("\0");
  names.pop();
  return names;
}

/** The children before one of them appeared or went. */
export function changeBack(names: string[], kind: Past, old: string): void {
  if (kind === Past.added) {
    names.splice(names.lastIndexOf(old), 1);
    return;
  }
  const [name, next] = old.split("\0") as [string, string];
  names.splice(next === "" ? names.length : names.indexOf(next), 0, name);
}

export function join(names: readonly string[]): string {
  return names.length > 0 ? `${names.join("\0")}\0` : "";
}

/** Who makes the changes of the next commit, and what is kept for whom. */
interface Authors {
  author(): Writer;
  count(payer: Writer, bytes: number): void;
}

/** What a record tells of was changed again: it needs no other, but whoever did it may have to pay for that. */
export function again(history: Authors, record: Record): void {
  const author = history.author();
  const { by } = record;
  if (by === author) return;
  if (by instanceof Writer) {
    record.by = [by, author];
    record.size += Cost.changers;
    history.count(record.payer, Cost.changers);
  } else if (by.length < CHANGERS_MAX && !by.includes(author)) {
    by.push(author);
  }
}
