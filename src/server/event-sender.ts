import type { Host } from "../host.ts";
import { GUEST_EVENTS, PAYLOAD_MAX, RESTING_LIMIT, SAVED_EVENTS, SAVED_PART, SAVED_PART_READING } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import type { Watch } from "../store/watch.ts";
import { Op } from "../wire/ops.ts";
import type { Backlog } from "./backlog.ts";
import type { Connection } from "./connection.ts";
import type { MessageTap } from "./message-tap.ts";
import { isReading } from "./reading.ts";
import { waitingCost } from "./waiting.ts";

/** Sends one event at a time to the owner of a watch. */
export class EventSender {
  /** The most events queued for a guest, and for a privileged client. */
  guestEvents = GUEST_EVENTS;
  privilegedEvents = Number.POSITIVE_INFINITY;
  /** The privileged clients with events in their queues, and their number. */
  private readonly behind = new Set<Connection>();
  deep = 0;
  /** Everything is sent before a state is saved (Deliveries.finish). */
  finishing = false;
  /** Meanwhile: bytes charged for the events in the queues of privileged clients. */
  private saved = 0;
  /** Gets a copy of each event; null: trace and access log are off. */
  tap: MessageTap | null = null;

  constructor(
    private readonly host: Host,
    private readonly backlog: Backlog,
    private readonly log: Log,
    /** Memory.full. */
    private readonly full: (c: Connection) => boolean,
  ) {}

  /** As `hand`, but an event must not come before those of Deliveries, which had no memory for this one. */
  handNow(watch: Watch, path: string): void {
    const c = watch.owner as Connection;
    if (c.arriving === null) this.hand(watch, path);
    else c.miss(this.host, watch);
  }

  /** Everything is sent before a state is saved, from now on. */
  finish(): void {
    this.finishing = true;
    this.saved = 0;
    for (const c of this.behind) this.saved += c.eventBytes;
  }

  /** A privileged client has events in its queue. */
  waits(c: Connection): void {
    this.deep = this.behind.add(c).size;
  }

  /** A connection has the queue that it had in the program before. */
  requeued(c: Connection): void {
    if (c.privileged && c.queuedEvents > 0) this.waits(c);
    else if (!c.privileged && c.queued > 0) this.backlog.add(c);
  }

  /** The queue of a client is empty, or forgotten. */
  emptied(c: Connection): void {
    if (this.deep > 0 && this.behind.delete(c)) this.deep = this.behind.size;
  }

  /** Sends an event, or queues it, or makes its watch get one later. */
  hand(watch: Watch, path: string): void {
    const c = watch.owner as Connection;
    try {
      // The usual case: the host joins the two parts of the payload.
      if (c.queue.length === 0 && watch.strip === 0 && !c.shut && this.tap === null)
        if (this.host.event(c.link, path, watch.suffix)) return;
      this.give(watch, path);
    } catch (thrown) {
      // If memory has run out, the reserve is open now; without it, the other watchers must still get their events.
      if (!this.host.memoryEnded()) throw thrown;
      this.giveAgain(watch, path);
    }
  }

  private give(watch: Watch, path: string): void {
    const connection = watch.owner as Connection;
    const payload = (watch.strip === 0 ? path : path.slice(watch.strip)) + watch.suffix;
    if (payload.length > PAYLOAD_MAX) return;
    if (this.tap !== null) this.tap.event(connection, payload);
    if (connection.sendsEvent(this.host, payload)) return;
    const always = path.charCodeAt(0) === 64;
    if (connection.privileged) {
      const before = connection.queue.length;
      const bytes = this.finishing ? waitingCost(Op.WATCH_EVENT, payload.length) : 0;
      const most = this.finishing ? this.atTheEnd(connection, bytes) : this.privilegedEvents;
      if (!connection.keepEvent(this.host, payload, always, most)) connection.miss(this.host, watch);
      if (connection.queue.length > before) this.saved += bytes;
      if (connection.queue.length > 0) this.waits(connection);
      return;
    }
    // It gets one later anyway.
    if (watch.missed) return;
    const most = connection.queuedEvents < this.guestEvents && this.full(connection) ? 0 : this.guestEvents;
    if (!connection.keepEvent(this.host, payload, always, most)) connection.miss(this.host, watch);
    if (connection.queue.length > 0) this.backlog.add(connection);
  }

  /** The most events queued for a privileged client before a state is saved, with one more of so many bytes. */
  private atTheEnd(c: Connection, bytes: number): number {
    const { host } = this;
    if (host.memoryScarce()) return 0;
    const reads = isReading(host, c);
    const room = (host.memoryLimit() || RESTING_LIMIT) / (reads ? SAVED_PART_READING : SAVED_PART);
    if (this.saved + bytes > room) return 0;
    return reads ? Number.POSITIVE_INFINITY : SAVED_EVENTS;
  }

  private giveAgain(watch: Watch, path: string): void {
    const connection = watch.owner as Connection;
    try {
      this.give(watch, path);
    } catch (thrown) {
      connection.miss(this.host, watch);
      const what = `an event for domain ${connection.domid}`;
      if (this.host.memoryEnded()) this.log.memoryEnded(what);
      else this.log.bug(what, thrown);
    }
  }
}
