import type { Host } from "../host.ts";
import {
  DELIVERIES_CAUSED,
  DELIVERIES_MAX,
  ENDED_RECORDS,
  EVENT_LOOK,
  EVENT_MILLISECONDS,
  EVENT_SLICE,
  FINISH_MILLISECONDS,
  PRIVILEGED_QUEUE,
} from "../limits.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import { ConnectionQueue, Delivery, type Share, type Unanswered, weigh } from "./delivery.ts";
import { DeliveryRecords } from "./delivery-records.ts";
import type { EventSender } from "./event-sender.ts";
import type { FanOut, FanOuts } from "./fan-out.ts";
import type { JournalWriter } from "./journal-writer.ts";
import type { Outstanding } from "./outstanding.ts";
import { isReading, isTooMuch } from "./reading.ts";
import { ShareSender } from "./share-sender.ts";
import { Shares, unload } from "./shares.ts";
import { recordedEvents } from "./watchers.ts";

type ConnectionDelivery = Delivery<Connection>;
type ConnectionShare = Share<Connection>;

/**
 * Sends events in slices, while all clients are served: those of changes with many watches, and events behind such
 * ones. Each connection gets its events in the order of the changes. Connections take turns, every other turn a
 * privileged one, so only a client with many events waits for them. A request is answered after its events, without
 * waiting for those that are queued for others behind what guests caused. A guest whose changes caused many events is not
 * read until they are sent. A privileged client that does not take its events rests: its shares stay here
 * until its queue is empty, and no other client waits for them.
 */
export class Deliveries {
  private readonly privileged = new ConnectionQueue<Connection>();
  private readonly guests = new ConnectionQueue<Connection>();
  private guestsTurn = false;
  private readonly all = new Set<ConnectionDelivery>();
  /** The delivery added last. */
  private added: ConnectionDelivery | null = null;
  /** The number of shares not sent yet, but for those of clients that rest; 0: nothing is left to do. */
  waiting = 0;
  /** The same with those. */
  unsent = 0;
  /** Watches and paths that all deliveries keep, and bytes. */
  private held = 0;
  private bytes = 0;
  private readonly records: DeliveryRecords;
  private readonly shareSender: ShareSender;
  /** The clients that rest. */
  private readonly rests = new Set<Connection>();
  /** finish() is running, or threw. */
  finishing = false;

  constructor(
    private readonly host: Host,
    private readonly outstanding: Outstanding<Connection>,
    journalWriter: JournalWriter,
    private readonly sender: EventSender,
    /** Called when a reply can neither be sent nor queued. */
    private readonly unanswered: Unanswered<Connection>,
    /** Memory.exceeds. */
    private readonly exceeds: (c: Connection, bytes: number) => boolean,
  ) {
    this.records = new DeliveryRecords(journalWriter);
    this.shareSender = new ShareSender(sender);
  }

  /** Whether these events must come after shares of one of the owners, or one is privileged and does not take its queue. */
  behind(fired: Watch[]): boolean {
    for (let i = 0; i < fired.length; i++) {
      const c = (fired[i] as Watch).owner as Connection;
      if (c.arriving !== null || (c.queue.length >= PRIVILEGED_QUEUE && c.privileged)) return true;
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
      const shares = new Shares(this.host, d, much).of(fired, ends, spread);
      owners = [...shares.keys()];
      parts = [...shares.values()];
      weigh(d, parts.length, fired.length, spread, fanOuts);
      this.bound(d, owners);
      this.records.add(d);
      this.all.add(d);
    } catch {
      if (d !== null) this.records.drop(d);
      return false;
    }
    // Nothing below allocates, so nothing can fail.
    d.size = size;
    this.bytes += d.bytes;
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
      if (c.resting > 0) {
        c.resting++;
        share.weight = 0;
        continue;
      }
      this.waiting++;
      weight += share.weight;
      if (share.awaited || !c.privileged || by === null || !by.privileged) continue;
      share.ahead = true;
      by.ahead++;
    }
    this.unsent += d.left;
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

  /** Sends the reply to the request added last after its events. */
  replyLater(to: Connection, type: number, reqId: number, txId: number, payload: string): void {
    const d = this.added as ConnectionDelivery;
    d.reply = { to, type, reqId, txId, payload };
    to.awaits = d;
    this.host.setFlowControl(to.link, true);
    try {
      this.records.owes(d);
    } catch {
      // A program that fails before loses the reply. Otherwise it is sent once, after its events.
    }
  }

  /** Gives up the events of clients that rest, where too much waits for one, or makes a guest exceed its quota. */
  private bound(d: ConnectionDelivery, owners: readonly Connection[]): void {
    const { by } = d;
    let over: boolean | null = null;
    for (const c of owners) {
      if (c.resting === 0) continue;
      if (over === null) over = by !== null && !by.privileged && this.exceeds(by, d.bytes);
      if (isTooMuch(this.host, c, this.bytes)) this.giveUp(c);
      else if (over) this.giveUp(c, by);
    }
  }

  /** Sends one slice, and wakes the links that were held up by it. */
  next(): void {
    const { host, outstanding } = this;
    const freed: Connection[] = [];
    let left = EVENT_SLICE;
    const end = host.now() + EVENT_MILLISECONDS;
    while (left > 0 && this.waiting > 0) {
      left -= this.some(Math.min(left, EVENT_LOOK), freed);
      // The next slice finds the reserve of memory whole.
      if (host.now() > end || host.memoryEnded()) left = 0;
    }
    outstanding.by = null;
    outstanding.request = null;
    // The host can have their next requests already.
    for (const c of freed) host.wake(c.link);
  }

  /**
   * Sends everything, slice by slice: what is sent takes effect, so that a request that saves a state needs no memory for all
   * of it at a time. An exception here ends the program: a half-done delivery cannot be rolled back.
   */
  finish(): void {
    const { host } = this;
    this.finishing = this.shareSender.finishing = true;
    this.sender.finish();
    const end = host.now() + FINISH_MILLISECONDS;
    for (const c of this.rests) this.resume(c);
    while (this.waiting > 0) {
      if (host.now() > end) {
        for (let c = this.guests.first; c !== null; c = c.nextArriving) c.missAll(host);
        for (let c = this.privileged.first; c !== null; c = c.nextArriving) if (!isReading(host, c)) this.giveUp(c);
      }
      this.next();
      host.publish?.();
    }
    this.finishing = this.sender.finishing = this.shareSender.finishing = false;
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
      // A state that is saved has all in queues, which holds up no guest.
      outstanding.by = this.finishing && c.privileged ? null : d.by;
      outstanding.request = d.request;
      // Each of its watches gets one event later anyway.
      if (!c.privileged && c.missed > 0 && c.missed === c.watches.size) share.item = share.items.length;
      done += this.shareSender.some(c, share, most - done);
      d.request = outstanding.request;
      if (share.item < share.items.length) break;
      // A share counts as one event even if it has none.
      done++;
      const records = d.pathRecords.length;
      c.arriving = share.next;
      const woken = this.handed(share);
      if (woken !== null) freed.push(woken);
      // Its records go: each takes room until the commit.
      if (d.left === 0) done += records;
      if (!share.awaited || d.awaited > 0 || d.reply === null) continue;
      if (ready === null) ready = [d];
      else ready.push(d);
    }
    if (c.arriving === null) c.arrivingLast = null;
    // Shares that are given up need no room.
    else if (this.shareSender.isFull(c) && c.arriving.item < c.arriving.items.length)
      ready = this.rest(c, ready, freed);
    else line.enter(c);
    // Last, because a reply that cannot be sent can cause further events.
    if (ready !== null) for (const d of ready) this.answer(d, freed);
    return Math.max(done, 1);
  }

  /**
   * A client's shares wait until its queue is empty. Nobody else waits for them: not the replies to requests that caused them,
   * but for its own, and not the guests that made them. Returns `ready` with the deliveries whose reply waits for nothing more.
   */
  private rest(c: Connection, ready: ConnectionDelivery[] | null, freed: Connection[]): ConnectionDelivery[] | null {
    let answers = ready;
    this.rests.add(c);
    isReading(this.host, c);
    this.host.wake(c.link); // the room may have come before
    for (let share = c.arriving; share !== null; share = share.next) {
      const d = share.of;
      c.resting++;
      this.waiting--;
      const woken = unload(share);
      if (woken !== null) freed.push(woken);
      if (!share.awaited || d.by === c) continue;
      share.awaited = false;
      if (--d.awaited > 0 || d.reply === null) continue;
      if (answers === null) answers = [d];
      else answers.push(d);
    }
    return answers;
  }

  /** The queue of a client that rests is empty. */
  resume(c: Connection): void {
    if (!this.rests.delete(c)) return;
    this.waiting += c.resting;
    c.resting = 0;
    this.privileged.enter(c);
  }

  /**
   * Gives up a client's events, or those of the requests of one guest; each of its watches gets one later. What a client
   * that rests is not told is free at once, so many records of it. Throws if there is no memory; then nothing is given up.
   */
  giveUp(c: Connection, of: Connection | null = null): void {
    if (c.resting > 0) this.records.reserve(ENDED_RECORDS);
    c.missAll(this.host);
    if (c.resting === 0) {
      this.empty(c);
      return;
    }
    let left = ENDED_RECORDS;
    let before: ConnectionShare | null = null;
    for (let share = c.arriving; share !== null; share = share.next) {
      const { by, pathRecords } = share.of;
      const records = pathRecords.length + 2;
      if (share.awaited || records > left || (of !== null && by !== of)) {
        before = share;
        continue;
      }
      left -= records;
      if (before === null) c.arriving = share.next;
      else before.next = share.next;
      c.resting--;
      this.waiting++; // handed() takes it from those
      const woken = this.handed(share);
      if (woken !== null) this.host.wake(woken.link);
    }
    c.arrivingLast = before;
    if (c.arriving === null) this.rests.delete(c);
  }

  /** A share is done. Returns the guest that it held up; null: it held up none. */
  private handed(share: ConnectionShare): Connection | null {
    const d = share.of;
    this.waiting--;
    this.unsent--;
    const woken = unload(share);
    d.left--;
    if (share.awaited) d.awaited--;
    if (d.left === 0) this.end(d);
    return woken;
  }

  private answer(d: ConnectionDelivery, freed: Connection[]): void {
    // An earlier reply that could not be sent may have cut this client off.
    if (d.reply === null) return;
    const { to, type, reqId, txId, payload } = d.reply;
    d.reply = null;
    this.outstanding.by = d.by;
    this.outstanding.request = d.request;
    to.awaits = null;
    this.records.answered(d);
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
    this.bytes -= d.bytes;
    this.records.drop(d);
    this.all.delete(d);
    if (this.added === d) this.added = null;
  }

  /** Drops everything for a connection that is reset or closed. */
  forget(c: Connection): void {
    const { awaits } = c;
    if (awaits !== null) {
      awaits.reply = null;
      this.records.answered(awaits);
    }
    c.awaits = null;
    this.sender.emptied(c);
    this.empty(c);
  }

  /** What is left for a connection is nothing; its shares end with the next slices. */
  private empty(c: Connection): void {
    for (let share = c.arriving; share !== null; share = share.next) {
      share.items.length = share.item = 0;
      share.found = null;
    }
    this.resume(c);
  }
}
