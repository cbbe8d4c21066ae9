import type { Host } from "../host.ts";
import type { AccessLog } from "../observe/access-log.ts";
import type { Log } from "../observe/log.ts";
import type { Trace } from "../observe/trace.ts";
import type { Quota, Quotas } from "../quota/quotas.ts";
import type { Refusals } from "../quota/refusals.ts";
import type { Tree } from "../store/tree.ts";
import type { Errno } from "../wire/errno.ts";
import type { Fetching } from "./dump.ts";
import type { LiveUpdate } from "./live-update.ts";

/** What a domain uses, or used at most, of a quota. */
export interface Usage {
  readonly quota: Quota;
  readonly now: number;
  readonly most: number;
}

/** An open transaction. */
export interface Open {
  /** Distinct paths that it looked at or changed. */
  readonly paths: number;
  readonly operations: number;
  readonly overQuota: boolean;
}

/** What waits for a domain. */
export interface Queue {
  readonly messages: number;
  /** Its requests of which something waits, for it or for others. */
  readonly outstanding: number;
  /** Events that it did not get. */
  readonly dropped: number;
  /** Its ring is shut off. */
  readonly shut: boolean;
  /** It is not read now, for this or another reason. */
  readonly stalled: boolean;
  /** Bytes of a message that is not there as a whole, and of such that the client has not taken. */
  readonly partialIn: number;
  readonly partialOut: number;
}

/** What the connections of a domain did. */
export interface Activity {
  readonly requests: number;
  readonly events: number;
  /** Messages in their queues. */
  readonly waiting: number;
  readonly conflictsSuffered: number;
  readonly conflictsCaused: number;
}

/** Sums over all connections. */
export interface Totals {
  readonly connections: number;
  readonly transactions: number;
  /** Messages in their queues. */
  readonly waiting: number;
  /** Bytes of them, with their headers. */
  readonly waitingBytes: number;
  /** Events that they did not get. */
  readonly dropped: number;
}

/** Who asks, and with which request. */
export interface Caller {
  same(other: Caller): boolean;
  /** Its connection is still there. */
  alive(): boolean;
}

/** Options, by name. */
export interface Settings {
  /** Those that have a value, with it. */
  list(): (readonly [name: string, value: string])[];
  /** The value; null: there is none of that name. */
  get(name: string): string | null;
  /** Returns why it cannot be, or "". */
  set(name: string, value: string): string;
}

/** What control commands may look at and change. */
export interface Context {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly log: Log;
  readonly trace: Trace;
  readonly access: AccessLog;
  readonly settings: Settings;
  /** Null: there is no such domain. */
  usage(domid: number): Usage[] | null;
  readonly liveUpdate: LiveUpdate;
  readonly fetching: Fetching;
  caller(): Caller;
  /** The request is answered by who takes over, once `begin` has been called, or once it is known that nobody does. */
  answerLater(caller: Caller, begin: () => void): void;
  /** Hands the whole state to Host.update.save(). */
  dump(): void;
  /** No quota binds it. */
  privileged(domid: number): boolean;
  /** By domid, of those that have a connection. */
  activities(): ReadonlyMap<number, Activity>;
  /** Domains with a record, in no order that matters. */
  domids(): number[];
  totals(): Totals;
  /** What was refused to any client that ever was. */
  readonly refusals: Refusals;
  /** What was refused to a domain; null: it is not introduced. */
  refusalsOf(domid: number): Refusals | null;
  /** The highest value seen in any domain. */
  peak(quota: Quota): number;
  /** Begins anew to look for the highest values, with those of now. */
  resetPeaks(): void;
  /** Null: it is not introduced, here and below. */
  transactions(domid: number): Open[] | null;
  queue(domid: number): Queue | null;
  /** Quotas were changed: what was derived from them must be derived again. */
  quotasChanged(): void;
  /** A line for each watch of a domain, or of all for -1. */
  watches(domid: number): string[];
}

/** A command answers with text, an error, or null where its parameters are wrong. */
export interface Command {
  readonly name: string;
  readonly parameters: string;
  readonly run: (context: Context, args: readonly string[], payload: string) => string | Errno | null;
}
