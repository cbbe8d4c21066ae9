import type { CreditState } from "../server/credit.ts";
import type { PastState } from "../store/past.ts";
import type { TransactionState } from "../store/transaction-state.ts";

/** A connection's state beyond Xen's record, as JSON. Times are milliseconds before the stream was written. */
export interface ConnectionState {
  readonly kind: "connection";
  readonly link: number;
  readonly ring: boolean;
  readonly privileged: boolean;
  readonly base: string;
  readonly features: number;
  readonly shut: boolean;
  readonly nextTransaction: number;
  /** It existed when a program failed. */
  readonly recovered: boolean;
  readonly dropped: number;
  /** Some of its watches have `missed`. */
  readonly missed?: boolean;
  /** Conflicts suffered, conflicts caused, and the domid that caused the last one. */
  readonly conflicts?: readonly [number, number, number];
  /** Conflict credits and offences. */
  readonly credit?: CreditState;
  readonly peaks: readonly number[];
  /** Refusals of its domain, by quota. */
  readonly refusals?: readonly number[];
  /** Watch.serial of each watch, in the order of the watch records. */
  readonly serials: readonly number[];
  /** Age of each queued message; -1: it never times out. */
  readonly ages: readonly number[];
  readonly transactions: readonly TransactionState[];
}

/** A domain that the store knows. */
export interface DomainState {
  readonly kind: "domain";
  readonly domid: number;
  readonly uniqueId: string;
  readonly shutdownSeen: boolean;
  readonly features: number;
  /** Number of its connection in this stream; 0: it is not introduced. */
  readonly connection: number;
}

/** Totals, which the reader compares at the end. */
export interface Totals {
  readonly kind: "totals";
  readonly nodes: number;
  readonly watches: number;
  readonly connections: number;
  readonly transactions: number;
  readonly peaks: readonly number[];
  readonly refusals?: readonly number[];
  readonly traced: readonly string[];
  readonly tracing: boolean;
  /** How many programs have failed since the first one. */
  readonly recoveries: number;
}

/** What a snapshot sees of the past: one record for each snapshot, oldest first. */
export interface Past extends PastState {
  readonly kind: "past";
}

/** A client waits for the reply to the request that made this stream. */
export interface ReplyState {
  readonly kind: "reply";
  readonly link: number;
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
}

/** Options that were changed since the start. */
interface ChangedOptions {
  readonly kind: "options";
  readonly changed: readonly (readonly [name: string, value: string])[];
}

export type OwnState = ConnectionState | DomainState | Totals | Past | ReplyState | ChangedOptions;
