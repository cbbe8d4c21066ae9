import type { Host } from "../host.ts";
import { CONFLICT_CREDIT, CONFLICT_FORGET, CONFLICT_MANY, CONFLICT_TICK, CONFLICT_WAIT } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import type { Trace } from "../observe/trace.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Connection } from "./connection.ts";

/** What a connection has, how often it offended of late, and how many milliseconds ago it did last. */
export type CreditState = readonly [credit: number, offences: number, since: number];

/** More than one, of which a part is forgotten. */
const AGAIN = 1.5;

/**
 * What keeps a guest from making the transactions of others fail for ever (XSA-206): each that it makes fail costs it
 * a credit, which comes back with time. Whoever has none left is not read until then. Nobody pays for anything else.
 */
export class Credit {
  /** Connections that are not read. */
  private readonly paused = new Set<Connection>();
  /** How many they are. */
  waiting = 0;
  /** Those who made transactions of privileged clients fail more than once. */
  private readonly offenders = new Set<Connection>();
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

  /**
   * A transaction failed for changes of these domains, each with the number of the latest commit among them; domain -1:
   * nobody's who is to pay. `sequence`: the last commit of all.
   */
  charge(by: ReadonlyMap<number, number>, victim: Transaction, sequence: number): void {
    for (const [domid, change] of by) {
      const c = domid < 0 || domid === victim.creator ? null : this.connectionOf(domid);
      if (c === null) continue;
      c.conflictsCaused++;
      // One change can make many transactions fail: it is paid for once.
      if (c.privileged || change <= c.paidFor) continue;
      c.paidFor = sequence;
      this.take(c, victim.creator < 0 ? this.debtFor(c, victim) : 0);
    }
  }

  /** Credits that a privileged client's transaction costs besides, for the time that it was open. */
  private debtFor(c: Connection, victim: Transaction): number {
    const now = this.host.now();
    const open = now - Math.max(victim.started, c.offendedAt);
    c.offences = Math.max(0, c.offences - (now - c.offendedAt) / CONFLICT_FORGET) + 1;
    c.offendedAt = now;
    // Once can happen to anybody.
    if (c.offences < AGAIN) return 0;
    this.offenders.add(c);
    // Who tries again may wait before it does, or take longer.
    const wait = 2 * (open + this.tick) * 2 ** Math.max(0, Math.floor(c.offences) - CONFLICT_MANY);
    const debt = Math.min(CONFLICT_WAIT, wait) / this.tick;
    // Else one of several goes on while the others pay.
    for (const other of this.offenders) {
      if (now - other.offendedAt > 2 * CONFLICT_FORGET) this.offenders.delete(other);
      else if (other !== c) this.take(other, debt);
    }
    return debt;
  }

  private take(c: Connection, debt: number): void {
    this.earn(c);
    const left = c.credit - 1 - debt;
    c.credit = left > 0 ? left : Math.min(c.credit, -debt);
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

  /** As of now, for a program that takes over. */
  save(c: Connection): CreditState {
    this.earn(c);
    return [c.credit, c.offences, this.host.now() - c.offendedAt];
  }

  restore(c: Connection, [credit, offences, since]: CreditState): void {
    const now = this.host.now();
    c.credit = credit;
    c.creditAt = now;
    c.offences = offences;
    c.offendedAt = now - since;
    if (c.privileged) return;
    if (offences >= AGAIN) this.offenders.add(c);
    this.demand(c);
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

  /** It is gone, or begins anew. */
  forget(c: Connection): void {
    this.offenders.delete(c);
    this.release(c);
  }

  private release(c: Connection): void {
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
        this.release(c);
        freed.push(c);
      } else if (wait < 0 || left < wait) wait = left;
    }
    return { freed, wait };
  }
}
