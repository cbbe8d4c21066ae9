import { assert } from "../assert.ts";
import { Claim, type Host, Kept, Shed } from "../host.ts";
import { SWEEP_SLICE } from "../limits.ts";
import { quotaTable } from "../quota/quotas.ts";
import type { Connection } from "../server/connection.ts";
import {
  Flag,
  Kind,
  LIFE_SHIFT,
  type RecordedDebt,
  type RecordedDelivery,
  type RecordedDomain,
  type RecordedEvents,
  type RecordedReply,
  type RecordedSettings,
} from "../server/journal-writer.ts";
import type { Server } from "../server/server.ts";
import { restored, restorePerms, restorePlace, restoreRoom, restoreRow, restoreValue } from "../store/restore-rows.ts";
import { Watch } from "../store/watch.ts";
import { Op } from "../wire/ops.ts";

/** A string of the journal, with its number and kind. */
interface Text {
  readonly place: number;
  readonly kind: string;
  readonly body: string;
}

/** Rebuilds a server from the journal of a program that failed. */
export class Recovery {
  /** Deliveries that were not complete, in the order of their requests. */
  readonly deliveries: { readonly place: number; readonly kept: RecordedDelivery }[] = [];
  /** Replies that they owe, by the place of the delivery. */
  readonly debts = new Map<number, { readonly place: number; readonly reply: RecordedDebt }>();
  /** Pieces of their paths, by their journal place. */
  private readonly paths = new Map<number, string>();
  /** The client of a live update that waits for a reply; null: none. */
  deferredReply: RecordedReply | null = null;
  /** Options that were changed before. */
  options: RecordedSettings["options"] = [];
  private readonly bySerial = new Map<number, Connection>();
  private readonly byPlace = new Map<number, Connection>();
  /** Guests with dropped events, of before or now; and journal places of messages dropped now. */
  private readonly missing = new Set<Connection>();
  private readonly shed: number[] = [];
  /** Guests whose replies were dropped. They would wait for ever, so they are cut off. */
  private readonly unread = new Set<Connection>();

  constructor(
    private readonly s: Server,
    /** What to drop, because memory ran out in earlier attempts. */
    private readonly shedding: Shed,
  ) {}

  /**
   * Rebuilds the state, without the work of payDebts(). Throws if there is no memory; the host tries again
   * with more shed.
   */
  run(): void {
    const { s } = this;
    this.nodes(s.host);
    // Three passes, because a record can stand before one that it depends on: a connection may have been
    // recorded anew. Only one string is in memory at a time, because together they can be as large as
    // everything else.
    this.texts((text) => text.kind === Kind.settings && this.settings(text));
    this.texts((text) => text.kind === Kind.connection && this.connection(text));
    this.texts((text) => this.other(text));
    for (const c of s.connections.byLink) if (c) s.events.sender.requeued(c);
    s.attachJournal();
    s.journalWriter.recoveries++;
    for (const place of this.shed) s.journalWriter.drop(place);
    for (const c of this.unread) s.connections.cutOff(c);
    for (const c of this.missing) if (!c.shut) c.missAll(s.host);
  }

  /** Whether memory is so short that all clients' events go. */
  get shedsAll(): boolean {
    return this.shedding === Shed.clients;
  }

  /** The events of a delivery, with its paths. */
  eventsOf({ paths, told, watchers }: RecordedDelivery): RecordedEvents {
    return { paths: paths.flatMap((place) => (this.paths.get(place) as string).split("\0")), told, watchers };
  }

  /** The connection with that Connection.serial; null: it is gone, or was reset. */
  connectionOf(serial: number): Connection | null {
    return this.bySerial.get(serial) ?? null;
  }

  /** The guest whose request caused a delivery; null: none, or it is gone. It stays who it is where it is reset. */
  causeOf({ by, domid }: RecordedDelivery): Connection | null {
    const c = this.byPlace.get(by);
    return c !== undefined && c.domid === domid ? c : null;
  }

  /**
   * Restores lists, nodes and values. Values come last: the index grows in large steps, and in a full store
   * there is no room for them beside everything else.
   */
  private nodes({ journal, header }: Host): void {
    const { tree } = this.s;
    // The journal still has lists that were dropped, which can be more than there is memory for.
    const used = new Uint8Array(journal.scan(Kept.lists));
    journal.usedLists(used);
    journal.scan(Kept.lists);
    for (let text = journal.next(); text !== null; text = journal.next())
      tree.perms.restore(header[0] as number, text, used[header[0] as number] !== 0);
    restoreRoom(tree, journal.scan(Kept.nodes));
    this.states((id) => restorePerms(tree, id, header[2] as number));
    journal.scan(Kept.nodes);
    // Columns that are not in use yet.
    journal.orderInto(tree.generation, tree.place, tree.below);
    for (let name = journal.next(); name !== null; name = journal.next())
      restoreRow(tree, header[0] as number, header[1] as number, header[2] as number, name);
    this.places();
    tree.below.fill(0);
    journal.scan(Kept.nodes);
    while (journal.next() !== null) restoreValue(tree, header[0] as number, journal.value());
    this.states((id, value) => restoreValue(tree, id, value));
    restored(tree);
    tree.perms.restored();
  }

  /**
   * Links the rows. Those of removed subtrees that were not swept leave the journal at once, in slices: a list of them
   * all can be more than there is memory for.
   */
  private places(): void {
    const { host, tree } = this.s;
    const { journal } = host;
    let orphans = 0;
    const release = (): void => {
      journal.reserve(2 * orphans);
      journal.released(orphans);
      journal.commit();
      orphans = 0;
    };
    for (let id = journal.row(); id >= 0; id = journal.row()) {
      if (restorePlace(tree, id)) continue;
      journal.rows[orphans++] = id;
      if (orphans === SWEEP_SLICE) release();
    }
    release();
  }

  /** Visits the recorded changes of rows. Those of free rows mean nothing. */
  private states(visit: (id: number, value: string) => void): void {
    const { journal, header } = this.s.host;
    const rows = this.s.tree.paths.length;
    journal.scan(Kept.states);
    for (let value = journal.next(); value !== null; value = journal.next())
      if ((header[0] as number) < rows) visit(header[0] as number, value);
  }

  private texts(visit: (text: Text) => void): void {
    const { journal, header } = this.s.host;
    journal.scan(Kept.texts);
    for (let text = journal.next(); text !== null; text = journal.next())
      visit({ place: header[0] as number, kind: text.charAt(0), body: text.slice(1) });
  }

  private settings({ place, body }: Text): void {
    const { s } = this;
    const kept: RecordedSettings = JSON.parse(body);
    s.journalWriter.placed(Kind.settings, place);
    s.journalWriter.recoveries = kept.recoveries;
    for (const [domid, values] of kept.quotas)
      for (const [quota, value] of values.entries())
        if (quota < quotaTable.length && value >= 0) s.quotas.set(domid, quota, value);
    s.trace.restore(kept.traced, kept.tracing);
    this.options = kept.options;
  }

  private connection({ place, body }: Text): void {
    const { s } = this;
    const [link, domid, flags, features, target, rest] = fields(body);
    const comma = rest.indexOf(",");
    const base = rest.slice(comma + 1);
    const ring = (flags & Flag.ring) !== 0;
    const privileged = (flags & Flag.privileged) !== 0;
    const claim = s.host.claim(link, ring ? domid : -1);
    assert(claim === Claim.gone || claim === Claim.broken || claim === Claim.open, `claim ${claim} of link ${link}`);
    const c = s.connections.create(link, domid, privileged, base, ring);
    c.record = place;
    c.serial = Number(rest.slice(0, comma));
    this.comes(c.serial);
    c.features = features;
    c.target = target;
    c.shut = (flags & Flag.shut) !== 0;
    c.recovered = true;
    c.nextTransaction = (((s.journalWriter.recoveries + 1) << LIFE_SHIFT) >>> 0) + 1;
    if (claim === Claim.gone) {
      s.log.line(`recovery: the link of domain ${domid} is gone`);
      this.shed.push(place);
      return;
    }
    this.byPlace.set(place, c);
    this.bySerial.set(c.serial, c);
    if ((flags & Flag.missed) !== 0) this.missing.add(c);
    s.connections.attach(c);
  }

  /** A serial that is in use, so that no new connection gets it. */
  private comes(serial: number): void {
    const { connections } = this.s;
    connections.lastSerial = Math.max(connections.lastSerial, serial);
  }

  private other(text: Text): void {
    const { s } = this;
    const { place, kind, body } = text;
    if (kind === Kind.watch) this.watch(place, body);
    else if (kind === Kind.message) this.message(place, body);
    else if (kind === Kind.domain) {
      const { domid, uniqueId, shutdownSeen, features, link }: RecordedDomain = JSON.parse(body);
      const connection = link < 0 ? null : s.connections.get(link);
      s.domains.restore({ domid, uniqueId, shutdownSeen, features, connection, record: place });
    } else if (kind === Kind.delivery) {
      const kept: RecordedDelivery = JSON.parse(body);
      for (const { owners } of kept.watchers) for (const serial of owners) this.comes(serial);
      this.deliveries.push({ place, kept });
    } else if (kind === Kind.reply) {
      const reply: RecordedDebt = JSON.parse(body);
      this.debts.set(reply.delivery, { place, reply });
    } else if (kind === Kind.paths) {
      // Where all events go, nobody needs them.
      if (!this.shedsAll) this.paths.set(place, body);
    } else if (kind === Kind.deferredReply) {
      s.journalWriter.placed(Kind.deferredReply, place);
      this.deferredReply = JSON.parse(body);
    }
  }

  private watch(place: number, body: string): void {
    const { s } = this;
    const [link, depth, strip, , , rest] = fields(body);
    const c = s.connections.get(link);
    if (c === null) return;
    const nul = rest.indexOf("\0");
    const path = rest.slice(0, nul);
    const w = new Watch(c, path, rest.slice(nul), depth, strip, !c.privileged);
    w.record = place;
    // Joined as in WATCH: then a long path is not there a second time.
    const token = rest.slice(nul + 1, -1);
    c.watches.set(`${path}\0${token}`, w);
    s.tree.watches.add(w);
    c.watched(w);
  }

  private message(place: number, body: string): void {
    const [link, type, reqId, txId, since, payload] = fields(body);
    const c = this.s.connections.get(link);
    if (c === null) return;
    if (type === Op.WATCH_EVENT && (c.privileged ? this.shedsAll : this.shedding !== Shed.nothing)) {
      this.shed.push(place);
      this.missing.add(c);
    } else if (this.shedding === Shed.clients && !c.privileged) {
      this.shed.push(place);
      this.unread.add(c);
    } else {
      c.requeue(type, reqId, txId, payload, since, place);
    }
  }
}

/** Splits a string of Journal.note(): five numbers, each with a comma, and the rest. */
function fields(text: string): [number, number, number, number, number, string] {
  const found: number[] = [];
  let at = 0;
  while (found.length < 5) {
    const comma = text.indexOf(",", at);
    found.push(Number(text.slice(at, comma)));
    at = comma + 1;
  }
  const [a, b, c, d, e] = found as [number, number, number, number, number];
  return [a, b, c, d, e, text.slice(at)];
}

/** About so many records of a failed program's deliveries are dropped between two commit points. */
const DEBTS_SLICE = 100;

/** Each watch of those that a delivery is for gets one event. */
function missed(s: Server, recovery: Recovery, kept: RecordedDelivery): void {
  for (const { owners } of kept.watchers)
    for (const serial of owners) {
      const c = recovery.connectionOf(serial);
      if (c !== null && !c.shut) c.missAll(s.host);
    }
}

/** Repeats the events of a delivery. Returns whether a reply can be sent at once. */
function repeat(s: Server, recovery: Recovery, kept: RecordedDelivery): boolean {
  try {
    if (!recovery.shedsAll) {
      s.events.again(recovery.eventsOf(kept), (serial) => recovery.connectionOf(serial));
      return s.events.flush();
    }
  } catch (thrown) {
    if (!s.host.memoryEnded()) throw thrown;
    s.events.discard();
  }
  missed(s, recovery, kept);
  return true;
}

/** Completes what the failed program left: events and replies. To be called in the first turn. */
export function payDebts(s: Server, recovery: Recovery): void {
  const records = recovery.deliveries.map(({ kept }) => kept.paths.length + 2);
  s.journalWriter.reserve(recovery.shedsAll ? 0 : records.reduce((sum, n) => sum + n, 0));
  let room = 0;
  for (const [n, { place, kept }] of recovery.deliveries.entries()) {
    // Without events each step is complete, and there may not be memory for all of them together.
    if (recovery.shedsAll && room < (records[n] as number)) {
      s.host.journal.commit();
      room = DEBTS_SLICE + (records[n] as number);
      s.journalWriter.reserve(room);
    }
    room -= records[n] as number;
    const debt = recovery.debts.get(place);
    const to = debt === undefined ? null : recovery.connectionOf(debt.reply.to);
    // It is charged for what waits, as before; and its own events precede the reply, which is Dom0's as well.
    s.outstanding.by = to ?? recovery.causeOf(kept);
    const sent = repeat(s, recovery, kept);
    if (debt !== undefined && to !== null && !to.shut) {
      const { type, reqId, txId, payload } = debt.reply;
      if (sent) to.send(s.host, type, reqId, txId, payload);
      else s.events.deliveries.replyLater(to, type, reqId, txId, payload);
    }
    s.outstanding.by = null;
    s.journalWriter.drop(place);
    for (const piece of kept.paths) s.journalWriter.drop(piece);
    if (debt !== undefined) s.journalWriter.drop(debt.place);
  }
  const { deferredReply } = recovery;
  const to = deferredReply === null ? null : recovery.connectionOf(deferredReply.to);
  if (deferredReply !== null && to !== null && !to.shut)
    to.send(s.host, Op.CONTROL, deferredReply.reqId, deferredReply.txId, "The program failed.\0");
  s.journalWriter.deferredReply(null);
}
