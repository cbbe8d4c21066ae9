import { assert } from "../assert.ts";
import { HeaderField } from "../host.ts";
import { PAYLOAD_MAX, RESERVE_LEFT } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import { Quota } from "../quota/quotas.ts";
import { OUT_OF_MEMORY } from "../quota/refusals.ts";
import type { Transaction } from "../store/transaction.ts";
import { Errno, errorPayload } from "../wire/errno.ts";
import { Op, opNames } from "../wire/ops.ts";
import { OK } from "../wire/payload.ts";
import type { Connection } from "./connection.ts";
import { LIFE_SHIFT } from "./journal-writer.ts";
import type { MessageTap } from "./message-tap.ts";
import * as admin from "./ops/admin.ts";
import * as change from "./ops/change.ts";
import * as domain from "./ops/domain.ts";
import * as read from "./ops/read.ts";
import * as transaction from "./ops/transaction.ts";
import * as watch from "./ops/watch.ts";
import type { Outstanding } from "./outstanding.ts";
import type { Relief } from "./relief.ts";
import type { Handler, RequestContext } from "./request-context.ts";

/** The parts of the daemon that dispatch uses besides those of operations. */
interface Parts extends RequestContext {
  readonly outstanding: Outstanding<Connection>;
  readonly relief: Relief;
  readonly tap: MessageTap;
  readonly log: Log;
}

const enum Rule {
  none = 0,
  /** Only for privileged connections. */
  privileged = 1,
  /** The transaction id is ignored. */
  noTransaction = 2,
  /** The reply precedes the events. */
  replyFirst = 4,
  /** Not a request type. */
  unknown = 8,
  /** It may leave deferred work without setting HeaderField.deferredWork. */
  mayDefer = 16,
}

const handlers: (Handler | null)[] = opNames.map(() => null);
const rules: Rule[] = opNames.map(() => Rule.unknown);
/** The two most common operations have a handler made for each server, with its fields as constants. */
const makers: (readonly [op: Op, make: (s: RequestContext) => Handler])[] = [];

function row(op: Op, handler: Handler, rule: number = Rule.none): void {
  handlers[op] = handler;
  rules[op] = rule;
}

function madeRow(op: Op, make: (s: RequestContext) => Handler): void {
  makers.push([op, make]);
  rules[op] = Rule.none;
}

row(Op.CONTROL, admin.control, Rule.privileged | Rule.mayDefer);
row(Op.DIRECTORY, read.directory);
madeRow(Op.READ, read.reader);
row(Op.GET_PERMS, read.getPerms);
row(Op.WATCH, watch.watch, Rule.noTransaction | Rule.replyFirst);
row(Op.UNWATCH, watch.unwatch, Rule.noTransaction);
row(Op.TRANSACTION_START, transaction.start);
row(Op.TRANSACTION_END, transaction.end);
row(Op.INTRODUCE, domain.introduce, Rule.privileged | Rule.mayDefer);
row(Op.RELEASE, domain.release, Rule.privileged | Rule.mayDefer);
row(Op.GET_DOMAIN_PATH, domain.getDomainPath);
madeRow(Op.WRITE, change.writer);
row(Op.MKDIR, change.mkdir);
row(Op.RM, change.rm);
row(Op.SET_PERMS, change.setPerms);
row(Op.IS_DOMAIN_INTRODUCED, domain.isDomainIntroduced, Rule.privileged);
row(Op.RESUME, domain.resume, Rule.privileged | Rule.mayDefer);
row(Op.SET_TARGET, domain.setTarget, Rule.privileged | Rule.mayDefer);
row(Op.RESET_WATCHES, watch.resetWatches, Rule.mayDefer);
row(Op.DIRECTORY_PART, read.directoryPart);
row(Op.GET_FEATURE, admin.getFeature);
row(Op.SET_FEATURE, admin.setFeature, Rule.privileged | Rule.mayDefer);
row(Op.GET_QUOTA, admin.getQuota, Rule.privileged);
row(Op.SET_QUOTA, admin.setQuota, Rule.privileged | Rule.mayDefer);

/**
 * Serves one request whose header is in Host.header. Returns a reply that the caller sends to the request's
 * link; null: reply and events were sent or queued.
 */
export type Dispatch = (payload: string) => string | null;

/**
 * Makes the function that serves requests. Constants of the closure cost less to reach than fields. `waits`
 * returns whether there is deferred work; it is called only after requests that can leave some.
 */
export function dispatcher(s: Parts, waits: () => boolean): Dispatch {
  const { host, events, outstanding, tree, tap, header } = s;
  const connections = s.connections.byLink;
  const own = handlers.slice();
  for (const [op, make] of makers) own[op] = make(s);
  const ruleOf = rules;
  const most = PAYLOAD_MAX;

  /** Everything but a reply without events. */
  function finish(c: Connection, good: boolean, result: string | Errno): void {
    const type = header[HeaderField.type] as number;
    const reqId = header[HeaderField.reqId] as number;
    const txId = header[HeaderField.txId] as number;
    outstanding.request = null;
    let answer = OK;
    if (good) answer = result as string;
    else if (result !== Errno.LATER) answer = errorPayload[result as Errno] ?? "";
    assert(answer !== "" || good, "a handler returns a payload or an error");
    try {
      if (!good) {
        events.discard();
        if (result === Errno.LATER) return;
        c.send(host, Op.ERROR, reqId, txId, answer);
      } else if (rules[type] === (Rule.noTransaction | Rule.replyFirst)) {
        c.send(host, type, reqId, txId, answer);
        events.flush();
      } else if (events.flush()) {
        c.send(host, type, reqId, txId, answer);
      } else {
        events.deliveries.replyLater(c, type, reqId, txId, answer);
      }
    } catch (thrown) {
      s.relief.unanswered(c, thrown, good ? type : Op.ERROR, reqId, txId, answer);
    }
    if (waits()) header[HeaderField.deferredWork] = 1;
  }

  /** The second try of a privileged client's request, after others gave up memory for it. It must leave some of that. */
  function again(c: Connection, type: number, payload: string): string | Errno {
    let result: string | Errno;
    host.keepReserve(RESERVE_LEFT);
    try {
      result = perform(s, own[type], c, type, 0, payload);
      if (typeof result === "string" && result.length > most) result = Errno.E2BIG;
      if (typeof result === "string") tree.commit(true);
      else tree.rollback();
    } catch (thrown) {
      result = failure(c, type, thrown);
    }
    host.keepReserve(0);
    return result;
  }

  /** Takes a request back that threw. Returns the error that answers it. */
  function failure(c: Connection, type: number, thrown: unknown): Errno {
    if (events.deliveries.finishing || s.domains.unfinished) throw thrown;
    tree.rollback();
    if (host.memoryEnded()) return Errno.ENOMEM;
    s.log.bug(`${opNames[type]} of domain ${c.domid}`, thrown);
    return Errno.EIO;
  }

  return (payload) => {
    const c = connections[header[HeaderField.link] as number] as Connection;
    const type = header[HeaderField.type] as number;
    const txId = header[HeaderField.txId] as number;
    outstanding.by = c;
    const watched = tap.enabled;
    let result: string | Errno;
    let good = false;
    try {
      if (watched !== 0) tap.request(c, payload);
      // Operations without rules avoid a call, outside transactions and in the current one of a privileged
      // client.
      if (ruleOf[type] !== Rule.none) {
        result = perform(s, own[type], c, type, txId >>> 0, payload);
      } else if (txId === 0) {
        result = (own[type] as Handler)(s, c, payload, null);
      } else {
        const t = c.lastTransaction;
        if (t !== null && t.id === txId >>> 0 && c.privileged && !t.lost) {
          t.operations++;
          result = (own[type] as Handler)(s, c, payload, t);
        } else {
          result = perform(s, own[type], c, type, txId >>> 0, payload);
        }
      }
      if (typeof result === "string") {
        if (result.length <= most) good = true;
        else result = Errno.E2BIG;
      }
      if (tree.changes > 0) {
        if (good) tree.commit(true);
        else tree.rollback();
      }
    } catch (thrown) {
      result = failure(c, type, thrown);
      good = false;
      if (txId !== 0) spoil(c.transactions.get(txId >>> 0), result);
      if (result === Errno.ENOMEM && mayBeRepeated(c, type, txId) && s.relief.gaveForPrivileged()) {
        events.discard();
        result = again(c, type, payload);
        good = typeof result === "string";
      }
      if (result === Errno.ENOMEM) {
        c.refusals.count(OUT_OF_MEMORY);
        s.log.memoryEnded(`${opNames[type]} of domain ${c.domid}`);
      }
    }
    if (watched !== 0) tap.reply(c, txId >>> 0, type, payload, result);
    // The usual case: a reply without events, and nothing queued before it.
    if (good && events.ends.length === 0 && c.queue.length === 0) return result as string;
    finish(c, good, result);
    return null;
  };
}

/** A request may have done a part of its work in its transaction: that cannot be committed any more. */
function spoil(t: Transaction | undefined, error: Errno): void {
  if (t === undefined || t.lost) return;
  t.failed = error;
  t.lose();
}

/** Whether a request that found no memory is worth a second try. A control command may have done a part of its work. */
function mayBeRepeated(c: Connection, type: number, txId: number): boolean {
  return c.privileged && txId === 0 && type !== Op.CONTROL;
}

/** Makes the function that queues a reply for which the link had no room (Program.unsent). */
export function queuer(s: Parts, waits: () => boolean): (reply: string) => void {
  const { host, outstanding, header } = s;
  const connections = s.connections.byLink;
  return (reply) => {
    const c = connections[header[HeaderField.link] as number] as Connection;
    outstanding.request = null;
    const type = header[HeaderField.type] as number;
    const reqId = header[HeaderField.reqId] as number;
    const txId = header[HeaderField.txId] as number;
    try {
      c.send(host, type, reqId, txId, reply);
    } catch (thrown) {
      s.relief.unanswered(c, thrown, type, reqId, txId, reply);
    }
    if (waits()) header[HeaderField.deferredWork] = 1;
  };
}

/**
 * A transaction that was open when a program failed: only END with F succeeds, all else fails with EAGAIN.
 * Any other unknown transaction is ENOENT.
 */
function unknownTransaction(s: Parts, c: Connection, type: number, txId: number, payload: string): string | Errno {
  if (!c.recovered || txId >>> LIFE_SHIFT === (s.journalWriter.recoveries & 0xff)) return Errno.ENOENT;
  return type === Op.TRANSACTION_END && payload === "F\0" ? OK : Errno.EAGAIN;
}

function perform(
  s: Parts,
  handler: Handler | null | undefined,
  c: Connection,
  type: number,
  txId: number,
  payload: string,
): string | Errno {
  if (handler === undefined || handler === null) return Errno.ENOSYS;
  const rule = rules[type] as Rule;
  if (rule & Rule.privileged && !c.privileged) return Errno.EACCES;
  s.outstanding.request = null;
  if (rule & Rule.mayDefer) s.header[HeaderField.deferredWork] = 1;
  if (txId === 0 || rule & Rule.noTransaction) return handler(s, c, payload, null);
  let t = c.lastTransaction;
  if (t === null || t.id !== txId) {
    t = c.transactions.get(txId) ?? null;
    if (t === null) return unknownTransaction(s, c, type, txId, payload);
    c.lastTransaction = t;
  }
  if (t.lost && type !== Op.TRANSACTION_END && type !== Op.RESET_WATCHES)
    return t.failed >= 0 ? (t.failed as Errno) : Errno.EAGAIN;
  const before = t.bytes;
  t.operations++;
  const result = handler(s, c, payload, t);
  if (c.privileged || type === Op.TRANSACTION_END || type === Op.RESET_WATCHES) return result;
  c.peaks.see(Quota.transactionNodes, t.touched);
  if (t.touched > s.quotas.limit(c.domid, Quota.transactionNodes))
    return s.checks.exceeded(c, t, Quota.transactionNodes, t.touched);
  const error = t.bytes > before ? s.memory.check(c, c.domid, t, 0) : Errno.none;
  return error === Errno.none ? result : error;
}
