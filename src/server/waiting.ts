import { Cost } from "../store/cost.ts";
import { Op } from "../wire/ops.ts";
import type { Request, Requester } from "./outstanding.ts";

/** Bytes charged for a queued message. The journal has a copy of the payload, with some overhead. */
export function waitingCost(type: number, length: number): number {
  return Cost.message + 2 * length + (length >> 2) + (type === Op.WATCH_EVENT ? Cost.event : 0);
}

/** A queued message. */
export interface Waiting<C extends Requester> {
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
  readonly payload: string;
  /** When it was queued, as Host.now; 0: it never times out. */
  readonly since: number;
  /** The request that stays outstanding until this message leaves the queue; null: none. */
  readonly cause: Request<C> | null;
  /** Place in the journal. */
  readonly record: number;
}
