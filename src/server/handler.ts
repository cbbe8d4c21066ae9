import type { Transaction } from "../store/transaction.ts";
import type { Errno } from "../wire/errno.ts";
import type { Connection } from "./connection.ts";
import type { Server } from "./server.ts";

/** Returns the payload of the reply, or an error. `t`: the transaction that the request names. */
export type Handler = (s: Server, c: Connection, payload: string, t: Transaction | null) => string | Errno;
