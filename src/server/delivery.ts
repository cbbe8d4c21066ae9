import { Cost } from "../store/cost.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";
import type { FanOut, FanOuts } from "./fan-out.ts";
import { NO_RECORD, type RecordedEvents } from "./journal-writer.ts";
import type { Request } from "./outstanding.ts";

/** The events of one request on their way, and the reply that comes after them. */
export class Delivery {
  /** Shares that are not handed over, and those of them that the reply waits for. */
  left = 0;
  awaited = 0;
  request: Request | null;
  reply: Reply | null = null;
  /** Watches and paths that are kept. */
  size = 0;
  /** What it takes, on the account of `by`. */
  bytes = 0;
  /** Places in the journal, its own and that of its paths. */
  record = NO_RECORD;
  pathsRecord = NO_RECORD;

  constructor(
    /** What changed, one for each segment. */
    readonly paths: string[],
    /** Whose watches a segment has; null: they are listed in the shares. */
    readonly fanOuts: (FanOut | null)[],
    readonly events: RecordedEvents,
    /** For whom they count as outstanding. */
    readonly by: Connection | null,
    request: Request | null,
  ) {
    this.request = request;
  }
}

/** What of a delivery is for one connection. */
export class Share {
  next: Share | null = null;
  /** Those that are listed. */
  readonly watches: Watch[] = [];
  /**
   * What is to be told, in order, two numbers each: a segment and where its watches end; or -1 less a segment from which
   * on, up to one without, fan-outs have the watches.
   */
  readonly items: number[] = [];
  /** The run of segments with fan-outs that was noted last; -1: something came behind it. */
  run = -1;
  /** Events, and one for itself. */
  weight = 1;
  /** What is handed over next: an item, a watch of it or of `found`, and the segment of that. */
  item = 0;
  at = 0;
  segment = -1;
  /** Watches of a segment with a fan-out; null: they are to be looked up. */
  found: readonly Watch[] | null = null;

  constructor(
    readonly of: Delivery,
    /** The reply comes after it. */
    readonly awaited: boolean,
  ) {}
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

/** Connections for which something is on its way: the first of them is next. */
export class Line {
  first: Connection | null = null;
  private last: Connection | null = null;

  enter(c: Connection): void {
    c.nextArriving = null;
    if (this.last === null || this.first === null) this.first = c;
    else this.last.nextArriving = c;
    this.last = c;
  }

  leave(): Connection {
    const c = this.first as Connection;
    this.first = c.nextArriving;
    c.nextArriving = null;
    if (this.first === null) this.last = null;
    return c;
  }
}

/** Returns whether it was one of those who are told. */
export function forgetOwner({ watchers }: RecordedEvents, place: number): boolean {
  let found = false;
  for (const { owners } of watchers) {
    const at = owners.indexOf(place);
    if (at < 0) continue;
    owners[at] = NO_RECORD;
    found = true;
  }
  return found;
}

/** What a delivery takes until all of it is handed over. */
export function weigh(
  d: Delivery,
  shares: number,
  listed: number,
  spread: readonly FanOut[],
  fanOuts: FanOuts | null,
): void {
  d.bytes = Cost.delivery + shares * Cost.share + listed * Cost.delivered;
  for (const path of d.paths) d.bytes += Cost.change + path.length;
  for (const { owners, suffix } of d.events.watchers)
    d.bytes += Cost.watchers + Cost.watching * owners.length + suffix.length;
  if (fanOuts === null) return;
  d.bytes += fanOuts.paths * Cost.watchedPath + fanOuts.parts * Cost.watchedPart + fanOuts.watches * Cost.delivered;
  d.bytes += fanOuts.fanOuts * Cost.fanOut;
  for (const fanOut of new Set(spread)) d.bytes += fanOut.ordered * Cost.delivered;
}
