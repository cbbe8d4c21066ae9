import type { Host } from "../host.ts";
import {
  HISTORY_PART,
  LOSS_DEBT,
  PRESSURE_PART,
  SHARE_LEAST,
  SHARE_PART,
  SNAPSHOT_CHANGES,
  SNAPSHOT_YOUNG,
  WORTH_TAKING,
} from "../limits.ts";
import type { Log } from "../observe/log.ts";
import { Quota, type Quotas } from "../quota/quotas.ts";
import { OUT_OF_MEMORY } from "../quota/refusals.ts";
import type { Holder } from "../store/past.ts";
import type { Tree } from "../store/tree.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { Credit } from "./credit.ts";
import type { Domains } from "./domains.ts";
import type { Memory } from "./memory.ts";

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly memory: Memory;
  readonly connections: Connections;
  readonly domains: Domains;
  readonly credit: Credit;
  readonly log: Log;
}

/**
 * Bounds the history. It grows because a client holds a snapshot for long, or because others change much
 * meanwhile. While the oldest snapshot is young, guests that changed much are not read until it is closed
 * or old. Once it is old, its holder is charged for all of the history, and a guest's is given up before
 * any client waits for it.
 */
export class Snapshots {
  /** The most bytes of the history. */
  private readonly most: number;
  /** Snapshots of this commit number and lower ones are old. */
  private oldUntil = -1;
  /** The next value of `oldUntil`, and when it was noted, on the host's clock. */
  private seen = -1;
  private since = 0;
  /** Bytes of history that a guest may cause, as of this turn; Infinity: no guest waits. */
  private share = Number.POSITIVE_INFINITY;
  /** The domain that holds all open snapshots; -1: Dom0, or several. */
  private only = -1;

  constructor(private readonly s: Parts) {
    this.most = s.host.memoryLimit() / HISTORY_PART || Number.POSITIVE_INFINITY;
  }

  private get oldest(): Holder | undefined {
    return this.s.tree.history.open[0];
  }

  /** Whether a snapshot is young: open for less than one to two times SNAPSHOT_YOUNG. */
  isYoung(holder: Holder): boolean {
    return holder.snapshot > this.oldUntil;
  }

  private age(now: number): void {
    if (now - this.since < SNAPSHOT_YOUNG) return;
    this.oldUntil = this.seen;
    // A snapshot of the last commit can still be opened.
    this.seen = this.s.tree.sequence - 1;
    this.since = now;
  }

  /** Bytes of the history that a domain is charged for. */
  charged(domid: number): number {
    const { history } = this.s.tree;
    const { oldest } = this;
    if (oldest === undefined || oldest.creator !== domid) return 0;
    if (!this.isYoung(oldest)) return history.bytes;
    const own = this.s.domains.connectionOf(domid)?.writer.bytes ?? 0;
    return history.bytes - history.guestBytes + own;
  }

  /** Applies the bounds. To be called each turn while there is a history. */
  bound(): void {
    const { s, most } = this;
    const { tree } = s;
    const { history } = tree;
    this.age(s.host.now());
    this.share = Number.POSITIVE_INFINITY;
    // `behind`: records of a closed snapshot are still to be freed.
    while (history.bytes > most && history.open.length > 0 && !history.behind) this.takeOldest();
    const { oldest } = this;
    if (oldest === undefined || history.behind) return;
    // Generations wrap around and are compared by distance.
    const outlived = tree.clock - oldest.clock > SNAPSHOT_CHANGES;
    if (outlived || (oldest.creator >= 0 && this.isOverQuota(oldest.creator))) {
      oldest.lose();
    } else if (history.bytes > most / PRESSURE_PART || (s.host.memoryScarce() && history.bytes > WORTH_TAKING)) {
      if (this.isYoung(oldest)) this.slow();
      else if (oldest.creator >= 0) this.takeOld(oldest);
    }
  }

  /** Gives up a guest's old snapshot before others have to wait. */
  private takeOld(oldest: Holder): void {
    const { s } = this;
    s.log.limited(
      `snapshot ${oldest.creator}`,
      `domain ${oldest.creator} has a transaction open for long, for which ${s.tree.history.bytes} bytes are kept: it is given up`,
    );
    const holder = s.domains.connectionOf(oldest.creator);
    if (holder !== null) holder.refusals.count(OUT_OF_MEMORY);
    oldest.lose();
  }

  private isOverQuota(domid: number): boolean {
    const { s } = this;
    const used = s.memory.used(domid);
    const most = s.quotas.limit(domid, Quota.memory);
    // Only if the domain is below its quota without the history.
    if (used <= most || used - this.charged(domid) > most) return false;
    s.log.limited(
      `snapshot ${domid}`,
      `domain ${domid} exceeds its quota of memory: ${used} of ${most}; its oldest transaction is given up`,
    );
    const holder = s.domains.connectionOf(domid);
    if (holder !== null) holder.refusals.count(Quota.memory);
    return true;
  }

  /**
   * Gives up the oldest snapshot because the history is too large. If it was young, guests that changed
   * much pay for it. Returns whether there was one.
   */
  takeOldest(): boolean {
    const { s, oldest } = this;
    if (oldest === undefined) return false;
    s.log.limited(
      "history",
      `the past takes ${s.tree.history.bytes} bytes: the oldest transaction is given up, of ` +
        (oldest.creator < 0 ? "a privileged client" : `domain ${oldest.creator}`),
    );
    if (this.isYoung(oldest)) {
      this.look();
      for (const c of s.connections.byLink) if (c && this.isMuch(c)) s.credit.punish(c, LOSS_DEBT);
    }
    oldest.lose();
    return true;
  }

  /** Computes `share` and `only`. */
  private look(): void {
    const { s } = this;
    const { history } = s.tree;
    let writers = 0;
    for (const c of s.connections.byLink) if (c?.writer.guest && c.writer.bytes > 0) writers++;
    this.share = Math.max(SHARE_LEAST, history.guestBytes / (SHARE_PART * Math.max(1, writers)));
    const { creator } = history.open[0] as Holder;
    this.only = creator >= 0 && history.open.every((holder) => holder.creator === creator) ? creator : -1;
  }

  private isMuch(c: Connection): boolean {
    return c.writer.guest && c.writer.bytes > this.share && c.domid !== this.only;
  }

  private slow(): void {
    const { s } = this;
    this.look();
    for (const c of s.connections.byLink) {
      if (!c || c.paused || !this.isMuch(c)) continue;
      s.credit.pause(c);
      s.log.limited(
        `history ${c.domid}`,
        `domain ${c.domid} changes much beside transactions of others that read what was before, it is slowed`,
      );
    }
  }

  /** Milliseconds for which a guest that `slow` paused must wait, if the snapshot is not closed before; 0: none. */
  wait(c: Connection, now: number): number {
    const { oldest } = this;
    if (oldest === undefined || !this.isYoung(oldest) || !this.isMuch(c)) return 0;
    return Math.max(1, this.since + SNAPSHOT_YOUNG - now);
  }
}
