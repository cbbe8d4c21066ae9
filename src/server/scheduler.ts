import { EventKind } from "../host.ts";
import { EVENT_TIMEOUT, QUEUE_STOPS_READING, SWEEP_SLICE, TRIM_SLICE, TURN_MESSAGES } from "../limits.ts";
import type { Connection } from "./connection.ts";
import { dispatch } from "./dispatch.ts";
import { FEATURES } from "./domains.ts";
import type { Server } from "./server.ts";

/**
 * Turns: the host's events are taken, then every ready connection gets one
 * message after the other, in a circle. Connections that are not ready cost nothing.
 */
export class Scheduler {
  private ready: Connection[] = [];
  private head = 0;

  /** `eventTimeout` in milliseconds; 0: events of guests never go stale. */
  constructor(
    private readonly server: Server,
    private readonly eventTimeout: number = EVENT_TIMEOUT,
  ) {}

  /** Program.turn: never throws. */
  turn(events: number): number {
    try {
      for (let i = 0; i < events; i++) this.take(i * 2);
      return this.serve();
    } catch (thrown) {
      this.server.log.bug("turn", thrown);
      return 0;
    }
  }

  /** Puts a connection into the circle. */
  schedule(c: Connection): void {
    if (c.scheduled || c.shut) return;
    this.ready.push(c);
    c.scheduled = true;
  }

  private take(at: number): void {
    const { server } = this;
    const kind = server.host.events[at] as number;
    const value = server.host.events[at + 1] as number;
    if (kind === EventKind.domains) {
      this.scan();
      return;
    }
    if (kind === EventKind.connected) {
      const { privDomid, ownDomid } = server.config;
      const c = server.newConnection(value, privDomid, true, ownDomid, false);
      c.features = FEATURES;
      server.attach(c);
      this.schedule(c);
      return;
    }
    const c = server.connection(value);
    if (c === null) return;
    if (kind === EventKind.ready) {
      this.schedule(c);
    } else if (kind === EventKind.reset) {
      server.resetConnection(c);
      this.schedule(c);
    } else if (kind === EventKind.broken) {
      if (c.ring) {
        // The domain is still there: its ring waits for INTRODUCE, its death still counts.
        server.resetConnection(c);
        c.shut = true;
      } else {
        server.closeConnection(c);
      }
    }
  }

  private scan(): void {
    const { server } = this;
    server.outstanding.by = null;
    try {
      server.domains.scan();
      server.tree.commit();
      server.events.flush();
    } catch (thrown) {
      server.tree.rollback();
      server.events.discard();
      server.log.bug("a domain's change", thrown);
    }
  }

  private serve(): number {
    const { server } = this;
    const { host, tree } = server;
    const { header } = host;
    const { deliveries } = server.events;
    let left = deliveries.full ? 0 : TURN_MESSAGES;
    while (this.head < this.ready.length && left > 0) {
      const c = this.ready[this.head++] as Connection;
      if (c.shut || c.awaitsEvents || c.paused) {
        c.scheduled = false;
        continue;
      }
      if (c.queue.length > 0 || c.tally.count > 0) {
        c.drain(host);
        if (this.unread(c)) {
          // Room will be told, or that what others had to read is read.
          c.scheduled = false;
          continue;
        }
      }
      const payload = host.receive(c.link);
      if (payload === null) {
        c.scheduled = false;
        continue;
      }
      left--;
      dispatch(server, c, header[0] as number, header[1] as number, header[2] as number, payload);
      this.ready.push(c);
      if (tree.stale > 0) {
        left -= 16;
        tree.sweep(SWEEP_SLICE);
      }
    }
    if (this.head === this.ready.length) {
      if (this.head > 0) this.ready = [];
      this.head = 0;
    } else if (this.head > 1024) {
      this.ready.splice(0, this.head);
      this.head = 0;
    }
    return this.rest();
  }

  /** Whether a connection's requests stay where they are, for what was answered before is not read. */
  private unread(c: Connection): boolean {
    if (c.privileged) return c.queue.length >= QUEUE_STOPS_READING;
    if (c.tally.count >= c.outstandingMax) {
      c.tally.blocked = true;
      return true;
    }
    // With nothing in its queue it may ask to have something removed, and must be heard.
    return c.queue.length > 0 && this.server.memory.over(c);
  }

  /** Work that can wait, and when to be called again. */
  private rest(): number {
    const { server } = this;
    const { released } = server.outstanding;
    while (released.length > 0) this.schedule(released.pop() as Connection);
    const { deliveries } = server.events;
    if (deliveries.busy) for (const c of deliveries.next()) this.schedule(c);
    let more = this.ready.length > 0 || deliveries.busy;
    if (server.tree.stale > 0 && server.tree.sweep(SWEEP_SLICE)) more = true;
    if (server.tree.history.size > 0) {
      server.boundHistory();
      if (server.tree.history.trim(TRIM_SLICE)) more = true;
    }
    const wait = server.credit.busy ? this.free() : -1;
    if (more || wait === 0) return 0;
    const next = server.stalled.size > 0 && this.eventTimeout > 0 ? this.expire() : -1;
    return wait < 0 || next < 0 ? Math.max(wait, next) : Math.min(wait, next);
  }

  /** Reads those again who have credit again; returns when the next will. */
  private free(): number {
    const { freed, wait } = this.server.credit.due();
    for (const c of freed) this.schedule(c);
    return freed.length > 0 ? 0 : wait;
  }

  private expire(): number {
    const { server } = this;
    const now = server.host.now();
    let next = -1;
    for (const c of server.stalled) {
      const oldest = c.expire(now - this.eventTimeout);
      if (oldest === 0) {
        if (c.queue.length === 0) {
          server.stalled.delete(c);
          // It may have been left unread for what it had in its queue.
          this.schedule(c);
          next = 0;
        }
        continue;
      }
      const wait = Math.max(1, oldest + this.eventTimeout - now);
      if (next < 0 || wait < next) next = wait;
    }
    return server.outstanding.released.length > 0 ? 0 : next;
  }
}
