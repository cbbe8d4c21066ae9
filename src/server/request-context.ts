import type { Host } from "../host.ts";
import type { AccessLog } from "../observe/access-log.ts";
import type { Statistics } from "../observe/statistics.ts";
import type { Trace } from "../observe/trace.ts";
import type { Quotas } from "../quota/quotas.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Tree } from "../store/tree.ts";
import type { Errno } from "../wire/errno.ts";
import type { Administration } from "./administration.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { Credit } from "./credit.ts";
import type { Domains } from "./domains.ts";
import type { Events } from "./events.ts";
import type { JournalWriter } from "./journal-writer.ts";
import type { Memory } from "./memory.ts";
import type { QuotaChecks } from "./quota-checks.ts";
import type { Status } from "./status.ts";

/** What an operation may use besides the connection and the transaction of its request. */
export interface RequestContext {
  readonly host: Host;
  /** Host.header, of the message that is served. */
  readonly header: Int32Array;
  readonly tree: Tree;
  /** Collects the events of the request. */
  readonly events: Events;
  readonly quotas: Quotas;
  readonly checks: QuotaChecks;
  readonly memory: Memory;
  readonly connections: Connections;
  readonly domains: Domains;
  readonly credit: Credit;
  /** The status tree. */
  readonly status: Status;
  /** What control commands use. */
  readonly administration: Administration;
  readonly journalWriter: JournalWriter;
  readonly trace: Trace;
  readonly access: AccessLog;
  readonly statistics: Statistics;
  /** One of three commits that could succeed fails (`--test-eagain`). */
  readonly testEagain: boolean;
}

/** Returns the payload of the reply, or an error. `t`: the transaction that the request names. */
export type Handler = (s: RequestContext, c: Connection, payload: string, t: Transaction | null) => string | Errno;
