import { type Config, HeaderField, type Host, type Link, LinkError } from "../host.ts";
import { DOMID_ANY } from "../limits.ts";
import { AccessLog } from "../observe/access-log.ts";
import type { Log } from "../observe/log.ts";
import { type Crowd, Statistics } from "../observe/statistics.ts";
import { Trace } from "../observe/trace.ts";
import { Peaks } from "../quota/peaks.ts";
import { Quota, type Quotas, quotaTable } from "../quota/quotas.ts";
import { Refusals } from "../quota/refusals.ts";
import type { Account } from "../store/account.ts";
import { NOBODY } from "../store/past.ts";
import { entry, Right } from "../store/perms.ts";
import type { Transaction } from "../store/transaction.ts";
import { Tree } from "../store/tree.ts";
import { forEachCreated } from "../store/undo.ts";
import { Errno } from "../wire/errno.ts";
import { Administration } from "./administration.ts";
import { Backlog } from "./backlog.ts";
import { Connection } from "./connection.ts";
import { Credit } from "./credit.ts";
import { Domains } from "./domains.ts";
import { Events } from "./events.ts";
import { JournalWriter } from "./journal-writer.ts";
import { Memory } from "./memory.ts";
import { MessageTap } from "./message-tap.ts";
import { Outstanding, Tally } from "./outstanding.ts";
import { Relief } from "./relief.ts";
import { Snapshots } from "./snapshots.ts";
import { STATUS_PATH, Status } from "./status.ts";

/** What all operations work on. */
export class Server {
  readonly tree: Tree;
  readonly events: Events;
  readonly domains: Domains;
  readonly memory: Memory;
  readonly relief: Relief;
  readonly snapshots: Snapshots;
  readonly outstanding = new Outstanding();
  readonly journalWriter = new JournalWriter();
  /** The highest values seen in any domain. */
  readonly peaks = new Peaks(null);
  /** What was refused to any client that ever was. */
  readonly refusals = new Refusals(null);
  /** By link number. */
  readonly connections: (Connection | null)[] = [];
  readonly backlog = new Backlog();
  /** How many are open. */
  openTransactions = 0;
  readonly trace: Trace;
  /** The host's: of the message that is served. */
  readonly header: Int32Array;
  readonly credit: Credit;
  readonly status: Status;
  readonly access: AccessLog;
  readonly tap: MessageTap;
  /** For control commands. */
  readonly administration: Administration;
  readonly statistics: Statistics;
  /** One commit of three that could succeed fails (`--test-eagain`). */
  testEagain = false;

  constructor(
    readonly host: Host,
    readonly config: Config,
    readonly quotas: Quotas,
    readonly log: Log,
  ) {
    this.trace = new Trace(host);
    this.access = new AccessLog(host);
    this.header = host.header;
    this.tree = new Tree([config.privDomid, config.ownDomid], host.paths);
    this.tree.onDeferredWork = () => {
      host.header[HeaderField.deferredWork] = 1;
    };
    this.events = new Events(
      host,
      this.tree,
      this.backlog,
      log,
      (c) => this.memory.full(c),
      this.outstanding,
      this.journalWriter,
      (...of) => this.unanswered(...of),
    );
    this.domains = new Domains(this);
    this.memory = new Memory(this);
    this.relief = new Relief(this);
    this.snapshots = new Snapshots(this);
    this.credit = new Credit(
      host,
      log,
      this.trace,
      (domid) => this.domains.connectionOf(domid),
      (c, now) => this.snapshots.wait(c, now),
    );
    this.tree.history.changer = () => {
      const { by } = this.outstanding;
      return by === null ? NOBODY : by.writer;
    };
    this.administration = new Administration(this);
    this.status = new Status(this);
    this.tap = new MessageTap(this, this.trace, this.access);
    this.statistics = new Statistics(host, (line) => log.line(line), {
      nodes: () => this.tree.size,
      rings: () => this.crowd(true),
      sockets: () => this.crowd(false),
    });
  }

  private crowd(ring: boolean): Crowd {
    const of = this.connections.filter((c) => c?.ring === ring) as Connection[];
    const requests = of.reduce((sum, c) => sum + (this.host.insight.traffic(c.link)?.requests ?? 0), 0);
    return { connections: of.length, requests, watches: of.reduce((sum, c) => sum + c.watches.size, 0) };
  }

  /** From here on what must not be lost is told to the journal. */
  attachJournal(): void {
    this.tree.attachJournal(this.host.journal);
    this.journalWriter.attach(this.host);
  }

  /** What every request needs is kept with the connection. */
  private setLimits(c: Connection): void {
    if (c.privileged) return;
    c.pathMax = this.quotas.limit(c.domid, Quota.pathMax);
    c.nodeSizeMax = this.quotas.limit(c.domid, Quota.nodeSize);
    c.outstandingMax = this.quotas.limit(c.domid, Quota.outstanding);
  }

  /** A quota stands in the way: the transaction, if any, cannot succeed any more. */
  overQuota(c: Connection, t: Transaction | null, quota: Quota, value: number): Errno {
    const error = quota === Quota.memory ? Errno.ENOMEM : Errno.ENOSPC;
    if (t !== null) {
      t.failed = error;
      t.lose();
    }
    this.refused(c, quota);
    this.log.limited(
      `quota ${quota} ${c.domid}`,
      `domain ${c.domid} exceeds its quota of ${quotaTable[quota]?.name}: ${value} of ${this.quotas.get(c.domid, quota)}`,
    );
    return error;
  }

  /** Something was refused, for a quota or, OUT_OF_MEMORY, because the store has no memory left. Needs none itself. */
  refused(c: Connection, quota: number): void {
    c.refusals.count(quota);
  }

  /** A node of this size is within the quota, and the largest of its maker. */
  sizeSeen(c: Connection, size: number): void {
    c.nodeSizeSeen = size;
    c.peaks.see(Quota.nodeSize, size);
  }

  newConnection(link: Link, domid: number, privileged: boolean, base: number, ring: boolean): Connection {
    return new Connection(
      link,
      domid,
      privileged,
      `/local/domain/${base}/`,
      ring,
      this.outstanding,
      this.peaks,
      this.refusals,
      this.journalWriter,
    );
  }

  /** Whether what a transaction just applied is too much for its domain: Errno.none, or the error. */
  overAfterCommit(c: Connection, t: Transaction): Errno {
    const { tree, quotas } = this;
    const owned = tree.reclaim.owned(c.domid);
    if (owned > quotas.limit(c.domid, Quota.nodes)) return this.overQuota(c, null, Quota.nodes, owned);
    c.peaks.see(Quota.nodes, owned);
    const most = c.nodeSizeMax;
    let largest = 0;
    forEachCreated(tree, (id) => {
      const parent = tree.parent[id] as number;
      const entries = tree.perms.get(tree.permissions(parent)).entries.length;
      largest = Math.max(largest, 16 + 8 * entries + tree.value(parent).length + tree.childBytes(parent));
    });
    if (largest > most) return this.overQuota(c, null, Quota.nodeSize, largest);
    if (largest > c.nodeSizeSeen) this.sizeSeen(c, largest);
    // What the transaction itself keeps goes now.
    const used = this.memory.used(c.domid) - t.bytes;
    return used > quotas.limit(c.domid, Quota.memory) ? this.overQuota(c, null, Quota.memory, used) : Errno.none;
  }

  quotasChanged(): void {
    this.journalWriter.settings(this);
    for (const c of this.connections) {
      if (!c) continue;
      this.setLimits(c);
      // It may have been left unread for a value that holds no longer.
      c.tally.blocked = false;
      this.outstanding.released.push(c);
    }
  }

  attach(c: Connection): void {
    this.setLimits(c);
    c.credit = this.credit.burst;
    // Without gaps: an array that has some is another kind, and slower for good.
    while (this.connections.length < c.link) this.connections.push(null);
    this.connections[c.link] = c;
    if (c.record < 0) this.journalWriter.connection(c);
    if (this.trace.obj) this.trace.created("connection", c.link);
    if (this.access.on) this.access.connection(c, true);
  }

  /** Drops a connection's watches and transactions. */
  dropState(c: Connection): void {
    for (const watch of c.watches.values()) {
      this.tree.watches.remove(watch);
      this.journalWriter.drop(watch.record);
      if (this.trace.obj) this.trace.destroyed("watch", watch.serial);
    }
    c.watches.clear();
    c.missed = 0;
    c.account.bytes -= c.watchBytes;
    c.watchBytes = 0;
    for (const t of c.transactions.values()) this.endTransaction(t);
    c.transactions.clear();
    c.lastTransaction = null;
  }

  /** Nothing that a client set or that waits for it stays. */
  private forget(c: Connection): void {
    this.dropState(c);
    this.events.deliveries.forget(c);
    c.forgetQueue();
    this.credit.forget(c);
    this.backlog.delete(c);
  }

  /** The client starts anew. */
  resetConnection(c: Connection): void {
    this.forget(c);
    // What it owes it owes still.
    this.credit.demand(c);
    // What of its requests waits elsewhere is not its concern any more.
    c.tally = new Tally();
    c.nextTransaction = 1;
    c.shut = false;
    c.recovered = false;
    this.journalWriter.connection(c);
  }

  /**
   * A reply cannot be kept. Others give up what they can, and it is tried once more. Then its client is cut off, for it
   * would wait for ever, and nobody can tell it what became of its request. What is not for want of memory is a bug.
   */
  unanswered(c: Connection, thrown: unknown, type: number, reqId: number, txId: number, payload: string): void {
    const { host, log } = this;
    if (!host.memoryEnded()) throw thrown;
    try {
      this.relief.giveSome();
      c.send(host, type, reqId, txId, payload);
      // Those that follow a reply.
      this.events.flush();
      return;
    } catch {
      // As it was.
    }
    this.events.discard();
    log.limited(`unanswered ${c.domid}`, `out of memory for a reply to domain ${c.domid}, which is cut off`);
    this.cutOff(c);
  }

  /** Nothing more is read or sent. A ring shows an error, and its guest may begin anew. */
  cutOff(c: Connection): void {
    if (!c.ring) {
      this.closeConnection(c);
      return;
    }
    this.host.shut(c.link, LinkError.comm);
    this.resetConnection(c);
    c.shut = true;
    this.journalWriter.connection(c);
  }

  /** Lets a connection go, with its link. */
  closeConnection(c: Connection): void {
    this.forget(c);
    c.shut = true;
    this.connections[c.link] = null;
    this.journalWriter.drop(c.record);
    this.administration.fetching.look();
    if (this.trace.obj) this.trace.destroyed("connection", c.link);
    if (this.access.on) this.access.connection(c, false);
    this.host.close(c.link);
  }

  connection(link: Link): Connection | null {
    return this.connections[link] ?? null;
  }

  /** A transaction that was open when who ran before ended. */
  restoreTransaction(c: Connection, make: (account: Account) => Transaction): void {
    const t = make(c.account);
    t.started = this.host.now();
    c.transactions.set(t.id, t);
    this.openTransactions++;
  }

  /** Delivers all that waits for its turn: whoever takes over finds replies in the queues only. */
  runDeferredWork(): void {
    this.events.deliveries.finish();
    this.tree.reclaim.sweep(Number.POSITIVE_INFINITY);
  }

  endTransaction(t: Transaction): void {
    this.openTransactions--;
    t.close();
    if (this.trace.obj) this.trace.destroyed("transaction", t.id);
  }

  /** Makes what is there in an empty store. */
  createInitialNodes(): void {
    const { tree } = this;
    const priv = this.config.privDomid;
    const own = tree.perms.intern([entry(priv, Right.none)]);
    const readable = tree.perms.intern([entry(priv, Right.none), entry(DOMID_ANY, Right.read)]);
    const root = tree.create(-1, "/", own, "");
    tree.createPath(root, STATUS_PATH, own, "", tree.nameStart(root));
    // xen-init-dom0 makes this node too late for init-xenstore-domain, which does not know where it is without it, and
    // gives the domain no 9pfs device then.
    if (this.config.first)
      tree.createPath(root, `/local/domain/${priv}/domid`, own, String(priv), tree.nameStart(root));
    tree.create(-1, "@introduceDomain", own, "");
    tree.create(-1, "@releaseDomain", readable, "");
    tree.commit();
  }
}
