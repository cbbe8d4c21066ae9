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

/** What it needs of Snapshots. */
interface HistoryCharges {
  /** Bytes of the history that a domain is charged for. */
  charged(domid: number): number;
}

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly checks: QuotaChecks;
  readonly domains: Domains;
  readonly snapshots: HistoryCharges;
  readonly log: Log;
}

/** The memory quotas: what a domain's nodes, watches, transactions, snapshots and queue use. */
export class Memory {
  constructor(private readonly s: Parts) {}

  /**
   * Bytes that a domain makes the daemon use, in the engine, the journal and the buffers of its link. It
   * depends on nothing that other domains do.
   */
  used(domid: number): number {
    const { tree, domains, host, snapshots } = this.s;
    const c = domains.connectionOf(domid);
    const { owners } = tree;
    const nodes = owners.mortal(domid) * Cost.node + owners.bytes(domid);
    const kept = c === null ? 0 : c.account.bytes + host.held(c.link);
    return nodes + tree.perms.bytes(domid) + kept + snapshots.charged(domid);
  }

  /** Whether nothing more may be queued for an unprivileged connection that does not read. */
  full(c: Connection): boolean {
    return this.s.host.memoryScarce() || this.over(c);
  }

  /**
   * Checks whether an unprivileged connection may make a domain, usually its own, use `bytes` more. Returns
   * Errno.none, or ENOMEM. A decrease is always allowed.
   */
  room(c: Connection, domid: number, t: Transaction | null, bytes: number): Errno {
    return bytes <= 0 || this.s.tree.owners.unbound(domid) ? Errno.none : this.check(c, domid, t, bytes);
  }

  /** As `room`, also for bytes that are counted already (`bytes` 0). */
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

  /** By domid: bytes used now by the other domains whose nodes a transaction gives values; null: there are none. */
  ofOthers(t: Transaction): ReadonlyMap<number, number> | null {
    const owners = t.otherOwners();
    return owners === null ? null : new Map([...owners].map((domid) => [domid, this.used(domid)]));
  }

  /** Checks whether a commit made one of the domains of `ofOthers` exceed its quota: Errno.none, or ENOMEM. */
  grown(c: Connection, before: ReadonlyMap<number, number>): Errno {
    for (const [domid, used] of before) {
      const error = this.used(domid) > used ? this.check(c, domid, null, 0) : Errno.none;
      if (error !== Errno.none) return error;
    }
    return Errno.none;
  }

  /** Whether a domain would exceed its memory quota with `bytes` more. */
  exceeds(c: Connection, bytes: number): boolean {
    return this.used(c.domid) + bytes > this.s.quotas.limit(c.domid, Quota.memory);
  }

  /** Whether an unprivileged connection's domain exceeds its memory quota; logs each change. */
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
