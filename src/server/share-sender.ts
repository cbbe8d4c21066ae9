import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import type { Share } from "./delivery.ts";
import type { EventSender } from "./event-sender.ts";
import type { FanOut } from "./fan-out.ts";

type ConnectionShare = Share<Connection>;

/** Sends the events of a share, some at a time. */
export class ShareSender {
  /** Everything is sent before a state is saved. */
  finishing = false;

  constructor(private readonly sender: EventSender) {}

  /** Whether a privileged client has no room for its events. */
  isFull(c: Connection): boolean {
    return c.privileged && c.queue.length > 0 && !this.finishing;
  }

  /** Sends about `most` events of a share. Returns their number. */
  some(c: Connection, share: ConnectionShare, most: number): number {
    let done = 0;
    while (share.item < share.items.length && done < most && !this.isFull(c)) {
      const segment = share.items[share.item] as number;
      done += segment < 0 ? this.someOfRun(c, share, most - done) : this.someOwn(c, share, segment, most - done);
    }
    return done;
  }

  private someOwn(c: Connection, share: ConnectionShare, segment: number, most: number): number {
    const { watches } = share;
    const path = share.of.paths[segment] as string;
    const last = share.items[share.item + 1] as number;
    const from = share.at;
    const to = Math.min(last, from + most);
    let i = from;
    while (i < to && !this.isFull(c)) {
      const watch = watches[i++] as Watch;
      // No event may follow the reply to UNWATCH. A guest's watch with `missed` gets one later.
      if (watch.place !== null && (!watch.missed || c.privileged)) this.sender.hand(watch, path);
    }
    share.at = i;
    if (i === last) share.item += 2;
    return i - from;
  }

  private someOfRun(c: Connection, share: ConnectionShare, most: number): number {
    const { paths, fanOuts } = share.of;
    // Between items, `at` is an index in `watches`; within a run it is one in `found`.
    if (share.segment < 0) {
      share.segment = -1 - (share.items[share.item] as number);
      share.items[share.item + 1] = share.at;
      share.at = 0;
    }
    let done = 0;
    while (done < most && !this.isFull(c)) {
      const fanOut = share.segment < paths.length ? (fanOuts[share.segment] as FanOut | null) : null;
      if (fanOut === null) {
        share.at = share.items[share.item + 1] as number;
        share.segment = -1;
        share.item += 2;
        break;
      }
      const path = paths[share.segment] as string;
      const found = share.found ?? fanOut.watchesOf(c);
      const from = share.at;
      const to = Math.min(found.length, from + most - ++done);
      let i = from;
      while (i < to && !this.isFull(c)) {
        const watch = found[i++] as Watch;
        if (watch.place !== null) this.sender.hand(watch, path);
      }
      done += i - from;
      share.at = i;
      share.found = found;
      if (i < found.length) break;
      share.found = null;
      share.at = 0;
      share.segment++;
    }
    return done;
  }
}
