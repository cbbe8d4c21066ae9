import type { Host } from "../host.ts";
import type { Log } from "../observe/log.ts";
import { Quota, type Quotas } from "../quota/quotas.ts";
import { Cost } from "../store/cost.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Tree } from "../store/tree.ts";
import { Errno } from "../wire/errno.ts";
import type { Connection } from "./connection.ts";
import type { Domains } from "./domains.ts";
import type { QuotaChecks } from "./quota-checks.ts";
import type { Snapshots } from "./snapshots.ts";

/** What it needs of the daemon. */
interface Parts {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly checks: QuotaChecks;
  readonly domains: Domains;
  readonly snapshots: Snapshots;
  readonly log: Log;
}

/** The quotas of memory: what a domain's nodes, watches, transactions, snapshots and queue take. */
export class Memory {
  constructor(private readonly s: Parts) {}

  /**
   * Bytes that a domain makes the daemon keep, in the engine, in the journal and in the buffers of its link. Texts are in
   * the journal as well, packed.
   */
  used(domid: number): number {
    const { tree, domains, host, snapshots } = this.s;
    const c = domains.connectionOf(domid);
    const { owners } = tree;
    const nodes = owners.mortal(domid) * Cost.node + owners.bytes(domid) * (1 + host.journal.rate());
    const kept = c === null ? 0 : c.account.bytes + host.held(c.link);
    return Math.round(nodes) + tree.perms.bytes(domid) + kept + snapshots.charged(domid);
  }

  /** Whether nothing more is to be kept for an unprivileged connection that does not read. */
  full(c: Connection): boolean {
    return this.s.host.memoryScarce() || this.over(c);
  }

  /**
   * Whether an unprivileged connection may make a domain, itself most often, use so
   * many bytes more: Errno.none, or the error. What shrinks is never refused.
   */
  room(c: Connection, domid: number, t: Transaction | null, bytes: number): Errno {
    return bytes <= 0 || this.s.tree.owners.unbound(domid) ? Errno.none : this.check(c, domid, t, bytes);
  }

  /** As `room`, also where what is used is already counted. */
  check(c: Connection, domid: number, t: Transaction | null, bytes: number): Errno {
    const { s } = this;
    const used = this.used(domid) + bytes;
    if (used > s.quotas.limit(domid, Quota.memory)) return s.checks.exceeded(c, t, Quota.memory, used);
    const of = domid === c.domid ? c : s.domains.connectionOf(domid);
    if (of === null) return Errno.none;
    of.peaks.see(Quota.memory, used);
    const soft = used > s.quotas.limit(domid, Quota.softMemory);
    if (soft !== of.overSoft) {
      of.overSoft = soft;
      s.log.limited(
        `soft memory ${domid}`,
        `domain ${domid} ${soft ? "exceeds" : "is below"} its quota of soft-memory${soft ? "" : " again"}: ` +
          `${used} of ${s.quotas.get(domid, Quota.softMemory)}`,
      );
    }
    return Errno.none;
  }

  /** What those use, besides its creator, whose nodes a transaction gives values; null: there are none. */
  ofOthers(t: Transaction): ReadonlyMap<number, number> | null {
    const owners = t.otherOwners();
    return owners === null ? null : new Map([...owners].map((domid) => [domid, this.used(domid)]));
  }

  /** Whether an unprivileged connection's commit made one of them use more than it may: Errno.none, or the error. */
  grown(c: Connection, before: ReadonlyMap<number, number>): Errno {
    for (const [domid, used] of before) {
      const error = this.used(domid) > used ? this.check(c, domid, null, 0) : Errno.none;
      if (error !== Errno.none) return error;
    }
    return Errno.none;
  }

  /** Whether an unprivileged connection's domain uses more than it may. */
  over(c: Connection): boolean {
    const { s } = this;
    const used = this.used(c.domid);
    c.peaks.see(Quota.memory, used);
    const over = used > s.quotas.limit(c.domid, Quota.memory);
    if (over !== c.overHard) {
      c.overHard = over;
      if (over) s.checks.exceeded(c, null, Quota.memory, used);
      else s.log.limited(`below memory ${c.domid}`, `domain ${c.domid} is below its quota of memory again`);
    }
    return over;
  }
}
