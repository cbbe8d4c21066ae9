import type { Host, Journal } from "../host.ts";
import type { Trace } from "../observe/trace.ts";
import { type Quotas, quotaTable } from "../quota/quotas.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import type { DeferredReply } from "./deferred-reply.ts";
import type { Domain } from "./domains.ts";

/** First characters of the journal's texts. */
export const Kind = {
  connection: "c",
  domain: "d",
  watch: "w",
  message: "m",
  settings: "s",
  delivery: "e",
  paths: "p",
  deferredReply: "a",
} as const;

/** Numbers of transactions of one life of the program differ from those of the next in the bits from here on. */
export const LIFE_SHIFT = 24;

/** Of what has no place in the journal. */
export const NO_RECORD = -1;

/** Bits of a connection's text. */
export const enum Flag {
  ring = 1,
  privileged = 2,
  shut = 4,
  /** Events of its watches were given up. */
  missed = 8,
}

export interface RecordedDomain {
  readonly domid: number;
  readonly uniqueId: string;
  readonly shutdownSeen: boolean;
  readonly features: number;
  /** -1: it was not introduced. */
  readonly link: number;
}

export interface RecordedReply {
  /** Place of the connection in the journal. */
  readonly to: number;
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
  readonly payload: string;
}

/**
 * Who is told of a change. Those who watch its path are found by that, but not which of them may know of it: that was
 * decided by permissions that are not there any more.
 */
export interface RecordedWatchers {
  /** Places of their connections in the journal; NO_RECORD: one that is gone. */
  readonly owners: number[];
  /** Some of their watches are on what is above it. */
  readonly above: boolean;
  /** Some of those on the path itself have a depth. */
  readonly deep: boolean;
  /** Of a single watch, what follows the path in its event; "": there are more. */
  readonly suffix: string;
}

/** Events that are handed over in slices: what changed, and who is told. */
export interface RecordedEvents {
  readonly paths: readonly string[];
  /** For a path each, its place in `watchers`. */
  readonly told: readonly number[];
  readonly watchers: readonly RecordedWatchers[];
}

/** The paths are a text of their own: they are most of it, and do not change with the rest. */
export interface RecordedDelivery extends Omit<RecordedEvents, "paths"> {
  /** Place of their text in the journal. */
  readonly paths: number;
  readonly reply: RecordedReply | null;
}

export interface RecordedSettings {
  readonly recoveries: number;
  /** Of -1, the global ones, and of domains that have some of their own (-1: not that). */
  readonly quotas: readonly (readonly [number, readonly number[]])[];
  readonly traced: readonly string[];
  readonly tracing: boolean;
  /** Options that were changed since the start. */
  readonly options: readonly (readonly [name: string, value: string])[];
}

/**
 * Tells the journal of what is not in the tree: connections, watches, domains, what waits for whom, settings.
 * `migrate/recover.ts` reads it.
 */
export class JournalWriter {
  /** Null: nothing is told, as long as what is there is being read. */
  journal: Journal | null = null;
  /** How often a program failed since the first. */
  recoveries = 0;
  /** Options that were changed since the start. */
  options: () => RecordedSettings["options"] = () => [];
  private settingsPlace = NO_RECORD;
  private deferredReplyPlace = NO_RECORD;

  constructor(
    private readonly quotas: Quotas,
    private readonly trace: Trace,
  ) {}

  attach(host: Host): void {
    this.journal = host.journal;
  }

  connection(c: Connection): void {
    if (this.journal === null) return;
    const flags =
      (c.ring ? Flag.ring : 0) |
      (c.privileged ? Flag.privileged : 0) |
      (c.shut ? Flag.shut : 0) |
      (c.missed > 0 ? Flag.missed : 0);
    c.record = this.journal.note(c.record, Kind.connection, c.link, c.domid, flags, c.features, c.target, c.base);
    c.missedRecorded = c.missed > 0;
  }

  domain(d: Domain): void {
    if (this.journal === null) return;
    const { domid, uniqueId, shutdownSeen, features } = d;
    const link = d.connection === null ? -1 : d.connection.link;
    const kept: RecordedDomain = { domid, uniqueId, shutdownSeen, features, link };
    d.record = this.journal.keep(d.record, Kind.domain + JSON.stringify(kept));
  }

  watch(w: Watch): void {
    if (this.journal === null) return;
    const { link } = w.owner as Connection;
    // The suffix begins and ends with a NUL.
    w.record = this.journal.note(NO_RECORD, Kind.watch, link, w.depth, w.strip, 0, 0, w.path + w.suffix);
  }

  /** Returns its place. `since`: see Waiting in connection.ts. */
  message(c: Connection, type: number, reqId: number, txId: number, since: number, payload: string): number {
    if (this.journal === null) return NO_RECORD;
    return this.journal.note(NO_RECORD, Kind.message, c.link, type, reqId, txId, Math.ceil(since), payload);
  }

  /** Returns their place. A path has no NUL. */
  paths(paths: readonly string[]): number {
    return this.journal === null ? NO_RECORD : this.journal.keep(NO_RECORD, Kind.paths + paths.join("\0"));
  }

  /** Returns its place. `paths`: theirs. */
  delivery(place: number, paths: number, { told, watchers }: RecordedEvents, reply: RecordedReply | null): number {
    if (this.journal === null) return NO_RECORD;
    const kept: RecordedDelivery = { paths, told, watchers, reply };
    return this.journal.keep(place, Kind.delivery + JSON.stringify(kept));
  }

  /** Who waits for an answer; null: nobody any more. */
  deferredReply(reply: DeferredReply | null): void {
    if (this.journal === null) return;
    if (reply === null) {
      this.drop(this.deferredReplyPlace);
      this.deferredReplyPlace = NO_RECORD;
      return;
    }
    const { connection, type, reqId, txId } = reply;
    const kept: RecordedReply = { to: connection.record, type, reqId, txId, payload: "" };
    this.deferredReplyPlace = this.journal.keep(this.deferredReplyPlace, Kind.deferredReply + JSON.stringify(kept));
  }

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

  /** The places that these had. */
  placed(kind: string, place: number): void {
    if (kind === Kind.settings) this.settingsPlace = place;
    else this.deferredReplyPlace = place;
  }

  drop(place: number): void {
    if (place !== NO_RECORD && this.journal !== null) this.journal.drop(place);
  }
}
