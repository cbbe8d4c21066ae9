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
import { Delivery, forgetOwner, Line, Share, type Unanswered, weigh } from "./delivery.ts";
import type { Audience, FanOut, FanOuts } from "./fan-out.ts";
import { type JournalWriter, NO_RECORD } from "./journal-writer.ts";
import type { Outstanding } from "./outstanding.ts";
import { recordedEvents } from "./watchers.ts";

/**
 * Events that are too many for one go, and those that must come after such. They go out slice by slice while everybody
 * is served. What is for one connection goes in the order of the changes, and connections take turns, every other of
 * which is a privileged one's: whoever is sent much waits for that, and nobody else does. Whoever made a change is answered
 * after its events, but for those that stand behind what others caused for other guests; a guest of whose changes much
 * is on its way is not read.
 */
export class Deliveries {
  private readonly privileged = new Line();
  private readonly guests = new Line();
  private guestsTurn = false;
  private readonly all = new Set<Delivery>();
  /** That which was added last. */
  private added: Delivery | null = null;
  /** Connections' parts that wait here; while there are none, nothing else does. */
  waiting = 0;
  /** What is kept of them: watches and paths. */
  private held = 0;
  /** Within finish(), or thrown out of it. */
  finishing = false;

  constructor(
    private readonly host: Host,
    private readonly outstanding: Outstanding,
    private readonly journalWriter: JournalWriter,
    private readonly hand: (watch: Watch, path: string) => void,
    /** A reply cannot be sent, nor kept. */
    private readonly unanswered: Unanswered,
  ) {}

  /** Whether something is on its way to one of those whose watches these are: then more must come after it. */
  behind(fired: Watch[]): boolean {
    for (let i = 0; i < fired.length; i++) {
      if (((fired[i] as Watch).owner as Connection).arriving !== null) return true;
    }
    return false;
  }

  /** Takes over what Events collected. False: there is no memory for it. */
  add(fired: Watch[], paths: string[], ends: number[], spread: readonly FanOut[], fanOuts: FanOuts | null): boolean {
    const { by, request } = this.outstanding;
    const size = fired.length + paths.length + (fanOuts?.watches ?? 0);
    const guest = by !== null && !by.privileged;
    const much = guest && (fired.length > EVENT_SLICE || fanOuts !== null) && this.held + size > DELIVERIES_MAX;
    let d: Delivery | null = null;
    let owners: Connection[];
    let parts: Share[];
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
    // Nothing below can fail: nothing is allocated.
    d.size = size;
    let weight = 0;
    for (let i = 0; i < parts.length; i++) {
      const c = owners[i] as Connection;
      const share = parts[i] as Share;
      if (c.arriving === null) {
        c.arriving = share;
        (c.privileged ? this.privileged : this.guests).enter(c);
      } else {
        (c.arrivingLast as Share).next = share;
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

  /** Whether the reply to the request whose events were added last needs not wait for any of them. */
  mayAnswer(): boolean {
    return this.added === null || this.added.awaited === 0;
  }

  /**
   * Who is told what. `much`: so much is kept that nothing of this is kept for guests; each of their watches gets one
   * event later.
   */
  private share(
    d: Delivery,
    fired: Watch[],
    ends: number[],
    spread: readonly FanOut[],
    much: boolean,
  ): Map<Connection, Share> {
    const shares = new Map<Connection, Share>();
    const told: Share[] = [];
    /** The run of segments in which each audience was met last. */
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
    // Who gets how many of them is found when they are handed over.
    for (const share of told) share.weight += Math.ceil(events / told.length);
    return shares;
  }

  private own(
    d: Delivery,
    shares: Map<Connection, Share>,
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

  /** Where too much is kept already: a guest's watch gets one event later instead. Returns whether it is one. */
  private gaveUp(c: Connection, watch: Watch): boolean {
    if (c.privileged) return false;
    c.miss(this.host, watch);
    return true;
  }

  private shareOf(d: Delivery, shares: Map<Connection, Share>, c: Connection): Share {
    let share = shares.get(c);
    if (share !== undefined) return share;
    share = new Share(d, c.privileged || c === d.by || c.arriving === null);
    shares.set(c, share);
    return share;
  }

  /** The reply to the request whose events were added last. */
  replyLater(to: Connection, type: number, reqId: number, txId: number, payload: string): void {
    const d = this.added as Delivery;
    d.reply = { to, type, reqId, txId, payload };
    to.awaitsEvents = true;
    this.host.setFlowControl(to.link, true);
    try {
      this.keep(d);
    } catch {
      // A program that fails before it is sent will not know of it; otherwise it comes, once and behind its events.
    }
  }

  /** Tells the journal what has become of it. */
  private keep(d: Delivery): void {
    if (d.reply === null) {
      this.journalWriter.delivery(d.record, d.pathsRecord, d.events, null);
      return;
    }
    const { to, type, reqId, txId, payload } = d.reply;
    this.journalWriter.delivery(d.record, d.pathsRecord, d.events, { to: to.record, type, reqId, txId, payload });
  }

  private dropRecords(d: Delivery): void {
    this.journalWriter.drop(d.record);
    this.journalWriter.drop(d.pathsRecord);
  }

  /** Hands one slice over. Whoever waited for that can be read again. */
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
    // What they asked for meanwhile can be with the host already.
    for (const c of freed) host.wake(c.link);
  }

  /** Hands all of it over. What throws here ends the program: what is half delivered cannot be taken back. */
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

  /** Hands some over to whose turn it is. Returns what was done, counted in events. */
  private some(most: number, freed: Connection[]): number {
    const { outstanding, privileged, guests } = this;
    const line = privileged.first === null || (this.guestsTurn && guests.first !== null) ? guests : privileged;
    this.guestsTurn = line === privileged;
    const c = line.leave();
    let done = 0;
    let ready: Delivery[] | null = null;
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
      // Each counts for one, also without events.
      done++;
      c.arriving = share.next;
      this.handed(share, freed);
      if (!share.awaited || d.awaited > 0 || d.reply === null) continue;
      if (ready === null) ready = [d];
      else ready.push(d);
    }
    if (c.arriving !== null) line.enter(c);
    else c.arrivingLast = null;
    // A reply that cannot be sent can cause events: here all is in order.
    if (ready !== null) for (const d of ready) this.answer(d, freed);
    return done;
  }

  private someOwn(c: Connection, share: Share, segment: number, most: number): number {
    const { watches } = share;
    const path = share.of.paths[segment] as string;
    const last = share.items[share.item + 1] as number;
    const from = share.at;
    const to = Math.min(last, from + most);
    for (let i = from; i < to; i++) {
      const watch = watches[i] as Watch;
      // After UNWATCH was answered its events must not come; of one that was given up, one is to come anyway.
      if (watch.place !== null && (!watch.missed || c.privileged)) this.hand(watch, path);
    }
    share.at = to;
    if (to === last) share.item += 2;
    return to - from;
  }

  private someOfRun(c: Connection, share: Share, most: number): number {
    const { paths, fanOuts } = share.of;
    // Between items `at` is a place in `watches`: where the next of its own begins.
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

  private handed(share: Share, freed: Connection[]): void {
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

  private answer(d: Delivery, freed: Connection[]): void {
    // One that could not be sent may have cut this client off.
    if (d.reply === null) return;
    const { to, type, reqId, txId, payload } = d.reply;
    d.reply = null;
    this.outstanding.by = d.by;
    this.outstanding.request = d.request;
    to.awaitsEvents = false;
    try {
      if (d.left > 0) this.keep(d);
    } catch {
      // Should the program fail before the rest is handed over, it comes twice.
    }
    try {
      to.send(this.host, type, reqId, txId, payload);
    } catch (thrown) {
      this.unanswered(to, thrown, type, reqId, txId, payload);
    }
    if (!to.held) freed.push(to);
  }

  /** All of it is handed over. */
  private end(d: Delivery): void {
    if (d.by !== null) d.by.account.bytes -= d.bytes;
    this.held -= d.size;
    this.dropRecords(d);
    this.all.delete(d);
    if (this.added === d) this.added = null;
  }

  /** The client starts anew, or goes: nothing that waits here is for it any more. */
  forget(c: Connection): void {
    c.awaitsEvents = false;
    for (const d of this.all) {
      const answers = d.reply?.to === c;
      if (answers) d.reply = null;
      // Its place in the journal can be another's soon.
      if (forgetOwner(d.events, c.record) || answers) this.keep(d);
    }
    for (let share = c.arriving; share !== null; share = share.next) {
      share.items.length = share.item = 0;
      share.found = null;
    }
  }
}
