import { TRANSACTION_ID_MAX } from "../../limits.ts";
import { Quota } from "../../quota/quotas.ts";
import { Transaction } from "../../store/transaction.ts";
import { forEachCreated } from "../../store/undo.ts";
import { Errno } from "../../wire/errno.ts";
import { OK } from "../../wire/payload.ts";
import type { Connection } from "../connection.ts";
import { nodeSize } from "../quota-checks.ts";
import type { RequestContext } from "../request-context.ts";

/** TRANSACTION_START -> `id|`. EBUSY inside a transaction. */
export function start(s: RequestContext, c: Connection, _payload: string, t: Transaction | null): string | Errno {
  if (t !== null) return Errno.EBUSY;
  if (!c.privileged && c.transactions.size >= s.quotas.limit(c.domid, Quota.transactions))
    return s.checks.exceeded(c, null, Quota.transactions, c.transactions.size + 1);
  c.peaks.see(Quota.transactions, c.transactions.size + 1);
  let id = c.nextTransaction;
  while (c.transactions.has(id)) id = next(id);
  c.nextTransaction = next(id);
  const creator = c.privileged ? -1 : c.domid;
  const payer = c.transactions.size > 0 && !c.privileged ? c.writer : null;
  const opened = Transaction.start(s.tree, id, creator, c.account, payer);
  if (c.privileged) opened.started = s.host.now();
  try {
    c.transactions.set(id, opened);
  } catch (thrown) {
    opened.close();
    throw thrown;
  }
  s.connections.openTransactions++;
  if (s.trace.obj) s.trace.created("transaction", id);
  return `${id}\0`;
}

/** TRANSACTION_END `T|` or `F|` -> OK. The transaction is closed whatever the reply, unless it is EINVAL. */
export function end(s: RequestContext, c: Connection, payload: string, t: Transaction | null): string | Errno {
  if (payload !== "T\0" && payload !== "F\0") return Errno.EINVAL;
  if (t === null) return Errno.ENOENT;
  c.transactions.delete(t.id);
  c.lastTransaction = null;
  try {
    return payload === "T\0" ? commit(s, c, t) : OK;
  } finally {
    s.connections.endTransaction(t);
  }
}

function commit(s: RequestContext, c: Connection, t: Transaction): string | Errno {
  if (t.failed >= 0) return t.failed as Errno;
  if (t.lost) return Errno.EAGAIN;
  if (!t.writes) return OK;
  if (!t.valid()) {
    const by = t.conflictingWriters();
    c.conflictsSuffered++;
    c.hinderedBy = [...by.keys()].find(({ domid }) => domid >= 0)?.domid ?? -1;
    s.credit.charge(by, t, s.tree.sequence);
    s.statistics.conflict(c.hinderedBy);
    if (s.access.on) s.access.conflict(c, t.id);
    return Errno.EAGAIN;
  }
  if (s.testEagain && Math.random() * 3 < 1) return Errno.EAGAIN;
  const merged = !t.current;
  const others = c.privileged ? null : s.memory.ofOthers(t);
  // Without its snapshot, its own changes need no history records.
  t.closeSnapshot();
  s.events.begins();
  t.apply(s.events);
  if (!c.privileged && t.created > 0) {
    const error = overQuota(s, c, t);
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

/** Checks what a transaction has just applied against the quotas of its domain. Returns Errno.none, or the error. */
function overQuota(s: RequestContext, c: Connection, t: Transaction): Errno {
  const { tree, quotas, checks } = s;
  const owned = tree.reclaim.owned(c.domid);
  if (owned > quotas.limit(c.domid, Quota.nodes)) return checks.exceeded(c, null, Quota.nodes, owned);
  c.peaks.see(Quota.nodes, owned);
  const most = c.nodeSizeMax;
  let largest = 0;
  forEachCreated(tree, (id) => {
    const parent = tree.parent[id] as number;
    const bytes = tree.value(parent).length + tree.childBytes(parent);
    largest = Math.max(largest, nodeSize(tree, tree.permissions(parent), bytes));
  });
  if (largest > most) return checks.exceeded(c, null, Quota.nodeSize, largest);
  if (largest > c.nodeSizeSeen) checks.sizeSeen(c, largest);
  // The transaction's own bytes are freed next.
  const used = s.memory.used(c.domid) - t.bytes;
  return used > quotas.limit(c.domid, Quota.memory) ? checks.exceeded(c, null, Quota.memory, used) : Errno.none;
}

function next(id: number): number {
  return id >= TRANSACTION_ID_MAX ? 1 : id + 1;
}
