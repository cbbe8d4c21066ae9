import type { CreditState } from "../server/credit.ts";
import type { PastState } from "../store/past.ts";
import type { TransactionState } from "../store/transaction-state.ts";

/** What the stream's own records carry, as JSON. Times are milliseconds before the moment of writing. */
export interface ConnectionState {
  readonly kind: "connection";
  readonly link: number;
  readonly ring: boolean;
  readonly privileged: boolean;
  readonly base: string;
  readonly features: number;
  readonly shut: boolean;
  readonly nextTransaction: number;
  /** It was there when a program failed. */
  readonly recovered: boolean;
  readonly dropped: number;
  /** Events of its watches were given up. */
  readonly missed?: boolean;
  /** Suffered, caused, and by whom last. */
  readonly conflicts?: readonly [number, number, number];
  /** Of a guest: what it has for conflicts, how often it caused some of late, and how long ago it did last. */
  readonly credit?: CreditState;
  readonly peaks: readonly number[];
  /** What its domain was refused, by quota. */
  readonly refusals?: readonly number[];
  /** Of each watch, in the order of their records: when it was set, as a rank among all. */
  readonly serials: readonly number[];
  /** Of each message that waits: its age; -1: it never goes stale. */
  readonly ages: readonly number[];
  readonly transactions: readonly TransactionState[];
}

export interface DomainState {
  readonly kind: "domain";
  readonly domid: number;
  readonly uniqueId: string;
  readonly shutdownSeen: boolean;
  readonly features: number;
  /** Number of its connection in this stream; 0: it was not introduced. */
  readonly connection: number;
}

/** What the whole consists of, to be compared at the end. */
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
  /** How often a program failed. */
  readonly recoveries: number;
}

/** What snapshots see of the past, one record for each, oldest first. */
export interface Past extends PastState {
  readonly kind: "past";
}

/** Somebody waits for the answer to what made this stream. */
export interface ReplyState {
  readonly kind: "reply";
  readonly link: number;
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
}

/** Options that were changed while it ran. */
interface ChangedOptions {
  readonly kind: "options";
  readonly changed: readonly (readonly [name: string, value: string])[];
}

export type OwnState = ConnectionState | DomainState | Totals | Past | ReplyState | ChangedOptions;
