import type { Host } from "../host.ts";
import { CONFLICT_CREDIT, CONFLICT_TICK } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import type { Trace } from "../observe/trace.ts";
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

  /** A transaction of `victim` failed for a change of domain `by`; -1: nobody's who is to pay. */
  charge(by: number, victim: number): void {
    if (by < 0 || by === victim) return;
    const c = this.connectionOf(by);
    if (c === null) return;
    c.conflictsCaused++;
    if (c.privileged) return;
    this.earn(c);
    // One change can make many transactions fail: what it owes for that is bounded, as in oxenstored.
    if (c.credit > -1) c.credit = Math.max(-1, c.credit - 1);
    if (this.trace.wrl) this.trace.credit(by, c.credit);
    if (c.credit > 0) return;
    this.pause(c);
    this.log.limited(`conflicts ${by}`, `domain ${by} makes transactions of others fail all the time, it is slowed`);
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
    this.host.guard(c.link, true);
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
