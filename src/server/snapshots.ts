import { HISTORY_PART, LOSS_DEBT, SNAPSHOT_CHANGES, SNAPSHOT_YOUNG, WRITER_PART } from "../limits.ts";
import { Quota } from "../quota/quotas.ts";
import type { Holder } from "../store/history.ts";
import type { Connection } from "./connection.ts";
import type { Server } from "./server.ts";

/**
 * Keeps what open snapshots need within bounds. Two can be to blame for it: who holds a snapshot for long, and who changes
 * much beside it. While the oldest snapshot is young, a guest that changes much is not read until that snapshot is closed
 * or old. Once it is old, all that it needs is on its holder's account.
 */
export class Snapshots {
  /** Bytes of the history. */
  private readonly most: number;
  /** Bytes of it that one guest may make beside a young snapshot of somebody else. */
  private readonly share: number;
  /** Snapshots of this commit and before are old. */
  private oldUntil = -1;
  /** The same as of the next time that somebody looks, and since when, on the host's clock. */
  private seen = -1;
  private since = 0;

  constructor(private readonly s: Server) {
    this.most = s.host.memoryLimit() / HISTORY_PART || Number.POSITIVE_INFINITY;
    this.share = this.most / WRITER_PART;
  }

  private get oldest(): Holder | undefined {
    return this.s.tree.history.open[0];
  }

  private isYoung(holder: Holder): boolean {
    return holder.snapshot > this.oldUntil;
  }

  private age(now: number): void {
    if (now - this.since < SNAPSHOT_YOUNG) return;
    this.oldUntil = this.seen;
    // One of the last commit can be opened a moment from now as well.
    this.seen = this.s.tree.sequence - 1;
    this.since = now;
  }

  /** Bytes of the history that are on a domain's account. */
  charged(domid: number): number {
    const { history } = this.s.tree;
    const { oldest } = this;
    if (oldest === undefined || oldest.creator !== domid) return 0;
    if (!this.isYoung(oldest)) return history.bytes;
    const own = this.s.domains.connectionOf(domid)?.writer.bytes ?? 0;
    return history.bytes - history.guestBytes + own;
  }

  /** To be called each turn while there is a history. */
  bound(): void {
    const { s } = this;
    const { tree } = s;
    const { history } = tree;
    this.age(s.host.now());
    // Of what one let go of some may still be there.
    while (history.bytes > this.most && history.open.length > 0 && !history.behind) this.takeOldest();
    const { oldest } = this;
    if (oldest === undefined) return;
    // Generations begin anew some time, and are told apart by halves.
    if (tree.clock - oldest.clock > SNAPSHOT_CHANGES) oldest.lose();
    else if (oldest.creator < 0 || !this.isOverQuota(oldest.creator)) this.slow(oldest);
    else oldest.lose();
  }

  private isOverQuota(domid: number): boolean {
    const { s } = this;
    const used = s.memory.used(domid);
    const most = s.quotas.limit(domid, Quota.memory);
    // Only if that helps: what else it keeps is not the snapshot's fault.
    if (used <= most || used - this.charged(domid) > most) return false;
    s.log.limited(
      `snapshot ${domid}`,
      `domain ${domid} exceeds its quota of memory: ${used} of ${most}; its oldest transaction is given up`,
    );
    const holder = s.domains.connectionOf(domid);
    if (holder !== null) s.refused(holder, Quota.memory);
    return true;
  }

  /** The oldest snapshot is lost, for the history takes too much. Was it young, then guests that changed much pay for it. */
  takeOldest(): void {
    const { s, oldest } = this;
    if (oldest === undefined) return;
    if (this.isYoung(oldest)) {
      for (const c of s.connections) if (c && this.isMuch(c, oldest)) s.credit.punish(c, LOSS_DEBT);
    }
    oldest.lose();
  }

  private isMuch(c: Connection, oldest: Holder): boolean {
    return c.writer.guest && c.writer.bytes > this.share && c.domid !== oldest.creator;
  }

  private slow(oldest: Holder): void {
    const { s } = this;
    const { history } = s.tree;
    if (history.guestBytes <= this.share || history.behind || !this.isYoung(oldest)) return;
    for (const c of s.connections) {
      if (!c || c.paused || !this.isMuch(c, oldest)) continue;
      s.credit.pause(c);
      s.log.limited(
        `history ${c.domid}`,
        `domain ${c.domid} changes much beside transactions of others that read what was before, it is slowed`,
      );
    }
  }

  /** In how many milliseconds a guest may be read again that `slow` paused, unless that snapshot is closed before. */
  wait(c: Connection, now: number): number {
    const { oldest } = this;
    if (oldest === undefined || !this.isYoung(oldest) || !this.isMuch(c, oldest)) return 0;
    return Math.max(1, this.since + SNAPSHOT_YOUNG - now);
  }
}
