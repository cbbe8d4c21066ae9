import { TRANSACTION_ID_MAX } from "../../limits.ts";
import { Quota } from "../../quota/quotas.ts";
import { Transaction } from "../../store/transaction.ts";
import { Errno } from "../../wire/errno.ts";
import { OK } from "../../wire/payload.ts";
import type { Connection } from "../connection.ts";
import type { Server } from "../server.ts";

/** TRANSACTION_START -> `id|`. */
export function start(s: Server, c: Connection, _payload: string, t: Transaction | null): string | Errno {
  if (t !== null) return Errno.EBUSY;
  if (!c.privileged && c.transactions.size >= s.quotas.limit(c.domid, Quota.transactions))
    return s.overQuota(c, null, Quota.transactions, c.transactions.size + 1);
  c.peaks.see(Quota.transactions, c.transactions.size + 1);
  let id = c.nextTransaction;
  while (c.transactions.has(id)) id = next(id);
  c.nextTransaction = next(id);
  const creator = c.privileged ? -1 : c.domid;
  const payer = c.transactions.size > 0 && !c.privileged ? c.writer : null;
  const opened = Transaction.start(s.tree, id, creator, c.account, payer);
  if (c.privileged) opened.started = s.host.now();
  c.transactions.set(id, opened);
  s.openTransactions++;
  if (s.trace.obj) s.trace.created("transaction", id);
  return `${id}\0`;
}

/** TRANSACTION_END `T|` or `F|` -> OK. The transaction is gone whatever the answer, EINVAL apart. */
export function end(s: Server, c: Connection, payload: string, t: Transaction | null): string | Errno {
  if (payload !== "T\0" && payload !== "F\0") return Errno.EINVAL;
  if (t === null) return Errno.ENOENT;
  c.transactions.delete(t.id);
  c.lastTransaction = null;
  try {
    return payload === "T\0" ? commit(s, c, t) : OK;
  } finally {
    s.endTransaction(t);
  }
}

function commit(s: Server, c: Connection, t: Transaction): string | Errno {
  if (t.failed >= 0) return t.failed as Errno;
  if (t.lost) return Errno.EAGAIN;
  if (!t.writes) return OK;
  if (!t.valid()) {
    const by = t.conflictingDomains();
    c.conflictsSuffered++;
    c.hinderedBy = [...by.keys()].find((domid) => domid >= 0) ?? -1;
    s.credit.charge(by, t, s.tree.sequence);
    s.statistics.conflict(c.hinderedBy);
    if (s.access.on) s.access.conflict(c, t.id);
    return Errno.EAGAIN;
  }
  if (s.testEagain && Math.random() * 3 < 1) return Errno.EAGAIN;
  const merged = !t.current;
  const others = c.privileged ? null : s.memory.ofOthers(t);
  // Its own snapshot must not make history of what follows.
  t.closeSnapshot();
  s.events.begins();
  t.apply(s.events);
  if (!c.privileged && t.created > 0) {
    const error = s.overAfterCommit(c, t);
    if (error !== Errno.none) return error;
  }
  if (others !== null) {
    const error = s.memory.grown(c, others);
    if (error !== Errno.none) return error;
  }
  s.events.completed();
  if (merged) s.statistics.coalesced();
  if (s.access.on) s.access.commit(c, t.id, merged);
  return OK;
}

function next(id: number): number {
  return id >= TRANSACTION_ID_MAX ? 1 : id + 1;
}
