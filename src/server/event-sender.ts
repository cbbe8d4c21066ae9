import type { Host } from "../host.ts";
import { GUEST_EVENTS, PAYLOAD_MAX } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import type { Watch } from "../store/watch.ts";
import type { Backlog } from "./backlog.ts";
import type { Connection } from "./connection.ts";
import type { MessageTap } from "./message-tap.ts";

/** Sends one event at a time to the owner of a watch. */
export class EventSender {
  /** The most events queued for a guest, and for a privileged client. */
  guestEvents = GUEST_EVENTS;
  privilegedEvents = Number.POSITIVE_INFINITY;
  /** A privileged client may have more in its queue than it should. */
  deep = false;
  /** Everything is sent before a state is saved (Deliveries.finish). */
  finishing = false;
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
      const most = this.finishing && this.host.memoryScarce() ? 0 : this.privilegedEvents;
      if (!connection.keepEvent(this.host, payload, always, most)) connection.miss(this.host, watch);
      this.deep = true;
      return;
    }
    // It gets one later anyway.
    if (watch.missed) return;
    const most = connection.queuedEvents < this.guestEvents && this.full(connection) ? 0 : this.guestEvents;
    if (!connection.keepEvent(this.host, payload, always, most)) connection.miss(this.host, watch);
    if (connection.queue.length > 0) this.backlog.add(connection);
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
