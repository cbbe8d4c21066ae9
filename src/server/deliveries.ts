import type { Host } from "../host.ts";
import { EVENT_SLICE } from "../limits.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import { type Keeper, NOT_KEPT } from "./keeper.ts";
import type { Outstanding, Request } from "./outstanding.ts";

/** The events of one request on their way, and the reply that comes after them. */
interface Delivery {
  /** Null: its owner is gone. */
  readonly fired: (Watch | null)[];
  /** For a segment of `fired` each: what changed, and where it ends. */
  readonly paths: string[];
  readonly ends: number[];
  at: number;
  /** The segment that `at` is in. */
  segment: number;
  /** For whom they count as outstanding. */
  readonly by: Connection | null;
  request: Request | null;
  reply: Reply | null;
  /** Place in the journal. */
  kept: number;
}

interface Reply {
  readonly to: Connection;
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
  readonly payload: string;
}

/**
 * Events that are too many for one go. They go out slice by slice, in the order of the changes, while others are
 * served; whoever made a change is not read until its reply has followed its events.
 */
export class Deliveries {
  private queue: Delivery[] = [];
  private head = 0;
  /** Events that wait here; while there are none, nothing else does. */
  waiting = 0;

  constructor(
    private readonly host: Host,
    private readonly outstanding: Outstanding,
    private readonly keeper: Keeper,
    private readonly hand: (watch: Watch, path: string) => void,
  ) {}

  /** False: there is no memory for it. */
  add(fired: Watch[], paths: string[], ends: number[]): boolean {
    const { by, request } = this.outstanding;
    let kept = NOT_KEPT;
    try {
      kept = this.keeper.delivery(NOT_KEPT, paths, null);
      this.queue.push({ fired, paths, ends, at: 0, segment: 0, by, request, reply: null, kept });
    } catch {
      this.keeper.drop(kept);
      return false;
    }
    this.waiting += fired.length;
    return true;
  }

  /** The reply to the request whose events were added last. */
  replyLater(to: Connection, type: number, reqId: number, txId: number, payload: string): void {
    const d = this.queue[this.queue.length - 1] as Delivery;
    d.reply = { to, type, reqId, txId, payload };
    this.keeper.delivery(d.kept, d.paths, { to: to.kept, type, reqId, txId, payload });
    to.awaitsEvents = true;
    this.host.guard(to.link, true);
  }

  /** Hands one slice over. Returns the connections that may be read again. */
  next(): Connection[] {
    const { host, outstanding, queue } = this;
    const answered: Connection[] = [];
    let left = EVENT_SLICE;
    while (left > 0 && this.head < queue.length) {
      const d = queue[this.head] as Delivery;
      outstanding.by = d.by;
      outstanding.request = d.request;
      const end = Math.min(d.fired.length, d.at + left);
      left -= end - d.at + 1;
      this.waiting -= end - d.at;
      while (d.at < end) {
        if (d.at === d.ends[d.segment]) d.segment++;
        const watch = d.fired[d.at++] as Watch | null;
        if (watch !== null) this.hand(watch, d.paths[d.segment] as string);
      }
      d.request = outstanding.request;
      if (d.at < d.fired.length) break;
      this.head++;
      this.keeper.drop(d.kept);
      if (d.reply === null) continue;
      const { to, type, reqId, txId, payload } = d.reply;
      to.awaitsEvents = false;
      to.send(host, type, reqId, txId, payload);
      answered.push(to);
    }
    outstanding.by = null;
    outstanding.request = null;
    if (this.head === queue.length) {
      this.queue = [];
      this.head = 0;
    }
    return answered;
  }

  /** The client starts anew, or goes: nothing that waits here is for it any more. */
  forget(c: Connection): void {
    c.awaitsEvents = false;
    for (let n = this.head; n < this.queue.length; n++) {
      const d = this.queue[n] as Delivery;
      if (d.reply?.to === c) {
        d.reply = null;
        // Its place in the journal can be another's soon.
        this.keeper.delivery(d.kept, d.paths, null);
      }
      for (let i = d.at; i < d.fired.length; i++) if (d.fired[i]?.owner === c) d.fired[i] = null;
    }
  }
}
