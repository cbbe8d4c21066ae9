import type { Host, Journal, Link } from "../host.ts";
import type { Trace } from "../observe/trace.ts";
import { type Quotas, quotaTable } from "../quota/quotas.ts";
import type { Watch } from "../store/watch.ts";

/** First character of each text in the journal, its kind. */
export const Kind = {
  connection: "c",
  domain: "d",
  watch: "w",
  message: "m",
  settings: "s",
  delivery: "e",
  paths: "p",
  reply: "r",
  deferredReply: "a",
} as const;

/** From this bit on a transaction's number contains the number of the program's life (`recoveries`). */
export const LIFE_SHIFT = 24;

/** The place of an object that is not in the journal. */
export const NO_RECORD = -1;

/** Bits of a connection's record. */
export const enum Flag {
  ring = 1,
  privileged = 2,
  shut = 4,
  /** Some of its watches have `missed`. */
  missed = 8,
}

/** What is recorded of a connection. */
interface JournaledConnection {
  readonly link: Link;
  readonly domid: number;
  readonly ring: boolean;
  readonly privileged: boolean;
  readonly shut: boolean;
  readonly features: number;
  readonly target: number;
  readonly base: string;
  readonly missed: number;
  /** Set with each record: the record has Flag.missed. */
  missedRecorded: boolean;
  /** Place in the journal. */
  record: number;
  /** Names it in other records: its place may become another one's. */
  readonly serial: number;
}

/** What is recorded of a domain. */
interface JournaledDomain {
  readonly domid: number;
  readonly uniqueId: string;
  readonly shutdownSeen: boolean;
  readonly features: number;
  readonly connection: { readonly link: Link } | null;
  /** Place in the journal. */
  record: number;
}

/** What is recorded of a request that is answered later. */
interface JournaledRequest {
  readonly connection: { readonly serial: number };
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
}

/** A domain's record, as JSON. */
export interface RecordedDomain {
  readonly domid: number;
  readonly uniqueId: string;
  readonly shutdownSeen: boolean;
  readonly features: number;
  /** The link of its ring; -1: it is not introduced. */
  readonly link: number;
}

/** A reply to be sent later. */
export interface RecordedReply {
  /** Connection.serial. */
  readonly to: number;
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
  readonly payload: string;
}

/**
 * Who gets events for a change. The watches are found by the path, but the owners must be recorded: the
 * permissions that selected them may be gone.
 */
export interface RecordedWatchers {
  /** Connection.serial of each. */
  readonly owners: number[];
  /** Some of the watches are on an ancestor. */
  readonly above: boolean;
  /** Some of the watches on the path itself have a depth. */
  readonly deep: boolean;
  /** Watch.suffix of a single watch; "": there are several. */
  readonly suffix: string;
}

/** Events that are sent in slices: the changes, and who gets events for them. */
export interface RecordedEvents {
  readonly paths: readonly string[];
  /** By path: an index in `watchers`. */
  readonly told: readonly number[];
  readonly watchers: readonly RecordedWatchers[];
}

/** A delivery's record. The paths have records of their own, in pieces. */
export interface RecordedDelivery extends Omit<RecordedEvents, "paths"> {
  /** Journal places of the paths. */
  readonly paths: readonly number[];
  /** The guest whose request caused it: journal place of its connection, and its domid. NO_RECORD: none. */
  readonly by: number;
  readonly domid: number;
}

/** The reply that follows the events of a delivery. */
export interface RecordedDebt extends RecordedReply {
  /** Journal place of the delivery. */
  readonly delivery: number;
}

/** The record of the settings, as JSON. */
export interface RecordedSettings {
  readonly recoveries: number;
  /** By domid: its quotas in the order of quotaTable, -1 where the global one applies; domid -1: the global quotas. */
  readonly quotas: readonly (readonly [number, readonly number[]])[];
  readonly traced: readonly string[];
  readonly tracing: boolean;
  /** Options that were changed since the start. */
  readonly options: readonly (readonly [name: string, value: string])[];
}

/**
 * Records in the journal what is not in the tree: connections, watches, domains, queued messages,
 * deliveries, settings. migrate/recover.ts reads it. Each method that records or deletes throws if there is
 * no memory.
 */
export class JournalWriter {
  /** Null: nothing is recorded, because the state is still being read. */
  journal: Journal | null = null;
  /** How many programs have failed since the first one. */
  recoveries = 0;
  /** Options that were changed since the start. */
  options: () => RecordedSettings["options"] = () => [];
  private settingsPlace = NO_RECORD;
  private deferredReplyPlace = NO_RECORD;

  constructor(
    private readonly quotas: Quotas,
    private readonly trace: Trace,
  ) {}

  /** Begins to record. */
  attach(host: Host): void {
    this.journal = host.journal;
  }

  /** Records a connection, new or changed. Its queue, watches and transactions have records of their own or none. */
  connection(c: JournaledConnection): void {
    if (this.journal === null) return;
    const flags =
      (c.ring ? Flag.ring : 0) |
      (c.privileged ? Flag.privileged : 0) |
      (c.shut ? Flag.shut : 0) |
      (c.missed > 0 ? Flag.missed : 0);
    const text = `${c.serial},${c.base}`;
    c.record = this.journal.note(c.record, Kind.connection, c.link, c.domid, flags, c.features, c.target, text);
    c.missedRecorded = c.missed > 0;
  }

  /** Records a domain, new or changed. */
  domain(d: JournaledDomain): void {
    if (this.journal === null) return;
    const { domid, uniqueId, shutdownSeen, features } = d;
    const link = d.connection === null ? -1 : d.connection.link;
    const kept: RecordedDomain = { domid, uniqueId, shutdownSeen, features, link };
    d.record = this.journal.keep(d.record, Kind.domain + JSON.stringify(kept));
  }

  /** Records a new watch. */
  watch(w: Watch): void {
    if (this.journal === null) return;
    const { link } = w.owner as JournaledConnection;
    // The suffix begins and ends with a NUL, so that the path can be cut off.
    w.record = this.journal.note(NO_RECORD, Kind.watch, link, w.depth, w.strip, 0, 0, w.path + w.suffix);
  }

  /** Records a queued message and returns its place. `since`: as Waiting in connection.ts. */
  message(c: JournaledConnection, type: number, reqId: number, txId: number, since: number, payload: string): number {
    if (this.journal === null) return NO_RECORD;
    return this.journal.note(NO_RECORD, Kind.message, c.link, type, reqId, txId, Math.ceil(since), payload);
  }

  /** Records paths of a delivery, joined with NULs, and returns their place. */
  paths(paths: readonly string[]): number {
    return this.journal === null ? NO_RECORD : this.journal.keep(NO_RECORD, Kind.paths + paths.join("\0"));
  }

  /** Records a delivery and returns its place. `paths`: the places of its paths; `by`: a guest; null: none. */
  delivery(paths: readonly number[], { told, watchers }: RecordedEvents, by: JournaledConnection | null): number {
    if (this.journal === null) return NO_RECORD;
    const kept: RecordedDelivery = {
      paths,
      told,
      watchers,
      by: by?.record ?? NO_RECORD,
      domid: by?.domid ?? NO_RECORD,
    };
    return this.journal.keep(NO_RECORD, Kind.delivery + JSON.stringify(kept));
  }

  /** Records the reply that a delivery owes and returns its place. */
  reply(delivery: number, reply: RecordedReply): number {
    if (this.journal === null) return NO_RECORD;
    const kept: RecordedDebt = { delivery, ...reply };
    return this.journal.keep(NO_RECORD, Kind.reply + JSON.stringify(kept));
  }

  /** Records the client that waits for a deferred reply; null: none. */
  deferredReply(reply: JournaledRequest | null): void {
    if (this.journal === null) return;
    if (reply === null) {
      this.drop(this.deferredReplyPlace);
      this.deferredReplyPlace = NO_RECORD;
      return;
    }
    const { connection, type, reqId, txId } = reply;
    const kept: RecordedReply = { to: connection.serial, type, reqId, txId, payload: "" };
    this.deferredReplyPlace = this.journal.keep(this.deferredReplyPlace, Kind.deferredReply + JSON.stringify(kept));
  }

  /** Records quotas, trace switches and changed options. */
  settings(): void {
    if (this.journal === null) return;
    const quotas: [number, readonly number[]][] = [[-1, quotaTable.map((_, quota) => this.quotas.get(-1, quota))]];
    for (const [domid, values] of this.quotas.all()) quotas.push([domid, values]);
    const kept: RecordedSettings = {
      recoveries: this.recoveries,
      quotas,
      traced: this.trace.list(),
      tracing: this.trace.on,
      options: this.options(),
    };
    this.settingsPlace = this.journal.keep(this.settingsPlace, Kind.settings + JSON.stringify(kept));
  }

  /** Sets the place of the settings or the deferred reply, as found in the journal. */
  placed(kind: string, place: number): void {
    if (kind === Kind.settings) this.settingsPlace = place;
    else this.deferredReplyPlace = place;
  }

  /** Reserves memory for `count` calls of `drop` before the next commit point. */
  reserve(count: number): void {
    this.journal?.reserve(count);
  }

  /** Deletes a record; NO_RECORD does nothing. */
  drop(place: number): void {
    if (place !== NO_RECORD && this.journal !== null) this.journal.drop(place);
  }
}
