import type { Host } from "../host.ts";
import { CONFLICT_CREDIT, CONFLICT_OPEN, CONFLICT_TICK } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import type { Trace } from "../observe/trace.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Connection } from "./connection.ts";

/**
 * What keeps a guest from making the transactions of others fail for ever (XSA-206): each that it makes fail costs it
 * a credit, which comes back with time. Whoever has none left is not read until then. Nobody pays for anything else.
 */
export class Credit {
  /** Connections that are not read. */
  private readonly paused = new Set<Connection>();
  /** How many they are. */
  waiting = 0;
  burst = CONFLICT_CREDIT;
  /** Milliseconds in which one comes back. */
  tick = CONFLICT_TICK;

  constructor(
    private readonly host: Host,
    private readonly log: Log,
    private readonly trace: Trace,
    private readonly connectionOf: (domid: number) => Connection | null,
    /** In how many milliseconds a guest with credit may be read, for other reasons. */
    private readonly otherWait: (c: Connection, now: number) => number,
  ) {}

  /** A transaction failed for changes of these domains; -1 among them: nobody's who is to pay. */
  charge(by: Iterable<number>, victim: Transaction): void {
    for (const domid of by) {
      const c = domid < 0 || domid === victim.creator ? null : this.connectionOf(domid);
      if (c === null) continue;
      c.conflictsCaused++;
      if (!c.privileged) this.take(c, victim);
    }
  }

  private take(c: Connection, victim: Transaction): void {
    this.earn(c);
    let debt = 0;
    // One that begins now and takes as long gets through before it is read again. What was open when it paid last is not
    // paid for by time once more. Nor are guests' transactions: guests together could hold another up with them.
    if (victim.creator < 0 && victim.started >= c.paidAt) {
      debt = Math.min(CONFLICT_OPEN, this.host.now() - victim.started) / this.tick;
      c.paidAt = this.host.now();
    }
    const left = c.credit - 1 - debt;
    // One change can make many transactions fail: what it owes for that is bounded, as in oxenstored.
    c.credit = left > 0 ? left : Math.min(c.credit, Math.max(-1, Math.min(0, c.credit - 1)) - debt);
    if (this.trace.wrl) this.trace.credit(c.domid, c.credit);
    if (c.credit > 0) return;
    this.pause(c);
    this.log.limited(
      `conflicts ${c.domid}`,
      `domain ${c.domid} makes transactions of others fail all the time, it is slowed`,
    );
  }

  /** Credit as of now. */
  private earn(c: Connection): void {
    const now = this.host.now();
    c.credit = Math.min(this.burst, c.credit + (now - c.creditAt) / this.tick);
    c.creditAt = now;
  }

  /** Lets it owe so many credits for what it did to all: the next message is not read before they are earned. */
  punish(c: Connection, debt: number): void {
    if (c.privileged) return;
    this.earn(c);
    // What it owes already is not forgiven for it.
    c.credit = Math.min(c.credit, -debt);
    this.pause(c);
  }

  /** It is not read if it has no credit. */
  demand(c: Connection): void {
    if (c.privileged) return;
    this.earn(c);
    if (c.credit < 1) this.pause(c);
  }

  /** It is not read until it has credit and nothing else stands in the way. */
  pause(c: Connection): void {
    this.paused.add(c);
    this.waiting = this.paused.size;
    c.paused = true;
    this.host.setFlowControl(c.link, true);
  }

  forget(c: Connection): void {
    if (c.paused) this.paused.delete(c);
    this.waiting = this.paused.size;
    c.paused = false;
  }

  /** Those who may be read again; `wait` says in how many milliseconds the next may, -1: nobody waits. */
  due(): { freed: Connection[]; wait: number } {
    const now = this.host.now();
    const freed: Connection[] = [];
    let wait = -1;
    for (const c of this.paused) {
      // One whole credit: what it does next may cost that.
      const credit = Math.ceil(c.creditAt + (1 - c.credit) * this.tick - now);
      const left = Math.max(credit, this.otherWait(c, now));
      if (left <= 0) {
        this.forget(c);
        freed.push(c);
      } else if (wait < 0 || left < wait) wait = left;
    }
    return { freed, wait };
  }
}
