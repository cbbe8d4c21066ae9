import type { Host } from "../host.ts";
import { EVENT_LOOK, EVENT_MILLISECONDS, EVENT_SLICE } from "../limits.ts";
import { Cost } from "../store/cost.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import { type Keeper, type KeptEvents, NOT_KEPT } from "./keeper.ts";
import type { Outstanding, Request } from "./outstanding.ts";
import { keptEvents } from "./watchers.ts";

/** The events of one request on their way, and the reply that comes after them. */
interface Delivery {
  /** Null: its owner is gone. */
  readonly fired: (Watch | null)[];
  /** For a segment of `fired` each: what changed, and where it ends; -1 less a place in `shared`: it is in there. */
  readonly paths: string[];
  readonly ends: number[];
  readonly shared: number[];
  /** Where the next segment begins that is not shared, or goes on. */
  at: number;
  /** What is handed over next: a segment, and how many of it are already, if it is shared. */
  segment: number;
  within: number;
  /** For whom they count as outstanding. */
  readonly by: Connection | null;
  request: Request | null;
  reply: Reply | null;
  /** What it takes, on the account of `by`. */
  readonly bytes: number;
  /** Place in the journal, and what it has there. */
  kept: number;
  readonly events: KeptEvents;
}

/** Somebody's reply can neither be sent nor kept; what was thrown, and the reply. */
export type Unanswered = (
  c: Connection,
  thrown: unknown,
  type: number,
  reqId: number,
  txId: number,
  payload: string,
) => void;

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
  /** What is kept of them: watches and paths. */
  held = 0;
  /** Within finish(), or thrown out of it. */
  finishing = false;

  constructor(
    private readonly host: Host,
    private readonly outstanding: Outstanding,
    private readonly keeper: Keeper,
    private readonly hand: (watch: Watch, path: string) => void,
    /** A reply cannot be sent, nor kept. */
    private readonly unanswered: Unanswered,
  ) {}

  /** False: there is no memory for it. */
  add(fired: Watch[], paths: string[], ends: number[], shared: number[], alike: number): boolean {
    const { by, request } = this.outstanding;
    let kept = NOT_KEPT;
    let bytes = fired.length * Cost.delivered;
    for (const path of paths) bytes += Cost.change + path.length;
    try {
      const events = keptEvents(fired, paths, ends, shared);
      for (const { owners, suffix } of events.watchers)
        bytes += Cost.watchers + Cost.watching * owners.length + suffix.length;
      kept = this.keeper.delivery(NOT_KEPT, events, null);
      const at = { at: 0, segment: 0, within: 0 };
      this.queue.push({ fired, paths, ends, shared, ...at, by, request, reply: null, bytes, kept, events });
    } catch {
      this.keeper.drop(kept);
      return false;
    }
    this.waiting += fired.length + alike;
    this.held += fired.length + paths.length;
    if (by !== null) by.account.bytes += bytes;
    return true;
  }

  /** The reply to the request whose events were added last. */
  replyLater(to: Connection, type: number, reqId: number, txId: number, payload: string): void {
    const d = this.queue[this.queue.length - 1] as Delivery;
    d.reply = { to, type, reqId, txId, payload };
    to.awaitsEvents = true;
    this.host.guard(to.link, true);
    try {
      this.keep(d);
    } catch {
      // A program that fails before it is sent will not know of it; otherwise it comes, once and behind its events.
    }
  }

  /** Tells the journal what has become of it. */
  private keep(d: Delivery): void {
    if (d.reply === null) {
      this.keeper.delivery(d.kept, d.events, null);
      return;
    }
    const { to, type, reqId, txId, payload } = d.reply;
    this.keeper.delivery(d.kept, d.events, { to: to.kept, type, reqId, txId, payload });
  }

  /** Hands one slice over. */
  next(): void {
    const { host, outstanding, queue } = this;
    let left = EVENT_SLICE;
    let look = left - EVENT_LOOK;
    const end = host.now() + EVENT_MILLISECONDS;
    while (left > 0 && this.head < queue.length) {
      const d = queue[this.head] as Delivery;
      outstanding.by = d.by;
      outstanding.request = d.request;
      while (left > 0 && d.segment < d.ends.length) {
        left -= this.some(d, Math.min(left, EVENT_LOOK));
        if (left > look) continue;
        look = left - EVENT_LOOK;
        if (host.now() > end) left = 0;
      }
      // Each counts for one, also without events.
      left--;
      d.request = outstanding.request;
      if (d.segment < d.ends.length) break;
      this.head++;
      if (d.by !== null) d.by.account.bytes -= d.bytes;
      this.held -= d.fired.length + d.paths.length;
      this.keeper.drop(d.kept);
      if (d.reply === null) continue;
      const { to, type, reqId, txId, payload } = d.reply;
      to.awaitsEvents = false;
      try {
        to.send(host, type, reqId, txId, payload);
      } catch (thrown) {
        this.unanswered(to, thrown, type, reqId, txId, payload);
      }
      // It may be read again: what it asked for meanwhile can be with the host already.
      host.wake(to.link);
    }
    outstanding.by = null;
    outstanding.request = null;
    if (this.head === queue.length) {
      this.queue = [];
      this.head = 0;
    }
  }

  /** Hands all of it over. What throws here ends the program: what is half delivered cannot be taken back. */
  finish(): void {
    this.finishing = true;
    while (this.waiting > 0) this.next();
    this.finishing = false;
  }

  /** Hands over up to so many events of one segment. Returns their number. */
  private some(d: Delivery, most: number): number {
    const end = d.ends[d.segment] as number;
    const path = d.paths[d.segment] as string;
    const own = end >= 0;
    const from = own ? d.at : (d.shared[-1 - end] as number) + d.within;
    const last = own ? end : (d.shared[-end] as number);
    const to = Math.min(last, from + most);
    for (let i = from; i < to; i++) {
      const watch = d.fired[i] as Watch | null;
      if (watch !== null) this.hand(watch, path);
    }
    if (own) d.at = to;
    else d.within += to - from;
    if (to === last) {
      d.segment++;
      d.within = 0;
    }
    this.waiting -= to - from;
    return to - from;
  }

  /** The client starts anew, or goes: nothing that waits here is for it any more. */
  forget(c: Connection): void {
    c.awaitsEvents = false;
    for (let n = this.head; n < this.queue.length; n++) {
      const d = this.queue[n] as Delivery;
      const answers = d.reply?.to === c;
      if (answers) d.reply = null;
      // Its place in the journal can be another's soon.
      if (forgetOwner(d.events, c.kept) || answers) this.keep(d);
      for (let i = 0; i < d.fired.length; i++) if (d.fired[i]?.owner === c) d.fired[i] = null;
    }
  }
}

/** Returns whether it was one of those who are told. */
function forgetOwner({ watchers }: KeptEvents, place: number): boolean {
  let found = false;
  for (const { owners } of watchers) {
    const at = owners.indexOf(place);
    if (at < 0) continue;
    owners[at] = NOT_KEPT;
    found = true;
  }
  return found;
}
