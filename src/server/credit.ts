import type { Host } from "../host.ts";
import { CONFLICT_CREDIT, CONFLICT_FORGET, CONFLICT_MANY, CONFLICT_TICK, CONFLICT_WAIT } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import type { Trace } from "../observe/trace.ts";
import type { Writer } from "../store/past.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Connection } from "./connection.ts";

/** A connection's credits, its recent offences, and the milliseconds since the last one. */
export type CreditState = readonly [credit: number, offences: number, since: number];

/** Offences from which on a guest counts as an offender. The count decays, so two recent ones give more than this. */
const AGAIN = 1.5;

/**
 * Keeps a guest from making the transactions of others fail for ever (XSA-206). Each failure that it causes
 * costs a credit, which comes back with time. A guest without credit is not read. Nobody pays for anything
 * else.
 */
export class Credit {
  /** Connections that are not read, for lack of credit or for Snapshots. */
  private readonly paused = new Set<Connection>();
  /** The number of paused connections. */
  waiting = 0;
  /** Guests that recently made transactions of privileged clients fail more than once. */
  private readonly offenders = new Set<Connection>();
  burst = CONFLICT_CREDIT;
  /** Milliseconds in which a guest earns one credit. */
  tick = CONFLICT_TICK;

  constructor(
    private readonly host: Host,
    private readonly log: Log,
    private readonly trace: Trace,
    private readonly connectionOf: (domid: number) => Connection | null,
    /** Milliseconds for which a guest with credit must wait for other reasons; 0: none. */
    private readonly otherWait: (c: Connection, now: number) => number,
  ) {}

  /**
   * A transaction failed because of changes by these authors. `by`: by author, the number of its latest
   * conflicting commit. `sequence`: the number of the last commit.
   */
  charge(by: ReadonlyMap<Writer, number>, victim: Transaction, sequence: number): void {
    for (const [writer, change] of by) {
      const { domid } = writer;
      const c = domid < 0 || domid === victim.creator ? null : this.connectionOf(domid);
      // A later domain with the number does not pay for an earlier one.
      if (c === null || (c.writer !== writer && !c.privileged)) continue;
      c.conflictsCaused++;
      if (c.privileged) continue;
      // A change that makes several transactions fail is paid for once. A guest's failed transaction pays only
      // for other guests' ones: it can be an accomplice's, which fails in time for the change to be cheap.
      const privileged = victim.creator < 0;
      if (change <= (privileged ? c.paidForPrivileged : c.paidFor)) continue;
      c.paidFor = sequence;
      if (privileged) c.paidForPrivileged = sequence;
      this.take(c, privileged ? this.debtFor(c, victim) : 0);
    }
  }

  /** Credits that the failure of a privileged client's transaction costs in addition, for the time that it was open. */
  private debtFor(c: Connection, victim: Transaction): number {
    const now = this.host.now();
    const open = now - Math.max(victim.started, c.offendedAt);
    c.offences = Math.max(0, c.offences - (now - c.offendedAt) / CONFLICT_FORGET) + 1;
    c.offendedAt = now;
    // A first failure can happen to any guest.
    if (c.offences < AGAIN) return 0;
    this.offenders.add(c);
    // The client may wait before it tries again, or need more time.
    const wait = 2 * (open + this.tick) * 2 ** Math.max(0, Math.floor(c.offences) - CONFLICT_MANY);
    const debt = Math.min(CONFLICT_WAIT, wait) / this.tick;
    // Otherwise several guests could take turns.
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

  /** Brings the credit up to date. */
  private earn(c: Connection): void {
    const now = this.host.now();
    c.credit = Math.min(this.burst, c.credit + (now - c.creditAt) / this.tick);
    c.creditAt = now;
  }

  /** Makes an unprivileged connection owe `debt` credits: its next message is not read before they are earned. */
  punish(c: Connection, debt: number): void {
    if (c.privileged) return;
    this.earn(c);
    // A larger debt stays.
    c.credit = Math.min(c.credit, -debt);
    this.pause(c);
  }

  /** The state as of now, for a program that takes over. */
  save(c: Connection): CreditState {
    this.earn(c);
    return [c.credit, c.offences, this.host.now() - c.offendedAt];
  }

  /** Takes over what save() returned, and pauses the connection if it has no credit. */
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

  /** Pauses a connection without credit. */
  demand(c: Connection): void {
    if (c.privileged) return;
    this.earn(c);
    if (c.credit < 1 || this.otherWait(c, this.host.now()) > 0) this.pause(c);
  }

  /** Stops reading a connection until it has credit and `otherWait` returns 0. */
  pause(c: Connection): void {
    this.paused.add(c);
    this.waiting = this.paused.size;
    c.paused = true;
    this.host.setFlowControl(c.link, true);
  }

  /** Ends the pause of a connection that is closed or reset. */
  forget(c: Connection): void {
    this.offenders.delete(c);
    this.release(c);
  }

  private release(c: Connection): void {
    if (c.paused) this.paused.delete(c);
    this.waiting = this.paused.size;
    c.paused = false;
  }

  /**
   * Ends pauses that are over. `freed`: connections that may be read again; `wait`: milliseconds until the
   * next may be; -1: no other is paused.
   */
  due(): { freed: Connection[]; wait: number } {
    const now = this.host.now();
    const freed: Connection[] = [];
    let wait = -1;
    for (const c of this.paused) {
      // A whole credit, because its next change may cost one.
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
