import type { Host, Link } from "../host.ts";
import { DELIVERIES_CAUSED } from "../limits.ts";
import { Peaks } from "../quota/peaks.ts";
import { Quota } from "../quota/quotas.ts";
import { Refusals } from "../quota/refusals.ts";
import { Account } from "../store/account.ts";
import { Cost } from "../store/cost.ts";
import { Writer } from "../store/past.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Watch } from "../store/watch.ts";
import { Op } from "../wire/ops.ts";
import type { Delivery, Share } from "./delivery.ts";
import { type JournalWriter, NO_RECORD } from "./journal-writer.ts";
import { type Outstanding, Tally } from "./outstanding.ts";
import { type Waiting, waitingCost } from "./waiting.ts";

/** Larger than any value, and still an integer that the engine compares quickly. */
const UNBOUND = 0x7fff_ffff;

/** Events given up at once. */
const GIVEN_UP = 2000;

/** Bytes of a message's header on the wire. */
const HEADER_BYTES = 16;

/** One client: the ring of a domain, or a socket. */
export class Connection {
  /** By path NUL token. */
  readonly watches = new Map<string, Watch>();
  readonly transactions = new Map<number, Transaction>();
  /** The next transaction number to try. */
  nextTransaction = 1;
  /** The open transaction that was used last: usually the next request names it again. */
  lastTransaction: Transaction | null = null;

  /** The domain whose rights it has besides its own; -1: none. */
  target = -1;
  /** Its server_features bits. */
  features = 0;

  /** Its quota path-max. */
  pathMax = UNBOUND;
  /** Its quota node-size. */
  nodeSizeMax = UNBOUND;
  /** The largest node that it made: smaller ones need no update of `peaks`. */
  nodeSizeSeen = 0;
  /** Its quota outstanding. */
  outstandingMax = UNBOUND;
  /** Bytes charged for its watches, transactions, queue and deliveries. */
  readonly account = new Account();
  /** The part of `account` for watches. */
  watchBytes = 0;
  /** The author of its changes, which counts their history records. */
  readonly writer: Writer;
  readonly peaks: Peaks;
  readonly refusals: Refusals;
  tally = new Tally();
  /** Its domain exceeded a memory quota at the last check. */
  overSoft = false;
  overHard = false;

  /** Conflict credits as of `creditAt`, on the host's clock (credit.ts). */
  credit = 0;
  creditAt = 0;
  /** The number of the last commit when it last paid: its changes up to there are paid for. */
  paidFor = -1;
  /** The same of transactions of privileged clients. */
  paidForPrivileged = -1;
  /** How often it recently made transactions of privileged clients fail, and when it last did. */
  offences = 0;
  offendedAt = 0;
  /** It is not read until Credit.due releases it. */
  paused = false;
  /** Its last request is answered after that request's events. */
  awaits: Delivery<Connection> | null = null;
  /**
   * Its shares of deliveries (sliced-deliveries.ts), first and last; and the next connection in the queue of those with
   * shares.
   */
  arriving: Share<Connection> | null = null;
  arrivingLast: Share<Connection> | null = null;
  nextArriving: Connection | null = null;
  /** How many of its shares wait until a privileged client takes its events. */
  resting = 0;
  /** For a privileged client: shares of its changes, for others of its kind, that its replies have not waited for. */
  ahead = 0;
  /** For a guest: events of its own changes that are not delivered yet. */
  causing = 0;
  /**
   * Its transactions that failed because of others; failures that it caused; the domid that it failed because of last.
   */
  conflictsSuffered = 0;
  conflictsCaused = 0;
  hinderedBy = -1;
  /** Nothing more is read or sent. */
  shut = false;
  /** Place in the journal. */
  record = NO_RECORD;
  /** Names it in the journal: a number that no other connection has or had, and another one after a reset. */
  serial = 0;
  /** It existed when a program failed: its transactions of that time are lost. */
  recovered = false;
  /** Messages for which its link has no room yet. */
  queue: Waiting<Connection>[] = [];
  /** Payloads of the queued events; null while there are none. */
  private events: Set<string> | null = null;
  /** The number of events dropped. */
  dropped = 0;
  /**
   * Host.reads at the last look of Relief, and since when it has that value, on the host's clock; 0: never looked at.
   */
  reads = 0;
  stuckSince = 0;
  /** The number of watches with `missed`, each of which gets one event later. */
  missed = 0;
  /** Incremented whenever a watch loses `missed`. */
  missedChanges = 0;
  /** The journal's record has Flag.missed; JournalWriter.connection sets it. */
  missedRecorded = false;

  constructor(
    public link: Link,
    readonly domid: number,
    readonly privileged: boolean,
    /** The prefix of relative paths; it ends with a slash. */
    readonly base: string,
    /** True: a ring. False: a socket. */
    readonly ring: boolean,
    private readonly outstanding: Outstanding<Connection>,
    peaks: Peaks,
    refusals: Refusals,
    private readonly journalWriter: JournalWriter,
  ) {
    this.writer = new Writer(domid, !privileged);
    this.peaks = new Peaks(peaks);
    this.refusals = new Refusals(refusals);
  }

  /** Sends a message, or queues it. A shut connection drops it. Throws if there is no memory to queue it. */
  send(host: Host, type: number, reqId: number, txId: number, payload: string): void {
    if (this.shut) return;
    if (this.queue.length === 0 && host.send(this.link, type, reqId, txId, payload)) return;
    this.keep(host, type, reqId, txId, payload, 0);
  }

  /** Tries to send an event. True: it is sent, or the connection is shut; else the caller calls keepEvent(). */
  sendsEvent(host: Host, payload: string): boolean {
    return this.shut || (this.queue.length === 0 && host.send(this.link, Op.WATCH_EVENT, 0, 0, payload));
  }

  /**
   * Queues an event, unless `most` events are queued: then returns false. An event that is queued already is not
   * queued twice, unless `always`. Throws if there is no memory.
   */
  keepEvent(host: Host, payload: string, always: boolean, most: number): boolean {
    if (this.events === null) this.events = new Set();
    if (!always && this.events.has(payload)) return true;
    if (this.events.size >= most) return false;
    this.keep(host, Op.WATCH_EVENT, 0, 0, payload, this.privileged ? 0 : host.now());
    this.events.add(payload);
    return true;
  }

  /** Drops an event of a watch: the watch gets one event once there is room. */
  miss(host: Host, watch: Watch): void {
    this.dropped++;
    // A removed watch gets none.
    if (watch.missed || watch.place === null) return;
    watch.missed = true;
    this.missed++;
    this.seeMissed(host);
  }

  /** As `miss`, for all watches, where the dropped events' watches are not known. */
  missAll(host: Host): void {
    if (this.watches.size === 0) return;
    for (const watch of this.watches.values()) watch.missed = true;
    this.missed = this.watches.size;
    this.seeMissed(host);
  }

  /** Makes the scheduler visit the connection, at once if its queue is empty. */
  private seeMissed(host: Host): void {
    host.setFlowControl(this.link, true);
    if (this.queue.length === 0) host.wake(this.link);
    this.noteMissed();
  }

  /** Without memory the journal keeps the old flag: a program that fails now loses it. */
  private noteMissed(): void {
    if (this.missed > 0 === this.missedRecorded) return;
    try {
      this.journalWriter.connection(this);
    } catch {
      // Nothing else depends on the record.
    }
  }

  /** Charges a new watch. */
  watched(watch: Watch): void {
    this.watchBytes += watch.bytes;
    this.account.bytes += watch.bytes;
  }

  /** Charges the path of a watch, whose first watch is gone. */
  paysForPlace(watch: Watch): void {
    watch.bytes += Cost.place;
    this.watchBytes += Cost.place;
    this.account.bytes += Cost.place;
  }

  /** Releases a removed watch's bytes. */
  unwatched(watch: Watch): void {
    this.watchBytes -= watch.bytes;
    this.account.bytes -= watch.bytes;
    if (!watch.missed) return;
    watch.missed = false;
    this.missed--;
    this.missedChanges++;
  }

  private sendMissed(host: Host): void {
    for (const watch of this.watches.values()) {
      if (!watch.missed) continue;
      try {
        const path = watch.strip === 0 ? watch.path : watch.path.slice(watch.strip);
        if (!host.send(this.link, Op.WATCH_EVENT, 0, 0, path + watch.suffix)) return;
      } catch (thrown) {
        if (!host.memoryEnded()) throw thrown;
        return;
      }
      watch.missed = false;
      this.missed--;
      this.missedChanges++;
    }
    this.missed = 0;
    this.noteMissed();
  }

  /** Drops all queued events: each watch gets one later. Returns whether there were any. */
  giveUpEvents(host: Host): boolean {
    return this.giveUp(host, (m) => m.type === Op.WATCH_EVENT);
  }

  /**
   * Drops queued events for which `goes` returns true, the oldest first, GIVEN_UP at most. Returns whether there were any.
   * Throws if there is no memory; then nothing is dropped.
   */
  private giveUp(host: Host, goes: (m: Waiting<Connection>) => boolean): boolean {
    let kept = 0;
    const before = this.queue.length;
    // For each of the next steps: nothing of it may fail half way.
    this.journalWriter.reserve(Math.min(before, GIVEN_UP));
    let left = GIVEN_UP;
    for (let i = 0; i < before; i++) {
      const m = this.queue[i] as Waiting<Connection>;
      if (left === 0 || !goes(m)) {
        this.queue[kept++] = m;
        continue;
      }
      left--;
      this.events?.delete(m.payload);
      this.release(m);
    }
    if (kept === before) return false;
    this.queue.length = kept;
    this.dropped += before - kept;
    this.missAll(host);
    return true;
  }

  /** Sends queued messages, then events of watches with `missed`, as long as there is room. */
  drain(host: Host): void {
    const queue = this.queue;
    let sent = 0;
    while (sent < queue.length) {
      const m = queue[sent] as Waiting<Connection>;
      if (!host.send(this.link, m.type, m.reqId, m.txId, m.payload)) break;
      if (m.type === Op.WATCH_EVENT && this.events !== null) this.events.delete(m.payload);
      this.release(m);
      sent++;
    }
    if (sent < queue.length) {
      // The messages are released: nothing may fail here.
      if (sent > 0) queue.copyWithin(0, sent).length -= sent;
      return;
    }
    this.emptied();
    if (this.missed > 0) this.sendMissed(host);
  }

  /** Drops events queued at or before `time`. Returns when the oldest remaining one was queued; 0: there is none. */
  expire(host: Host, time: number): number {
    // Called each turn: the oldest is the first, so usually it is the only one to look at.
    const oldest = this.oldestEvent();
    if (oldest === 0 || oldest > time) return oldest;
    this.giveUp(host, (m) => m.since !== 0 && m.since <= time);
    return this.oldestEvent();
  }

  /** When the oldest event that can time out was queued; 0: there is none. */
  private oldestEvent(): number {
    for (const { since } of this.queue) if (since !== 0) return since;
    return 0;
  }

  /** It is not read before events of its changes are delivered. */
  get held(): boolean {
    return this.awaits !== null || this.causing > DELIVERIES_CAUSED;
  }

  /** The number of queued messages. */
  get queued(): number {
    return this.queue.length;
  }

  get queuedEvents(): number {
    return this.events === null ? 0 : this.events.size;
  }

  get queuedBytes(): number {
    let bytes = 0;
    for (const m of this.queue) bytes += m.payload.length + HEADER_BYTES;
    return bytes;
  }

  /** Bytes charged for the queued events. */
  get eventBytes(): number {
    let bytes = 0;
    for (const m of this.queue) if (m.type === Op.WATCH_EVENT) bytes += waitingCost(m.type, m.payload.length);
    return bytes;
  }

  /** Bytes charged for the queue. */
  get waitingBytes(): number {
    return this.queue.reduce((bytes, m) => bytes + waitingCost(m.type, m.payload.length), 0);
  }

  /** The queue for another program; `age` in milliseconds, -1: the message never times out. */
  waiting(now: number): { type: number; reqId: number; txId: number; payload: string; age: number }[] {
    return this.queue.map(({ type, reqId, txId, payload, since }) => {
      return { type, reqId, txId, payload, age: since === 0 ? -1 : now - since };
    });
  }

  /** Queues a message of the program before, with `since` and `record` as in Waiting. */
  requeue(
    type: number,
    reqId: number,
    txId: number,
    payload: string,
    since: number,
    record = this.journalWriter.message(this, type, reqId, txId, since, payload),
  ): void {
    this.queue.push({ type, reqId, txId, payload, since, cause: null, record });
    this.account.bytes += waitingCost(type, payload.length);
    if (type !== Op.WATCH_EVENT) return;
    if (this.events === null) this.events = new Set();
    this.events.add(payload);
  }

  forgetQueue(): void {
    for (const m of this.queue) this.release(m);
    this.emptied();
  }

  /** Queues a message. It counts as memory, and keeps the request that caused it outstanding. */
  private keep(host: Host, type: number, reqId: number, txId: number, payload: string, since: number): void {
    const cause = this.outstanding.causeOf(this);
    // The scheduler checks both connections before it reads them again.
    host.setFlowControl(this.link, true);
    if (cause !== null) host.setFlowControl(cause.link, true);
    const record = this.journalWriter.message(this, type, reqId, txId, since, payload);
    try {
      this.queue.push({ type, reqId, txId, payload, since, cause, record });
    } catch (thrown) {
      this.journalWriter.drop(record);
      throw thrown;
    }
    // Nothing below can fail, so the counts match the queue.
    this.account.bytes += waitingCost(type, payload.length);
    cause?.add();
    if (cause !== null && !this.privileged) this.peaks.see(Quota.outstanding, this.tally.count);
  }

  private release(m: Waiting<Connection>): void {
    this.account.bytes -= waitingCost(m.type, m.payload.length);
    this.journalWriter.drop(m.record);
    if (m.cause !== null) this.outstanding.done(m.cause);
  }

  private emptied(): void {
    this.queue = [];
    this.events = null;
  }
}
