import { Cost } from "../store/cost.ts";
import type { Watch } from "../store/watch.ts";
import { NO_RECORD, type RecordedEvents } from "./journal-writer.ts";
import type { Request, Requester } from "./outstanding.ts";

/** What a delivery needs of a fan-out. */
interface FanOut<C> {
  /** The watches of a connection that get an event. */
  watchesOf(c: C): readonly Watch[];
  /** The number of watches that are sorted once for all changes. */
  readonly ordered: number;
}

/** What the fan-outs of a request keep. */
interface FanOuts {
  /** The number of watched paths, of connections' parts of them, and of watches on them. */
  readonly paths: number;
  readonly parts: number;
  readonly watches: number;
  /** The number of fan-outs. */
  readonly fanOuts: number;
}

/** The events of one request that are sent in slices, and the reply that follows them. */
export class Delivery<C extends Requester> {
  /** Shares not delivered yet, and those of them that the reply waits for. */
  left = 0;
  awaited = 0;
  request: Request<C> | null;
  reply: Reply<C> | null = null;
  /** Watches and paths that it keeps (DELIVERIES_MAX). */
  size = 0;
  /** Bytes charged to the account of `by`. */
  bytes = 0;
  /** Places in the journal: of itself, of its paths, and of the reply. */
  record = NO_RECORD;
  readonly pathRecords: number[] = [];
  replyRecord = NO_RECORD;

  constructor(
    /** The changed paths, one for each segment. */
    readonly paths: string[],
    /** By segment: the fan-out that has its watches; null: the shares list them. */
    readonly fanOuts: (FanOut<C> | null)[],
    readonly events: RecordedEvents,
    /** The connection whose request caused the events; null: none did. */
    readonly by: C | null,
    request: Request<C> | null,
  ) {
    this.request = request;
  }
}

/** The part of a delivery that is for one connection. */
export class Share<C extends Requester> {
  /** The connection's next share. */
  next: Share<C> | null = null;
  /** Its watches in segments without a fan-out. */
  readonly watches: Watch[] = [];
  /**
   * Pairs of numbers, in order of the changes. A segment n and the end of its watches in `watches`; or -1
   * less n for a run of segments with fan-outs that begins at n.
   */
  readonly items: number[] = [];
  /** The run of segments that was added last; -1: a segment without a fan-out followed it. */
  run = -1;
  /** The number of its events, plus one. */
  weight = 1;
  /** It counts in Connection.ahead of who caused it. */
  ahead = false;
  /**
   * What is sent next: an index in `items`; an index in `watches` or `found`; the segment within a run, -1
   * outside one.
   */
  item = 0;
  at = 0;
  segment = -1;
  /** The connection's watches in the current segment of a run; null: not looked up yet. */
  found: readonly Watch[] | null = null;

  constructor(
    readonly of: Delivery<C>,
    /** The reply waits until this share is sent. */
    public awaited: boolean,
  ) {}
}

/** Called when a reply can neither be sent nor queued, with what was thrown and the reply. */
export type Unanswered<C> = (c: C, thrown: unknown, type: number, reqId: number, txId: number, payload: string) => void;

interface Reply<C> {
  readonly to: C;
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
  readonly payload: string;
}

/** A queue of connections with shares. */
export class ConnectionQueue<C extends { nextArriving: C | null }> {
  first: C | null = null;
  private last: C | null = null;

  enter(c: C): void {
    c.nextArriving = null;
    if (this.last === null || this.first === null) this.first = c;
    else this.last.nextArriving = c;
    this.last = c;
  }

  /** Takes the first connection. The queue must not be empty. */
  leave(): C {
    const c = this.first as C;
    this.first = c.nextArriving;
    c.nextArriving = null;
    if (this.first === null) this.last = null;
    return c;
  }
}

/** Bytes of a character in JSON, at most. */
const JSON_CHARACTER = 6;

/** Computes the bytes that a delivery uses until it is complete. */
export function weigh<C extends Requester>(
  d: Delivery<C>,
  shares: number,
  listed: number,
  spread: readonly FanOut<C>[],
  fanOuts: FanOuts | null,
): void {
  d.bytes = Cost.delivery + shares * Cost.share + listed * Cost.delivered;
  // The journal has the paths as well, in a text that takes room to spare while it is written.
  for (const path of d.paths) d.bytes += Cost.change + path.length + (path.length >> 1);
  for (const { owners, suffix } of d.events.watchers)
    d.bytes += Cost.watchers + Cost.watching * owners.length + JSON_CHARACTER * suffix.length;
  if (fanOuts === null) return;
  d.bytes += fanOuts.paths * Cost.watchedPath + fanOuts.parts * Cost.watchedPart + fanOuts.watches * Cost.delivered;
  d.bytes += fanOuts.fanOuts * Cost.fanOut;
  for (const fanOut of new Set(spread)) d.bytes += fanOut.ordered * Cost.delivered;
}
