import { assert } from "../assert.ts";
import { EventKind, HeaderField, type Link } from "../host.ts";
import {
  EVENT_TIMEOUT,
  QUEUE_STOPS_READING,
  REMOVED_SLICE,
  RESERVE_LEFT_CONNECTION,
  SWEEP_SLICE,
  TURN_MESSAGES,
} from "../limits.ts";
import type { Connection } from "./connection.ts";
import { domainHome } from "./connections.ts";
import { type Dispatch, dispatcher, queuer } from "./dispatch.ts";
import { FEATURES } from "./domains.ts";
import type { Server } from "./server.ts";
import { writeTree } from "./write-tree.ts";

/** Messages that a message counts for if it left something to sweep. */
const SWEPT_MESSAGES = 16;

/** Most messages of a turn while memory is scarce. */
const SCARCE_MESSAGES = 8;

/**
 * Runs turns: takes the host's events, then messages, one from each link in the host's ready queue in turn.
 * Connections without news cost nothing.
 */
export class Scheduler {
  /** Called in the first turn; null: nothing. */
  first: (() => void) | null = null;
  /**
   * Program.serve, turn and unsent. An exception from them is a bug: the host starts the program anew on
   * its journal.
   */
  readonly serve: Dispatch;
  readonly turn: (events: number) => number;
  readonly unsent: (reply: string) => void;

  /** `eventTimeout`: milliseconds after which a guest's queued event is dropped; 0: never. */
  constructor(
    private readonly server: Server,
    public eventTimeout: number = EVENT_TIMEOUT,
  ) {
    const waits = waiting(server);
    this.serve = dispatcher(server, waits);
    this.unsent = queuer(server, waits);
    this.turn = this.makeTurn(waits);
  }

  /** The rare parts of a turn: `first`, and events. */
  private begin(events: number): void {
    const { first } = this;
    if (first !== null) {
      this.first = null;
      first();
      // Domains can have died before the program started.
      this.scan(false);
    }
    for (let i = 0; i < events; i++) this.take(i * 2);
  }

  private take(at: number): void {
    const { server } = this;
    const { host } = server;
    const kind = host.events[at] as number;
    const value = host.events[at + 1] as number;
    if (kind === EventKind.domains) {
      this.scan(true);
      return;
    }
    if (kind === EventKind.tree) {
      writeTree(host, server.tree, server.config.treeFile, server.log);
      return;
    }
    if (kind === EventKind.connected) {
      const { privDomid, ownDomid } = server.config;
      const base = domainHome(ownDomid);
      const made = server.relief.may(
        () => server.connections.attach(server.connections.create(value, privDomid, true, base, false), FEATURES),
        () => server.connections.detach(value),
        RESERVE_LEFT_CONNECTION,
      );
      if (made) return;
      host.close(value);
      server.log.limited("connection", "out of memory: a new connection is closed");
      return;
    }
    const c = server.connections.get(value);
    if (c === null) return;
    if (kind === EventKind.room) {
      host.wake(value);
    } else if (kind === EventKind.reset) {
      server.connections.reset(c);
    } else {
      assert(kind === EventKind.broken, `event ${kind} of the host is one of EventKind`);
      server.connections.broken(c);
    }
  }

  /** Asks which domains changed, and tells of their deaths. `told`: as Domains.scan. */
  scan(told: boolean): void {
    const { server } = this;
    server.outstanding.by = null;
    server.domains.scan(told);
    server.tree.commit();
    server.events.flush();
  }

  /** Makes the message loop. Constants of its closure cost less to reach than fields. */
  private makeTurn(waits: () => boolean): (events: number) => number {
    const { serve, unsent, server } = this;
    const { host, tree } = server;
    const { header } = host;
    const { statistics, relief, departure } = server;
    return (events) => {
      if (events > 0 || this.first) this.begin(events);
      let left = TURN_MESSAGES;
      if (host.memoryScarce()) {
        relief.relieve();
        // So few that they cannot use up what is left before guests are refused.
        left = Math.min(left, SCARCE_MESSAGES);
      }
      while (left > 0) {
        const stale = tree.stale;
        const payload = host.next();
        if (payload === null) break;
        left--;
        if (payload === undefined) {
          this.visit(header[HeaderField.link] as number);
        } else {
          const reply = serve(payload);
          if (reply !== null && !host.reply(reply)) unsent(reply);
        }
        // The client that removed a subtree waits for its sweep, and no other client.
        if (tree.stale > stale) {
          left -= SWEPT_MESSAGES;
          server.relief.sweepRows(REMOVED_SLICE);
        }
      }
      let rested = -1;
      header[HeaderField.deferredWork] = 0;
      // Not a part of waits(), which is called for each request.
      const leaves = departure.version > 0;
      if (leaves || waits()) {
        rested = this.rest();
        if (leaves || waits()) header[HeaderField.deferredWork] = 1;
      }
      const wait = left > 0 ? rested : 0;
      return statistics.last < 0 ? wait : statistics.look(wait);
    };
  }

  /**
   * Visits a flow-controlled connection: sends what has room, then reads one message unless the connection
   * must wait.
   */
  private visit(link: Link): void {
    const { server } = this;
    const { host } = server;
    const c = server.connections.get(link);
    if (c === null || c.shut) return;
    // Its reply can be behind the events for which there was no room.
    if (c.arriving !== null && c.privileged) {
      c.drain(host);
      if (c.queue.length === 0) server.events.deliveries.resume(c);
    }
    if (c.held || c.paused) return;
    c.drain(host);
    if (c.queue.length === 0) server.events.sender.emptied(c);
    // It is visited again on `room`, or when one of its requests is done.
    if (this.unread(c)) return;
    if (c.queue.length === 0 && c.tally.count === 0 && c.missed === 0) host.setFlowControl(link, false);
    const payload = host.receive(link);
    if (payload === null) return;
    const reply = this.serve(payload);
    if (reply !== null && !host.reply(reply)) this.unsent(reply);
    host.wake(link);
  }

  /** Whether a connection must not be read, because too much of what it caused is not read. */
  private unread(c: Connection): boolean {
    if (c.privileged) return c.queue.length >= QUEUE_STOPS_READING;
    if (c.tally.count >= c.outstandingMax) {
      c.tally.blocked = true;
      return true;
    }
    // With an empty queue it is read: its request may free memory.
    return c.queue.length > 0 && this.server.memory.full(c);
  }

  /** Does one slice of the deferred work. Returns when to be called again, as Program.turn. */
  private rest(): number {
    const { server } = this;
    const { tree } = server;
    const { released } = server.outstanding;
    let more = released.length > 0;
    while (released.length > 0) server.host.wake((released.pop() as Connection).link);
    const { deliveries } = server.events;
    if (deliveries.waiting > 0) {
      deliveries.next();
      more = true;
    }
    const rows = tree.stale > 0 ? server.relief.sweepRows(SWEEP_SLICE) : -1;
    if (rows === 0) more = true;
    const past = tree.history.size > 0 ? server.relief.tidyPast() : -1;
    if (past === 0) more = true;
    if (tree.perms.unsettled) tree.perms.dropUnused();
    const lists = tree.perms.left > 0 ? server.relief.sweepLists() : -1;
    const wait = server.credit.waiting > 0 ? this.free() : -1;
    const leaves = server.departure.version > 0 ? server.departure.look() : -1;
    if (more || lists === 0 || wait === 0) return 0;
    const next = server.backlog.count > 0 && this.eventTimeout > 0 ? this.expire() : -1;
    return soonest(soonest(rows, soonest(lists, past)), soonest(soonest(wait, leaves), next));
  }

  /** Wakes connections that have credit again. Returns milliseconds until the next one has; -1: none waits. */
  private free(): number {
    const { freed, wait } = this.server.credit.due();
    for (const c of freed) this.server.host.wake(c.link);
    return freed.length > 0 ? 0 : wait;
  }

  /** Drops events that timed out. Returns milliseconds until the next one does; -1: none can. */
  private expire(): number {
    const { server } = this;
    const now = server.host.now();
    let next = -1;
    for (const c of server.backlog.members) {
      const oldest = c.expire(server.host, now - this.eventTimeout);
      if (oldest === 0) {
        if (c.queue.length === 0) {
          server.backlog.delete(c);
          // Its queue may have been why it was not read.
          server.host.wake(c.link);
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

/** Makes the function that returns whether there is deferred work. */
function waiting(server: Server): () => boolean {
  const { backlog, credit, statistics, tree } = server;
  const { deliveries } = server.events;
  const { released } = server.outstanding;
  const { history, perms } = tree;
  return () =>
    released.length > 0 ||
    deliveries.waiting > 0 ||
    tree.stale > 0 ||
    perms.left > 0 ||
    perms.unsettled ||
    history.size > 0 ||
    credit.waiting > 0 ||
    backlog.count > 0 ||
    statistics.last >= 0;
}

/** Of two times to wait, in milliseconds, the shorter; negative: there is none. */
function soonest(one: number, other: number): number {
  return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other);
}
