import type { Host } from "../host.ts";
import { AHEAD_MOST } from "../limits.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import { type Delivery, Share } from "./delivery.ts";
import type { Audience, FanOut } from "./fan-out.ts";

type ConnectionDelivery = Delivery<Connection>;
type ConnectionShare = Share<Connection>;

/** Makes the shares of a delivery. */
export class Shares {
  private readonly shares = new Map<Connection, ConnectionShare>();

  constructor(
    private readonly host: Host,
    private readonly d: ConnectionDelivery,
    /** Too much is kept, so each watch of a guest gets one event later instead. */
    private readonly much: boolean,
  ) {}

  of(fired: Watch[], ends: number[], spread: readonly FanOut[]): Map<Connection, ConnectionShare> {
    const { d, much, shares } = this;
    const told: ConnectionShare[] = [];
    /** By audience: the last run of segments that has it. */
    const runs = new Map<Audience, number>();
    let events = 0;
    let run = 0;
    let from = 0;
    for (let s = 0; s < ends.length; s++) {
      const end = ends[s] as number;
      if (end >= 0) {
        run++;
        d.fanOuts.push(null);
        this.own(s, fired, from, end);
        from = end;
        continue;
      }
      const fanOut = spread[-1 - end] as FanOut;
      d.fanOuts.push(fanOut);
      events += fanOut.events;
      if (much) fanOut.giveUp((c, watch) => c.miss(this.host, watch));
      const { audience } = fanOut;
      if (runs.get(audience) === run) continue;
      runs.set(audience, run);
      for (const c of audience) {
        if (much && !c.privileged) continue;
        const share = this.shareOf(c);
        if (share.run === run) continue;
        share.run = run;
        share.items.push(-1 - s, 0);
        told.push(share);
      }
    }
    // How many events each connection gets is known only when they are sent.
    for (const share of told) share.weight += Math.ceil(events / told.length);
    return shares;
  }

  private own(segment: number, fired: Watch[], from: number, to: number): void {
    const { much } = this;
    for (let i = from; i < to; i++) {
      const watch = fired[i] as Watch;
      const c = watch.owner as Connection;
      if (much && this.gaveUp(c, watch)) continue;
      const share = this.shareOf(c);
      const { items, watches } = share;
      watches.push(watch);
      share.weight++;
      if (items.length > 0 && items[items.length - 2] === segment) items[items.length - 1] = watches.length;
      else items.push(segment, watches.length);
      share.run = -1;
    }
  }

  /** Replaces the events of a guest's watch by one later event. Returns false for a privileged connection. */
  private gaveUp(c: Connection, watch: Watch): boolean {
    if (c.privileged) return false;
    c.miss(this.host, watch);
    return true;
  }

  private shareOf(c: Connection): ConnectionShare {
    const { d, shares } = this;
    let share = shares.get(c);
    if (share !== undefined) return share;
    share = new Share(d, this.isAwaited(c));
    shares.set(c, share);
    return share;
  }

  /**
   * Whether the reply waits for the events of a connection. It never waits for what guests caused before: so not behind their
   * events, unless those of too many requests of this privileged client are on their way for that reason.
   */
  private isAwaited(c: Connection): boolean {
    const { by } = this.d;
    if (c === by || c.arriving === null) return true;
    if (!c.privileged || c.resting > 0) return false;
    if (!isOfGuest(c.arriving) && !isOfGuest(c.arrivingLast)) return true;
    return by?.privileged === true && by.ahead >= AHEAD_MOST;
  }
}

function isOfGuest(share: ConnectionShare | null): boolean {
  const by = share?.of.by;
  return by !== null && by !== undefined && !by.privileged;
}

/** A share does not hold up who caused it any more. Returns the guest that goes on now; null: none does. */
export function unload(share: ConnectionShare): Connection | null {
  const { by } = share.of;
  if (by !== null && share.ahead) {
    share.ahead = false;
    by.ahead--;
  }
  if (by === null || by.privileged) return null;
  const held = by.held;
  by.causing -= share.weight;
  share.weight = 0;
  return held && !by.held ? by : null;
}
