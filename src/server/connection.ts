import type { Host, Link } from "../host.ts";
import { CONFLICT_CREDIT } from "../limits.ts";
import { Peaks } from "../quota/peaks.ts";
import { Quota } from "../quota/quotas.ts";
import { Refusals } from "../quota/refusals.ts";
import { Account } from "../store/account.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Watch } from "../store/watch.ts";
import { Op } from "../wire/ops.ts";
import { type Keeper, NOT_KEPT } from "./keeper.ts";
import { type Outstanding, type Request, Tally } from "./outstanding.ts";

/** More than anything can be, and still an integer: the engine compares those at once. */
const UNBOUND = 0x7fff_ffff;

/** What a message takes besides its payload. */
const HEADER_BYTES = 16;

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
  readonly kept: number;
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
  readonly peaks: Peaks;
  readonly refusals: Refusals;
  tally = new Tally();
  /** Its domain was found above a quota of memory, and not below since. */
  overSoft = false;
  overHard = false;

  /** Transactions of others that it may still make fail, as of `creditAt` on the host's clock; see credit.ts. */
  credit = CONFLICT_CREDIT;
  creditAt = 0;
  /** Not read until it has credit again. */
  paused = false;
  /** Its last request is answered once the events of it are delivered. */
  awaitsEvents = false;
  /** Its transactions that failed for changes of others, those of others that failed for its own, and who was last. */
  conflictsSuffered = 0;
  conflictsCaused = 0;
  hinderedBy = -1;
  /** Nothing more is read or sent. */
  shut = false;
  /** Place in the journal. */
  kept = NOT_KEPT;
  /** It was there when a program failed: its transactions of that time are lost. */
  recovered = false;
  /** Messages that the host had no room for. */
  queue: Waiting[] = [];
  /** Payloads of the events in the queue; null while there are none. */
  private events: Set<string> | null = null;
  /** Events that could not be delivered. */
  dropped = 0;

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
    private readonly keeper: Keeper,
  ) {
    this.peaks = new Peaks(peaks);
    this.refusals = new Refusals(refusals);
  }

  /** Sends a message, or keeps it until there is room. */
  send(host: Host, type: number, reqId: number, txId: number, payload: string): void {
    if (this.shut) return;
    if (this.queue.length === 0 && host.send(this.link, type, reqId, txId, payload)) return;
    this.keep(host, type, reqId, txId, payload, 0);
  }

  /**
   * Sends an event, or keeps it. One that is still kept is not kept twice, unless
   * `always`. `most` bounds what is kept; what is beyond it is dropped.
   */
  sendEvent(host: Host, payload: string, always: boolean, most: number): void {
    if (this.shut) return;
    if (this.queue.length === 0 && host.send(this.link, Op.WATCH_EVENT, 0, 0, payload)) return;
    if (this.events === null) this.events = new Set();
    if (!always && this.events.has(payload)) return;
    if (this.events.size >= most) {
      this.dropped++;
      return;
    }
    this.keep(host, Op.WATCH_EVENT, 0, 0, payload, this.privileged ? 0 : host.now());
    this.events.add(payload);
  }

  /** Sends what is kept as far as there is room. */
  drain(host: Host): void {
    const queue = this.queue;
    let sent = 0;
    while (sent < queue.length) {
      const m = queue[sent] as Waiting;
      if (!host.send(this.link, m.type, m.reqId, m.txId, m.payload)) break;
      if (m.type === Op.WATCH_EVENT && this.events !== null) this.events.delete(m.payload);
      this.letGo(m);
      sent++;
    }
    if (sent === queue.length) this.emptied();
    else if (sent > 0) queue.splice(0, sent);
  }

  /** Drops events kept since before `time`; returns when the oldest left was kept, or 0. */
  expire(time: number): number {
    let oldest = 0;
    let kept = 0;
    // Most often none is due, which the oldest tells: every turn asks.
    for (const { since } of this.queue) {
      if (since === 0) continue;
      if (since > time) return since;
      break;
    }
    for (const m of this.queue) {
      if (m.since !== 0 && m.since <= time) {
        this.dropped++;
        this.events?.delete(m.payload);
        this.letGo(m);
        continue;
      }
      if (oldest === 0) oldest = m.since;
      this.queue[kept++] = m;
    }
    this.queue.length = kept;
    return oldest;
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
    kept = this.keeper.message(this, type, reqId, txId, since, payload),
  ): void {
    this.queue.push({ type, reqId, txId, payload, since, cause: null, kept });
    this.account.bytes += payload.length + HEADER_BYTES;
    if (type !== Op.WATCH_EVENT) return;
    if (this.events === null) this.events = new Set();
    this.events.add(payload);
  }

  forgetQueue(): void {
    for (const m of this.queue) this.letGo(m);
    this.emptied();
  }

  /** What waits for this client keeps other requests outstanding, and counts as memory. */
  private keep(host: Host, type: number, reqId: number, txId: number, payload: string, since: number): void {
    const cause = this.outstanding.causeOf(this);
    // From here on somebody looks before it is read, and before whoever caused this is.
    host.guard(this.link, true);
    if (cause !== null) host.guard(cause.link, true);
    const kept = this.keeper.message(this, type, reqId, txId, since, payload);
    try {
      this.queue.push({ type, reqId, txId, payload, since, cause, kept });
    } catch (thrown) {
      this.keeper.drop(kept);
      throw thrown;
    }
    // Nothing below can fail: what is counted is in the queue, and the other way round.
    this.account.bytes += payload.length + HEADER_BYTES;
    cause?.add();
    if (cause !== null && !this.privileged) this.peaks.see(Quota.outstanding, this.tally.count);
  }

  private letGo(m: Waiting): void {
    this.account.bytes -= m.payload.length + HEADER_BYTES;
    this.keeper.drop(m.kept);
    if (m.cause !== null) this.outstanding.done(m.cause);
  }

  private emptied(): void {
    this.queue = [];
    this.events = null;
  }
}
