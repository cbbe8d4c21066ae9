import type { Host } from "../host.ts";
import type { AccessLog } from "../observe/access-log.ts";
import type { Log } from "../observe/log.ts";
import type { Trace } from "../observe/trace.ts";
import type { Quota, Quotas } from "../quota/quotas.ts";
import type { Refusals } from "../quota/refusals.ts";
import type { Tree } from "../store/tree.ts";
import type { Errno } from "../wire/errno.ts";

/** What a domain uses of a quota now, and the most that it used. */
export interface Usage {
  readonly quota: Quota;
  readonly now: number;
  readonly most: number;
}

/** An open transaction. */
export interface Open {
  /** Distinct paths that it read or changed. */
  readonly paths: number;
  readonly operations: number;
  /** A request in it exceeded a quota. */
  readonly overQuota: boolean;
}

/** The queue of a domain's connection. */
export interface Queue {
  readonly messages: number;
  /** Its requests with queued replies or events, its own or others'. */
  readonly outstanding: number;
  /** Events dropped. */
  readonly dropped: number;
  /** Its ring is shut off. */
  readonly shut: boolean;
  /** It is not read now, for any reason. */
  readonly stalled: boolean;
  /** Bytes of a partial message from the client, and bytes that the client has not taken. */
  readonly partialIn: number;
  readonly partialOut: number;
}

/** What the connections of a domain did. Counters start with a connection. */
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
  /** Bytes of these messages, with headers. */
  readonly waitingBytes: number;
  /** Events dropped. */
  readonly dropped: number;
}

/** The client and request of a command. */
export interface Caller {
  /** Whether another request came from the same connection. */
  same(other: Caller): boolean;
  /** Whether its connection still exists. */
  alive(): boolean;
}

/** A live update that a client prepares. */
export interface UpdateSession {
  readonly of: Caller;
  /** The options of the next program; null: those of this one. */
  options: readonly string[] | null;
}

/** How a live update to C xenstored was asked for. */
export interface DepartureTerms {
  /** The version of the state stream. */
  readonly version: number;
  /** Milliseconds to wait for open transactions, which C xenstored cannot take over. */
  readonly timeout: number;
  /** Transactions that are still open then are dropped. */
  readonly force: boolean;
  /** The options of the next xenstored. */
  readonly options: readonly string[];
  /** Whether somebody still waits for the reply. */
  alive(): boolean;
}

/** A live update to C xenstored, at most one. */
interface Departures {
  /** It begins when no transaction is open and no domain is being created. */
  begin(terms: DepartureTerms): void;
  /** It is not wanted any more. */
  end(): void;
}

/** The live update that a client prepares, at most one. */
interface UpdateSessions {
  /** The session of a client; null: it has none. */
  of(caller: Caller): UpdateSession | null;
  /** Begins a session. False: another client has one. */
  begin(caller: Caller): boolean;
  /** Ends the session and drops the program file. */
  end(): void;
}

/** The saved state that a client fetches in pieces, at most one. */
interface SavedState {
  /** Saves the state, in place of an earlier one. Returns its size in bytes. Throws if there is no memory. */
  begin(caller: Caller): number;
  /** Frees the saved state. */
  end(): void;
}

/** Options, by name. */
export interface Settings {
  /** The options that have a value. */
  list(): (readonly [name: string, value: string])[];
  /** The value of an option; null: there is no such option, or it has no value. */
  get(name: string): string | null;
  /** Sets an option. Returns "", or the error; then nothing has changed. */
  set(name: string, value: string): string;
}

/** What control commands can read and change. */
export interface Context {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly log: Log;
  readonly trace: Trace;
  readonly access: AccessLog;
  readonly settings: Settings;
  /** What a domain uses of each counted quota; null: there is no such domain. */
  usage(domid: number): Usage[] | null;
  readonly liveUpdate: UpdateSessions;
  readonly departure: Departures;
  readonly fetching: SavedState;
  /** The request that is served. */
  caller(): Caller;
  /**
   * Calls `begin`, which starts a live update. The reply then comes from the next program, or from this one
   * if the update fails. What `begin` throws is passed on.
   */
  answerLater(caller: Caller, begin: () => void): void;
  /** How many watches have a depth. */
  watchesWithDepth(): number;
  /** Passes the whole state to Host.update.save(). */
  dump(): void;
  /** Whether a domain is privileged, so that quotas do not apply. */
  privileged(domid: number): boolean;
  /** By domid, for the domains with connections. */
  activities(): ReadonlyMap<number, Activity>;
  /** The known domids, unordered. */
  domids(): number[];
  totals(): Totals;
  /** Refusals of all clients since the start. */
  readonly refusals: Refusals;
  /** Refusals of a domain; null: it is not introduced. */
  refusalsOf(domid: number): Refusals | null;
  /** The highest value of a quota in any domain. */
  peak(quota: Quota): number;
  /** Resets the highest values. */
  resetPeaks(): void;
  /** The open transactions of a domain; null: it is not introduced. */
  transactions(domid: number): Open[] | null;
  /** The queue of a domain; null: it is not introduced. */
  queue(domid: number): Queue | null;
  /** Sets a global quota, for all from now on. */
  setQuota(domid: number, quota: Quota, value: number): void;
  /** A line for each watch of a domain, or of all connections for domid -1. */
  watches(domid: number): string[];
}

/**
 * A control command. `run` returns the text of the reply, an error, or null if the parameters are wrong
 * (EINVAL). `args` are the parameters, `payload` is the whole request.
 */
export interface Command {
  readonly name: string;
  readonly parameters: string;
  readonly run: (context: Context, args: readonly string[], payload: string) => string | Errno | null;
}
