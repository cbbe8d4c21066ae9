import type { Host } from "../host.ts";
import {
  DELIVERIES_CAUSED,
  DELIVERIES_MAX,
  EVENT_LOOK,
  EVENT_MILLISECONDS,
  EVENT_SLICE,
  FINISH_MILLISECONDS,
} from "../limits.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import { ConnectionQueue, Delivery, forgetOwner, Share, type Unanswered, weigh } from "./delivery.ts";
import type { Audience, FanOut, FanOuts } from "./fan-out.ts";
import { type JournalWriter, NO_RECORD } from "./journal-writer.ts";
import type { Outstanding } from "./outstanding.ts";
import { recordedEvents } from "./watchers.ts";

type ConnectionDelivery = Delivery<Connection>;
type ConnectionShare = Share<Connection>;

/**
 * Sends events in slices, while all clients are served: those of changes with many watches, and events behind such
 * ones. Each connection gets its events in the order of the changes. Connections take turns, every other turn a
 * privileged one, so only a client with many events waits for them. A request is answered after its events, without
 * waiting for those that are queued behind other requests' events for other guests. A guest whose changes caused many
 * events is not read until they are sent.
 */
export class Deliveries {
  private readonly privileged = new ConnectionQueue<Connection>();
  private readonly guests = new ConnectionQueue<Connection>();
  private guestsTurn = false;
  private readonly all = new Set<ConnectionDelivery>();
  /** The delivery added last. */
  private added: ConnectionDelivery | null = null;
  /** The number of shares not sent yet; 0: nothing is left to do. */
  waiting = 0;
  /** Watches and paths that all deliveries keep. */
  private held = 0;
  /** finish() is running, or threw. */
  finishing = false;

  constructor(
    private readonly host: Host,
    private readonly outstanding: Outstanding<Connection>,
    private readonly journalWriter: JournalWriter,
    private readonly hand: (watch: Watch, path: string) => void,
    /** Called when a reply can neither be sent nor queued. */
    private readonly unanswered: Unanswered<Connection>,
  ) {}

  /** Whether one of the watches' owners has shares, so that these events must come after them. */
  behind(fired: Watch[]): boolean {
    for (let i = 0; i < fired.length; i++) {
      if (((fired[i] as Watch).owner as Connection).arriving !== null) return true;
    }
    return false;
  }

  /** Takes over what Events collected. False: there is no memory, and nothing is taken. */
  add(fired: Watch[], paths: string[], ends: number[], spread: readonly FanOut[], fanOuts: FanOuts | null): boolean {
    const { by, request } = this.outstanding;
    const size = fired.length + paths.length + (fanOuts?.watches ?? 0);
    const guest = by !== null && !by.privileged;
    const much = guest && (fired.length > EVENT_SLICE || fanOuts !== null) && this.held + size > DELIVERIES_MAX;
    let d: ConnectionDelivery | null = null;
    let owners: Connection[];
    let parts: ConnectionShare[];
    try {
      d = new Delivery(paths, [], recordedEvents(fired, paths, ends, spread), by, request);
      const shares = this.share(d, fired, ends, spread, much);
      owners = [...shares.keys()];
      parts = [...shares.values()];
      weigh(d, parts.length, fired.length, spread, fanOuts);
      d.pathsRecord = this.journalWriter.paths(paths);
      d.record = this.journalWriter.delivery(NO_RECORD, d.pathsRecord, d.events, null);
      this.all.add(d);
    } catch {
      if (d !== null) this.dropRecords(d);
      return false;
    }
    // Nothing below allocates, so nothing can fail.
    d.size = size;
    let weight = 0;
    for (let i = 0; i < parts.length; i++) {
      const c = owners[i] as Connection;
      const share = parts[i] as ConnectionShare;
      if (c.arriving === null) {
        c.arriving = share;
        (c.privileged ? this.privileged : this.guests).enter(c);
      } else {
        (c.arrivingLast as ConnectionShare).next = share;
      }
      c.arrivingLast = share;
      d.left++;
      if (share.awaited) d.awaited++;
      weight += share.weight;
    }
    this.waiting += d.left;
    this.held += size;
    this.added = d;
    if (by !== null) by.account.bytes += d.bytes;
    if (guest) {
      by.causing += weight;
      if (by.causing > DELIVERIES_CAUSED) this.host.setFlowControl(by.link, true);
    }
    if (d.left === 0) this.end(d);
    return true;
  }

  /** Whether the reply to the request added last can be sent at once. */
  mayAnswer(): boolean {
    return this.added === null || this.added.awaited === 0;
  }

  /** Makes the shares. `much`: too much is kept, so each watch of a guest gets one event later instead. */
  private share(
    d: ConnectionDelivery,
    fired: Watch[],
    ends: number[],
    spread: readonly FanOut[],
    much: boolean,
  ): Map<Connection, ConnectionShare> {
    const shares = new Map<Connection, ConnectionShare>();
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
        this.own(d, shares, s, fired, from, end, much);
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
        const share = this.shareOf(d, shares, c);
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

  private own(
    d: ConnectionDelivery,
    shares: Map<Connection, ConnectionShare>,
    segment: number,
    fired: Watch[],
    from: number,
    to: number,
    much: boolean,
  ): void {
    for (let i = from; i < to; i++) {
      const watch = fired[i] as Watch;
      const c = watch.owner as Connection;
      if (much && this.gaveUp(c, watch)) continue;
      const share = this.shareOf(d, shares, c);
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

  private shareOf(d: ConnectionDelivery, shares: Map<Connection, ConnectionShare>, c: Connection): ConnectionShare {
    let share = shares.get(c);
    if (share !== undefined) return share;
    share = new Share(d, c.privileged || c === d.by || c.arriving === null);
    shares.set(c, share);
    return share;
  }

  /** Sends the reply to the request added last after its events. */
  replyLater(to: Connection, type: number, reqId: number, txId: number, payload: string): void {
    const d = this.added as ConnectionDelivery;
    d.reply = { to, type, reqId, txId, payload };
    to.awaitsEvents = true;
    this.host.setFlowControl(to.link, true);
    try {
      this.keep(d);
    } catch {
      // A program that fails before loses the reply. Otherwise it is sent once, after its events.
    }
  }

  /** Updates the journal's record of a delivery. */
  private keep(d: ConnectionDelivery): void {
    if (d.reply === null) {
      this.journalWriter.delivery(d.record, d.pathsRecord, d.events, null);
      return;
    }
    const { to, type, reqId, txId, payload } = d.reply;
    this.journalWriter.delivery(d.record, d.pathsRecord, d.events, { to: to.record, type, reqId, txId, payload });
  }

  private dropRecords(d: ConnectionDelivery): void {
    this.journalWriter.drop(d.record);
    this.journalWriter.drop(d.pathsRecord);
  }

  /** Sends one slice, and wakes the links that were held up by it. */
  next(): void {
    const { host, outstanding } = this;
    const freed: Connection[] = [];
    let left = EVENT_SLICE;
    const end = host.now() + EVENT_MILLISECONDS;
    while (left > 0 && this.waiting > 0) {
      left -= this.some(Math.min(left, EVENT_LOOK), freed);
      if (host.now() > end) left = 0;
    }
    outstanding.by = null;
    outstanding.request = null;
    // The host can have their next requests already.
    for (const c of freed) host.wake(c.link);
  }

  /** Sends everything. An exception here ends the program: a half-done delivery cannot be rolled back. */
  finish(): void {
    const { host } = this;
    this.finishing = true;
    const end = host.now() + FINISH_MILLISECONDS;
    while (this.waiting > 0) {
      if (host.now() > end) for (let c = this.guests.first; c !== null; c = c.nextArriving) c.missAll(host);
      this.next();
    }
    this.finishing = false;
  }

  /** Sends about `most` events to the connection whose turn it is. Returns the work done, counted in events. */
  private some(most: number, freed: Connection[]): number {
    const { outstanding, privileged, guests } = this;
    const line = privileged.first === null || (this.guestsTurn && guests.first !== null) ? guests : privileged;
    this.guestsTurn = line === privileged;
    const c = line.leave();
    let done = 0;
    let ready: ConnectionDelivery[] | null = null;
    while (c.arriving !== null && done < most) {
      const share = c.arriving;
      const d = share.of;
      outstanding.by = d.by;
      outstanding.request = d.request;
      // Each of its watches gets one event later anyway.
      if (!c.privileged && c.missed > 0 && c.missed === c.watches.size) share.item = share.items.length;
      while (share.item < share.items.length && done < most) {
        const segment = share.items[share.item] as number;
        done += segment < 0 ? this.someOfRun(c, share, most - done) : this.someOwn(c, share, segment, most - done);
      }
      d.request = outstanding.request;
      if (share.item < share.items.length) break;
      // A share counts as one event even if it has none.
      done++;
      c.arriving = share.next;
      this.handed(share, freed);
      if (!share.awaited || d.awaited > 0 || d.reply === null) continue;
      if (ready === null) ready = [d];
      else ready.push(d);
    }
    if (c.arriving !== null) line.enter(c);
    else c.arrivingLast = null;
    // Last, because a reply that cannot be sent can cause further events.
    if (ready !== null) for (const d of ready) this.answer(d, freed);
    return done;
  }

  private someOwn(c: Connection, share: ConnectionShare, segment: number, most: number): number {
    const { watches } = share;
    const path = share.of.paths[segment] as string;
    const last = share.items[share.item + 1] as number;
    const from = share.at;
    const to = Math.min(last, from + most);
    for (let i = from; i < to; i++) {
      const watch = watches[i] as Watch;
      // No event may follow the reply to UNWATCH. A guest's watch with `missed` gets one later.
      if (watch.place !== null && (!watch.missed || c.privileged)) this.hand(watch, path);
    }
    share.at = to;
    if (to === last) share.item += 2;
    return to - from;
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
    while (done < most) {
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
      for (let i = from; i < to; i++) {
        const watch = found[i] as Watch;
        if (watch.place !== null) this.hand(watch, path);
      }
      done += to - from;
      share.at = to;
      share.found = found;
      if (to < found.length) break;
      share.found = null;
      share.at = 0;
      share.segment++;
    }
    return done;
  }

  private handed(share: ConnectionShare, freed: Connection[]): void {
    const d = share.of;
    const { by } = d;
    this.waiting--;
    if (by !== null && !by.privileged) {
      const held = by.held;
      by.causing -= share.weight;
      if (held && !by.held) freed.push(by);
    }
    d.left--;
    if (share.awaited) d.awaited--;
    if (d.left === 0) this.end(d);
  }

  private answer(d: ConnectionDelivery, freed: Connection[]): void {
    // An earlier reply that could not be sent may have cut this client off.
    if (d.reply === null) return;
    const { to, type, reqId, txId, payload } = d.reply;
    d.reply = null;
    this.outstanding.by = d.by;
    this.outstanding.request = d.request;
    to.awaitsEvents = false;
    try {
      if (d.left > 0) this.keep(d);
    } catch {
      // If the program fails before the rest is sent, the reply is sent twice.
    }
    try {
      to.send(this.host, type, reqId, txId, payload);
    } catch (thrown) {
      this.unanswered(to, thrown, type, reqId, txId, payload);
    }
    if (!to.held) freed.push(to);
  }

  /** Ends a delivery that is completely sent. */
  private end(d: ConnectionDelivery): void {
    if (d.by !== null) d.by.account.bytes -= d.bytes;
    this.held -= d.size;
    this.dropRecords(d);
    this.all.delete(d);
    if (this.added === d) this.added = null;
  }

  /** Drops everything for a connection that is reset or closed. */
  forget(c: Connection): void {
    c.awaitsEvents = false;
    for (const d of this.all) {
      const answers = d.reply?.to === c;
      if (answers) d.reply = null;
      // Its place in the journal can be reused.
      if (forgetOwner(d.events, c.record) || answers) this.keep(d);
    }
    for (let share = c.arriving; share !== null; share = share.next) {
      share.items.length = share.item = 0;
      share.found = null;
    }
  }
}
