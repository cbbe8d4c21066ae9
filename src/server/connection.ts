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
import type { Share } from "./delivery.ts";
import { type JournalWriter, NO_RECORD } from "./journal-writer.ts";
import { type Outstanding, type Request, Tally } from "./outstanding.ts";

/** More than anything can be, and still an integer: the engine compares those at once. */
const UNBOUND = 0x7fff_ffff;

/** What a message takes on the wire besides its payload. */
const HEADER_BYTES = 16;

/** What a message takes that waits. Its text is in the journal as well, which has room to spare. */
function waitingCost(type: number, length: number): number {
  return Cost.message + 2 * length + (length >> 2) + (type === Op.WATCH_EVENT ? Cost.event : 0);
}

interface Waiting {
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
  readonly payload: string;
  /** When it came into the queue, on the host's clock; 0: it never goes stale. */
  readonly since: number;
  /** The request that is outstanding as long as this waits. */
  readonly cause: Request | null;
  /** Place in the journal. */
  readonly record: number;
}

/** One client: the ring of a domain, or a socket. */
export class Connection {
  readonly watches = new Map<string, Watch>();
  readonly transactions = new Map<number, Transaction>();
  nextTransaction = 1;
  /** The open transaction that was named last: most often it is named again. */
  lastTransaction: Transaction | null = null;

  /** The domain whose rights it has besides its own; -1: none. */
  target = -1;
  /** Features offered to it. */
  features = 0;

  /** The longest path it may use. */
  pathMax = UNBOUND;
  /** The largest node it may make. */
  nodeSizeMax = UNBOUND;
  /** The largest it made: what is not larger needs not be seen again. */
  nodeSizeSeen = 0;
  /** Requests that may be outstanding. */
  outstandingMax = UNBOUND;
  /** What its watches, its transactions and its queue take. */
  readonly account = new Account();
  /** The part of its watches. */
  watchBytes = 0;
  /** What its changes make open snapshots keep. */
  readonly writer: Writer;
  readonly peaks: Peaks;
  readonly refusals: Refusals;
  tally = new Tally();
  /** Its domain was found above a quota of memory, and not below since. */
  overSoft = false;
  overHard = false;

  /** Transactions of others that it may still make fail, as of `creditAt` on the host's clock; see credit.ts. */
  credit = 0;
  creditAt = 0;
  /** The last commit when it paid last: its changes up to there are paid for. */
  paidFor = -1;
  /** How often it made transactions of privileged clients fail of late, and when it did last. */
  offences = 0;
  offendedAt = 0;
  /** Not read until it has credit again. */
  paused = false;
  /** Its last request is answered once the events of it are delivered. */
  awaitsEvents = false;
  /** What is on its way to it in slices (deliveries.ts), first and last, and who is next to get some. */
  arriving: Share | null = null;
  arrivingLast: Share | null = null;
  nextArriving: Connection | null = null;
  /** Of a guest: events of its changes that are on their way so. */
  causing = 0;
  /** Its transactions that failed for changes of others, those of others that failed for its own, and who was last. */
  conflictsSuffered = 0;
  conflictsCaused = 0;
  hinderedBy = -1;
  /** Nothing more is read or sent. */
  shut = false;
  /** Place in the journal. */
  record = NO_RECORD;
  /** It was there when a program failed: its transactions of that time are lost. */
  recovered = false;
  /** Messages that the host had no room for. */
  queue: Waiting[] = [];
  /** Payloads of the events in the queue; null while there are none. */
  private events: Set<string> | null = null;
  /** Events that could not be delivered. */
  dropped = 0;
  /** Host.reads when much was seen to wait for it, and since when, on the host's clock; 0: never. */
  reads = 0;
  stuckSince = 0;
  /** Watches whose events were given up, each of which is to get one later. */
  missed = 0;
  /** How often one of them got its event, or went. */
  heard = 0;
  /** The journal says that there are some; JournalWriter.connection sets it. */
  missedRecorded = false;

  constructor(
    public link: Link,
    readonly domid: number,
    readonly privileged: boolean,
    /** What a relative path continues: it ends with a slash. */
    readonly base: string,
    /** A ring has a page with fields; a socket has none. */
    readonly ring: boolean,
    private readonly outstanding: Outstanding,
    peaks: Peaks,
    refusals: Refusals,
    private readonly journalWriter: JournalWriter,
  ) {
    this.writer = new Writer(domid, !privileged);
    this.peaks = new Peaks(peaks);
    this.refusals = new Refusals(refusals);
  }

  /** Sends a message, or keeps it until there is room. */
  send(host: Host, type: number, reqId: number, txId: number, payload: string): void {
    if (this.shut) return;
    if (this.queue.length === 0 && host.send(this.link, type, reqId, txId, payload)) return;
    this.keep(host, type, reqId, txId, payload, 0);
  }

  /** Whether an event is sent; then, or where nothing is sent any more, there is nothing else to do. */
  sendsEvent(host: Host, payload: string): boolean {
    return this.shut || (this.queue.length === 0 && host.send(this.link, Op.WATCH_EVENT, 0, 0, payload));
  }

  /**
   * Keeps an event that there is no room for. One that is still kept is not kept twice, unless `always`. `most` bounds
   * what is kept. False: it is not kept.
   */
  keepEvent(host: Host, payload: string, always: boolean, most: number): boolean {
    if (this.events === null) this.events = new Set();
    if (!always && this.events.has(payload)) return true;
    if (this.events.size >= most) return false;
    this.keep(host, Op.WATCH_EVENT, 0, 0, payload, this.privileged ? 0 : host.now());
    this.events.add(payload);
    return true;
  }

  /** An event of this watch cannot be kept: it gets one, whatever happened, once there is room. */
  miss(host: Host, watch: Watch): void {
    this.dropped++;
    // One that is gone is owed nothing.
    if (watch.missed || watch.place === null) return;
    watch.missed = true;
    this.missed++;
    this.seeMissed(host);
  }

  /** As `miss`, of all its watches: nobody knows whose events they were. */
  missAll(host: Host): void {
    if (this.watches.size === 0) return;
    for (const watch of this.watches.values()) watch.missed = true;
    this.missed = this.watches.size;
    this.seeMissed(host);
  }

  /** From here on somebody looks whether they can be told; at once where nothing in front of them waits for room. */
  private seeMissed(host: Host): void {
    host.setFlowControl(this.link, true);
    if (this.queue.length === 0) host.wake(this.link);
    this.noteMissed();
  }

  /** Where memory has ended, a program that fails now will not know of it. */
  private noteMissed(): void {
    if (this.missed > 0 === this.missedRecorded) return;
    try {
      this.journalWriter.connection(this);
    } catch {
      // Nothing else depends on it.
    }
  }

  /** A watch is there, and takes memory. */
  watched(watch: Watch): void {
    this.watchBytes += watch.bytes;
    this.account.bytes += watch.bytes;
  }

  /** It is gone. */
  unwatched(watch: Watch): void {
    this.watchBytes -= watch.bytes;
    this.account.bytes -= watch.bytes;
    if (!watch.missed) return;
    watch.missed = false;
    this.missed--;
    this.heard++;
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
      this.heard++;
    }
    this.missed = 0;
    this.noteMissed();
  }

  /** Gives the events up that are kept. Returns whether there were any. */
  giveUpEvents(host: Host): boolean {
    return this.giveUp(host, (m) => m.type === Op.WATCH_EVENT);
  }

  /** Gives those events up of which that is true. Returns whether there were any. */
  private giveUp(host: Host, goes: (m: Waiting) => boolean): boolean {
    let kept = 0;
    const before = this.queue.length;
    for (const m of this.queue) {
      if (!goes(m)) {
        this.queue[kept++] = m;
        continue;
      }
      this.events?.delete(m.payload);
      this.release(m);
    }
    if (kept === before) return false;
    this.queue.length = kept;
    this.dropped += before - kept;
    this.missAll(host);
    return true;
  }

  /** Sends what is kept as far as there is room. */
  drain(host: Host): void {
    const queue = this.queue;
    let sent = 0;
    while (sent < queue.length) {
      const m = queue[sent] as Waiting;
      if (!host.send(this.link, m.type, m.reqId, m.txId, m.payload)) break;
      if (m.type === Op.WATCH_EVENT && this.events !== null) this.events.delete(m.payload);
      this.release(m);
      sent++;
    }
    if (sent < queue.length) {
      if (sent > 0) queue.splice(0, sent);
      return;
    }
    this.emptied();
    if (this.missed > 0) this.sendMissed(host);
  }

  /** Gives up events kept since before `time`; returns when the oldest left was kept, or 0. */
  expire(host: Host, time: number): number {
    // Every turn asks, and the first is the oldest: most often that is all to look at.
    const oldest = this.oldestEvent();
    if (oldest === 0 || oldest > time) return oldest;
    this.giveUp(host, (m) => m.since !== 0 && m.since <= time);
    return this.oldestEvent();
  }

  /** When the oldest event was kept that can go stale; 0: there is none. */
  private oldestEvent(): number {
    for (const { since } of this.queue) if (since !== 0) return since;
    return 0;
  }

  /** It is not read before events of its changes are delivered. */
  get held(): boolean {
    return this.awaitsEvents || this.causing > DELIVERIES_CAUSED;
  }

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

  /** Of the events in the queue. */
  get eventBytes(): number {
    let bytes = 0;
    for (const m of this.queue) if (m.type === Op.WATCH_EVENT) bytes += waitingCost(m.type, m.payload.length);
    return bytes;
  }

  /** What the messages in the queue take. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const m of this.queue) bytes += waitingCost(m.type, m.payload.length);
    return bytes;
  }

  /** What is kept, for who comes after; `age` in milliseconds, -1: it does not go stale. */
  waiting(now: number): { type: number; reqId: number; txId: number; payload: string; age: number }[] {
    return this.queue.map(({ type, reqId, txId, payload, since }) => {
      return { type, reqId, txId, payload, age: since === 0 ? -1 : now - since };
    });
  }

  /** Keeps what was kept before this program ran. */
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

  /** What waits for this client keeps other requests outstanding, and counts as memory. */
  private keep(host: Host, type: number, reqId: number, txId: number, payload: string, since: number): void {
    const cause = this.outstanding.causeOf(this);
    // From here on somebody looks before it is read, and before whoever caused this is.
    host.setFlowControl(this.link, true);
    if (cause !== null) host.setFlowControl(cause.link, true);
    const record = this.journalWriter.message(this, type, reqId, txId, since, payload);
    try {
      this.queue.push({ type, reqId, txId, payload, since, cause, record });
    } catch (thrown) {
      this.journalWriter.drop(record);
      throw thrown;
    }
    // Nothing below can fail: what is counted is in the queue, and the other way round.
    this.account.bytes += waitingCost(type, payload.length);
    cause?.add();
    if (cause !== null && !this.privileged) this.peaks.see(Quota.outstanding, this.tally.count);
  }

  private release(m: Waiting): void {
    this.account.bytes -= waitingCost(m.type, m.payload.length);
    this.journalWriter.drop(m.record);
    if (m.cause !== null) this.outstanding.done(m.cause);
  }

  private emptied(): void {
    this.queue = [];
    this.events = null;
  }
}
