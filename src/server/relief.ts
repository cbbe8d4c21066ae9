import type { Host } from "../host.ts";
import {
  EVENT_TIMEOUT,
  HISTORY_PART,
  LISTS_SLICE,
  MEMORY_RETRY,
  OLD_SNAPSHOT,
  RESERVE_LEFT,
  SWEEP_SLICE,
  TRIM_SLICE,
  WORTH_TAKING,
} from "../limits.ts";
import type { Log } from "../observe/log.ts";
import { OUT_OF_MEMORY } from "../quota/refusals.ts";
import { forgetParsed } from "../store/perms.ts";
import { compact } from "../store/tidy.ts";
import { Transaction } from "../store/transaction.ts";
import type { Tree } from "../store/tree.ts";
import type { Backlog } from "./backlog.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { Events } from "./events.ts";
import type { Memory } from "./memory.ts";
import { isReading, STUCK } from "./reading.ts";
import type { Snapshots } from "./snapshots.ts";

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly tree: Tree;
  readonly events: Events;
  readonly memory: Memory;
  readonly snapshots: Snapshots;
  readonly connections: Connections;
  readonly backlog: Backlog;
  readonly log: Log;
}

/** Times that what must be done is tried while others give up memory for it. */
const TRIES = 8;
/** Work in slices of `budget`, or with another number; returns whether there is more, or whether it did something. */
type Work = (budget: number) => boolean;

/**
 * A guest that uses less than this part of the limit is modest (Host.modest); turns between two checks of
 * all guests.
 */
const MODEST_PART = 64;
const MODESTY_TURNS = 16;

/**
 * Less than this part of the limit (or than WORTH_TAKING bytes) is taken from no guest: memory can stay
 * scarce for long, and a transaction of the usual size must be able to end.
 */
const WORTH_PART = 128;

/**
 * A client with less unread data is not cut off: a paused guest may have one request and one reply of the
 * largest size. While memory is scarce a link buffers no more than that. A client that has read recently is
 * not cut off either.
 */
const WORTH_WAITING = 8704;

/**
 * Frees memory when it is scarce, from the largest users first: caches; transactions of guests (they end
 * with EAGAIN); queued events of guests that do not read (each watch gets one later); old transactions of
 * privileged clients. When privileged clients would be refused next, it cuts off guests that do not read their
 * replies, and gives up the events of privileged clients that do not.
 */
export class Relief {
  private turns = 0;

  private readonly rows: Work = (budget) => this.s.tree.reclaim.sweep(budget);
  private readonly lists: Work = (budget) => this.s.tree.perms.sweep(budget);
  private readonly past: Work = (budget) => {
    const { history } = this.s.tree;
    this.s.snapshots.bound();
    compact(history, budget);
    if (history.behind) history.trim(budget);
    return history.behind || history.looked >= 0 || history.untidy.length > 0;
  };
  private readonly freeing: Work = () => {
    this.free();
    return false;
  };
  private readonly giving: Work = (least) => this.giveSome(least);

  constructor(private readonly s: Parts) {}

  /**
   * Memory has run out: frees something, whatever the limits say. Where nobody else can give, the oldest snapshot goes,
   * young or not, if `least` bytes are kept for it. Returns whether somebody lost something.
   */
  giveSome(least = Number.POSITIVE_INFINITY): boolean {
    this.forgetCopies();
    const { history } = this.s.tree;
    const taken = this.takeNext() || (history.bytes >= least && this.s.snapshots.takeOldest()) || this.takeUnread(true);
    while (history.behind) history.trim(TRIM_SLICE);
    return taken;
  }

  /** A privileged client's request found no memory. Returns whether it is worth trying once more. */
  gaveForPrivileged(): boolean {
    return this.attempt("what gives way", this.giving, WORTH_TAKING) === true;
  }

  /**
   * Does work for which a part of the reserve must stay. Where it finds no memory, takes it back with `undo` and tries again
   * with what others give up, `tries` times in all. Returns whether it is done. `kept`: quarters of the reserve to leave;
   * `least`: as giveSome().
   */
  may(work: () => void, undo: () => void, kept = RESERVE_LEFT, tries = 2, least = WORTH_TAKING): boolean {
    const { host } = this.s;
    for (let n = 0; n < tries; n++) {
      host.keepReserve(kept);
      try {
        work();
        host.keepReserve(0);
        return true;
      } catch (thrown) {
        if (!host.memoryEnded()) throw thrown;
        host.keepReserve(0);
        undo();
      }
      this.attempt("what gives way", this.giving, least);
    }
    return false;
  }

  /** As `may`, for what cannot be refused: the last try has all of the reserve, and throws what it throws. */
  must(work: () => void, undo: () => void): void {
    if (!this.may(work, undo, RESERVE_LEFT, TRIES, 0)) work();
  }

  /**
   * A reply could not be queued. Frees memory and tries again; if that fails, cuts the client off, which
   * would wait for ever. An exception that is not for lack of memory is a bug, and thrown on.
   */
  unanswered(c: Connection, thrown: unknown, type: number, reqId: number, txId: number, payload: string): void {
    const { host, log, events, connections } = this.s;
    if (!host.memoryEnded()) throw thrown;
    try {
      this.giveSome();
      c.send(host, type, reqId, txId, payload);
      // Those that follow a reply.
      events.flush();
      return;
    } catch {
      // Still no memory.
    }
    events.discard();
    log.limited(`unanswered ${c.domid}`, `out of memory for a reply to domain ${c.domid}, which is cut off`);
    connections.cutOff(c);
  }

  /** Tells the host which guests are modest, and so are served for longer. */
  private sort(): void {
    const { s } = this;
    const share = s.host.memoryLimit() / MODEST_PART;
    for (const c of s.connections.byLink) if (c && !c.privileged) s.host.modest(c.link, s.memory.used(c.domid) < share);
  }

  private forgetCopies(): void {
    this.s.tree.compact();
    forgetParsed();
    Transaction.forgetSpare();
  }

  /** Frees memory until it is not scarce, nothing is left to free, or there is none to do it with. */
  relieve(): void {
    this.attempt("what frees memory", this.freeing, 0);
  }

  private free(): void {
    const { host, tree } = this.s;
    if (this.turns++ % MODESTY_TURNS === 0) this.sort();
    this.forgetCopies();
    // Removed nodes and unneeded records are freed in slices first, so that no client has to give up more
    // than that.
    if (tree.stale > 0) this.sweepRows(SWEEP_SLICE);
    while (host.memoryScarce()) {
      if (tree.history.behind) {
        tree.history.trim(TRIM_SLICE);
        return;
      }
      if (!this.takeNext()) return;
    }
  }

  /** Sweeps up to `budget` rows of removed subtrees. Returns milliseconds until the next slice; -1: there is none. */
  sweepRows(budget: number): number {
    return this.slice("removed nodes", this.rows, budget);
  }

  /** One slice of the history: what no snapshot needs goes, and what is too much for one. Returns as `sweepRows`. */
  tidyPast(): number {
    return this.slice("the history of snapshots", this.past, TRIM_SLICE);
  }

  /** One slice of what deaths of domains leave in permission lists. Returns as `sweepRows`. */
  sweepLists(): number {
    return this.slice("permission lists of dead domains", this.lists, LISTS_SLICE);
  }

  /**
   * Does one slice of work, which may have to keep more for open snapshots: then it must leave enough of the reserve
   * for others to give way.
   */
  private slice(what: string, work: Work, budget: number): number {
    const { host } = this.s;
    host.keepReserve(RESERVE_LEFT);
    const more = this.attempt(what, work, budget);
    host.keepReserve(0);
    if (more !== null) return more ? 0 : -1;
    // What it needs memory for is kept for open snapshots: without them it goes on, however little they hold now.
    this.attempt("what gives way", this.giving, 0);
    return MEMORY_RETRY;
  }

  /** Returns whether there is more work; null: memory has ended. Any other exception is a bug, and thrown on. */
  private attempt(what: string, work: Work, budget: number): boolean | null {
    try {
      return work(budget);
    } catch (thrown) {
      if (!this.s.host.memoryEnded()) throw thrown;
      this.s.log.memoryEnded(what);
      return null;
    }
  }

  /** Takes the next item in the order above. False: there is none. */
  private takeNext(): boolean {
    return (
      this.takeTransaction() ||
      this.takeQueue() ||
      this.takeSnapshot() ||
      this.takePrivileged() ||
      this.takeClient() ||
      this.takeUnread()
    );
  }

  /** Ends the largest transaction of the unprivileged domain whose transactions use most. */
  private takeTransaction(): boolean {
    const { s } = this;
    const { history } = s.tree;
    const least = Math.max(WORTH_TAKING, s.host.memoryLimit() / WORTH_PART);
    const oldest = history.open[0];
    let most = 0;
    let of: Connection | null = null;
    for (const c of s.connections.byLink) {
      if (!c || c.privileged || c.transactions.size === 0) continue;
      let held = s.snapshots.charged(c.domid);
      for (const t of c.transactions.values()) if (!t.lost) held += t.bytes;
      if (held <= most) continue;
      most = held;
      of = c;
    }
    if (of === null || most < least) return false;
    let taken: Transaction | null = null;
    let size = -1;
    for (const t of of.transactions.values()) {
      if (t.lost) continue;
      const bytes = t.bytes + (t === oldest ? s.snapshots.charged(of.domid) : 0);
      if (bytes <= size) continue;
      size = bytes;
      taken = t;
    }
    if (taken === null) return false;
    taken.lose();
    of.refusals.count(OUT_OF_MEMORY);
    s.log.limited(
      `memory ${of.domid}`,
      `memory is scarce: a transaction of domain ${of.domid} is given up, which holds ${most} bytes for its transactions`,
    );
    return true;
  }

  /**
   * Ends the oldest snapshot if a guest holds it: what others changed is not on that guest's account. A
   * young one is taken only when privileged clients would be refused next, since other guests wait for it
   * (snapshots.ts).
   */
  private takeSnapshot(): boolean {
    const { s } = this;
    const { history } = s.tree;
    const oldest = history.open[0];
    if (oldest === undefined || oldest.creator < 0 || history.bytes < WORTH_TAKING) return false;
    if (s.snapshots.isYoung(oldest) && !s.host.memoryCritical()) return false;
    const { bytes } = history;
    s.snapshots.takeOldest();
    s.log.limited(
      `memory ${oldest.creator}`,
      `memory is scarce: the oldest transaction is given up, of domain ${oldest.creator}, for which ${bytes} bytes are kept`,
    );
    return true;
  }

  /** Drops the queued events of the guest with the most bytes of them. */
  private takeQueue(): boolean {
    const { s } = this;
    let most = 0;
    let of: Connection | null = null;
    for (const c of s.backlog.members) {
      const bytes = c.eventBytes;
      if (bytes <= most) continue;
      most = bytes;
      of = c;
    }
    if (of === null || !of.giveUpEvents(s.host)) return false;
    of.refusals.count(OUT_OF_MEMORY);
    s.log.limited(
      `memory ${of.domid}`,
      `memory is scarce: the events are given up that domain ${of.domid} does not read; each of its watches gets one`,
    );
    return true;
  }

  /** Cuts off the unprivileged client with the most bytes of replies and partial messages; its ring shows an error. */
  private takeClient(): boolean {
    const { s } = this;
    if (!s.host.memoryCritical()) return false;
    let most = WORTH_WAITING;
    let of: Connection | null = null;
    for (const c of s.connections.byLink) {
      if (!c || c.privileged || c.shut) continue;
      const bytes = c.waitingBytes + s.host.waiting(c.link);
      if (bytes < most || isReading(s.host, c)) continue;
      most = bytes;
      of = c;
    }
    if (of === null) return false;
    of.refusals.count(OUT_OF_MEMORY);
    s.log.limited(
      `memory ${of.domid}`,
      `memory has ended: domain ${of.domid} is cut off, which leaves ${most} bytes of replies unread and of requests unfinished`,
    );
    s.connections.cutOff(of);
    return true;
  }

  /**
   * Gives up the events of privileged clients that do not read: each of their watches gets one later. A ring is Dom0's
   * kernel, which all of its clients need, so it has more time; nobody has where others would be refused for lack of memory.
   */
  private takeUnread(atOnce = false): boolean {
    const { s } = this;
    if (!atOnce && !s.host.memoryCritical()) return false;
    let taken = false;
    for (const c of s.connections.byLink) {
      if (!c?.privileged || c.shut || (c.queuedEvents === 0 && c.resting === 0)) continue;
      if (!atOnce && isReading(s.host, c, c.ring ? EVENT_TIMEOUT : STUCK)) continue;
      s.events.deliveries.giveUp(c);
      c.giveUpEvents(s.host);
      taken = true;
      s.log.limited("unread", "memory has ended: the events are given up that a privileged client does not read");
    }
    return taken;
  }

  /**
   * Ends the privileged client's transaction that uses most, if that is much; or if it is old, and either
   * it keeps much of the privileged clients' own changes or memory is critical. Changes of guests beside a
   * young one do not count.
   */
  private takePrivileged(): boolean {
    const { s } = this;
    const { history, sequence } = s.tree;
    const large = s.host.memoryLimit() / HISTORY_PART / 2;
    let most = WORTH_TAKING;
    let taken: (typeof history.open)[number] | null = null;
    for (const [n, t] of history.open.entries()) {
      if (t.creator >= 0) continue;
      const young = s.snapshots.isYoung(t);
      const own = t.bytes + (n === 0 ? history.bytes - history.guestBytes : 0);
      const bytes = own + (n === 0 && !young ? history.guestBytes : 0);
      if (bytes <= most) continue;
      // Guests alone can make that many commits in a short time.
      const old = !young && sequence - t.snapshot >= OLD_SNAPSHOT && own > WORTH_TAKING;
      if (bytes < large && !old && (young || !s.host.memoryCritical())) continue;
      most = bytes;
      taken = t;
    }
    if (taken === null) return false;
    taken.lose();
    s.log.limited("memory 0", `memory is scarce: an old transaction of a privileged client is given up: ${most} bytes`);
    return true;
  }
}
