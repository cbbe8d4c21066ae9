/** Kinds of a history record: what it says of its path before the change. */
export const enum Past {
  /** Nothing: another record has its content (tidy.ts, collapse). */
  none,
  /** The value: `old` is a string. */
  value,
  /** The permissions: `old` is the number of the list, to which the record has a reference. */
  perms,
  /** There was no such node. */
  absent,
  /** The node existed: `old` is its row, kept for this record. */
  removed,
  /** The joined names of the children: `old` is a string. */
  listing,
  /** The child named `old` was not there. */
  added,
  /** `old` is `name NUL next`: the child `name` stood before `next`, or last. */
  dropped,
  /** Nothing: no snapshot needs the record, and no chain has it. */
  dead,
}

/** Properties of a path that a record covers, as bits. */
export const enum News {
  value = 1,
  perms = 2,
  listing = 4,
  /** Whether the node existed. A record of this covers all the others. */
  node = 8,
}

/** By Past: properties that a record defines completely, so that a later record of the same need not be kept. */
export const settles: readonly number[] = [0, News.value, News.perms, News.node, News.node, News.listing, 0, 0, 0];
/**
 * By Past: any of these properties, defined by an earlier record, makes this one superfluous; -1: it has no
 * content.
 */
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

/** By Past: the properties that a change of this kind changes. */
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

/** How many records a new chain may get behind its first one before tidy.ts looks for superfluous ones. */
export const CHAIN_MORE = 2;

/**
 * A path as an open snapshot sees it; null: there was no such node. Permissions are a list's entries. A
 * null member has the same value in the next newer snapshot, or in the present.
 */
export type Once = readonly [value: string | null, perms: readonly number[] | null, listing: string | null] | null;

/** `gone`: the next newer snapshot, or the present, has no such node. */
export type PathState = readonly [path: string, once: Once, gone: boolean];

/** What differs between an open snapshot and the next newer one, or the present. */
export interface PastState {
  readonly snapshot: number;
  readonly paths: readonly PathState[];
}

/**
 * An author of changes or holder of snapshots. It counts the history records that it pays for, and can
 * outlive its client.
 */
export class Writer {
  /** Bytes of the records that it pays for. */
  bytes = 0;

  /** `guest`: an unprivileged client, whose requests the daemon can delay. */
  constructor(
    readonly domid: number,
    readonly guest: boolean,
  ) {}
}

/** Author of changes that no client makes: the death of a domain, and changes made under an earlier program. */
export const NOBODY = new Writer(-1, true);

/** The owner of an open snapshot. */
export interface Holder {
  /** Commit number that the snapshot sees. */
  readonly snapshot: number;
  /** Tree.clock at that commit. */
  readonly clock: number;
  /** The domain charged for it; -1: none. */
  readonly creator: number;
  /** Bytes that the holder uses besides history records. */
  readonly bytes: number;
  /**
   * Who pays for records that this snapshot needs while an earlier one already has a record of the path;
   * null: the author of the change. It is the holder itself if it has several snapshots open: by renewing
   * them it would otherwise make others pay again and again.
   */
  readonly payer: Writer | null;
  /** Gives up the snapshot; the transaction can only end. */
  lose(): void;
}

/** One history record: what a path was before a change. The records of a path form a chain. */
export class HistoryRecord {
  /** The next newer record of the same path. */
  newer: HistoryRecord | null = null;
  /** How many more records the path may get before tidy.ts looks at its chain. */
  left = CHAIN_MORE;

  constructor(
    public sequence: number,
    public path: string,
    public kind: Past,
    public old: string | number,
    /** The next older record of the same path; in the list of spare records, the next spare one. */
    public older: HistoryRecord | null,
    /** The author; a list once others changed the same thing again. */
    public by: Writer | Writer[],
    /** Who pays: the author, or Holder.payer of the newest snapshot. */
    public payer: Writer,
    /** Bytes that the record keeps. */
    public size: number,
  ) {}
}

/** Splits a listing into names. */
export function split(text: string): string[] {
  const names = text.split("\0");
  names.pop();
  return names;
}

/** Takes back a change of kind Past.added or Past.dropped in a list of names. */
export function changeBack(names: string[], kind: Past, old: string): void {
  if (kind === Past.added) {
    names.splice(names.lastIndexOf(old), 1);
    return;
  }
  const [name, next] = old.split("\0") as [string, string];
  names.splice(next === "" ? names.length : names.indexOf(next), 0, name);
}

/** Joins names to a listing: each name with a NUL. */
export function join(names: readonly string[]): string {
  return names.length > 0 ? `${names.join("\0")}\0` : "";
}
