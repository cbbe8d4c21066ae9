import { type Config, HeaderField, type Host } from "../host.ts";
import { DOMID_ANY, REMOVED_SLICE } from "../limits.ts";
import { AccessLog } from "../observe/access-log.ts";
import type { Log } from "../observe/log.ts";
import { type Crowd, Statistics } from "../observe/statistics.ts";
import { Trace } from "../observe/trace.ts";
import type { Quotas } from "../quota/quotas.ts";
import type { Account } from "../store/account.ts";
import { NOBODY } from "../store/past.ts";
import { entry, Right } from "../store/perms.ts";
import type { Transaction } from "../store/transaction.ts";
import { Tree } from "../store/tree.ts";
import { Administration } from "./administration.ts";
import { Backlog } from "./backlog.ts";
import type { Connection } from "./connection.ts";
import { Connections } from "./connections.ts";
import { Credit } from "./credit.ts";
import { Departure } from "./departure.ts";
import { Domains } from "./domains.ts";
import { Events } from "./events.ts";
import { JournalWriter } from "./journal-writer.ts";
import { Memory } from "./memory.ts";
import { MessageTap } from "./message-tap.ts";
import { Outstanding } from "./outstanding.ts";
import { QuotaChecks } from "./quota-checks.ts";
import { Relief } from "./relief.ts";
import type { RequestContext } from "./request-context.ts";
import { Snapshots } from "./snapshots.ts";
import { STATUS_PATH, Status } from "./status.ts";

/**
 * Makes the parts of the daemon and connects them. Only what starts, drives, saves and configures the daemon as
 * a whole uses this class; every other part declares in an interface which parts it needs.
 */
export class Server implements RequestContext {
  readonly header: Int32Array;
  readonly tree: Tree;
  readonly events: Events;
  readonly checks: QuotaChecks;
  readonly memory: Memory;
  readonly connections: Connections;
  readonly domains: Domains;
  readonly relief: Relief;
  readonly snapshots: Snapshots;
  readonly outstanding = new Outstanding<Connection>();
  readonly backlog = new Backlog();
  readonly credit: Credit;
  readonly status: Status;
  readonly departure: Departure;
  readonly administration: Administration;
  readonly journalWriter: JournalWriter;
  readonly trace: Trace;
  readonly access: AccessLog;
  readonly tap: MessageTap;
  readonly statistics: Statistics;
  testEagain = false;

  constructor(
    readonly host: Host,
    readonly config: Config,
    readonly quotas: Quotas,
    readonly log: Log,
  ) {
    this.header = host.header;
    this.trace = new Trace(host);
    this.access = new AccessLog(host);
    this.journalWriter = new JournalWriter(quotas, this.trace);
    this.checks = new QuotaChecks(quotas, log);
    this.tree = new Tree([config.privDomid, config.ownDomid], host.paths);
    const deferred = (): void => {
      host.header[HeaderField.deferredWork] = 1;
    };
    this.tree.onDeferredWork = deferred;
    this.tree.perms.onMade = deferred;
    this.tree.history.changer = () => {
      const { by } = this.outstanding;
      return by === null ? NOBODY : by.writer;
    };
    this.events = new Events(
      host,
      this.tree,
      this.backlog,
      log,
      (c) => this.memory.full(c),
      this.outstanding,
      this.journalWriter,
      (...of) => this.relief.unanswered(...of),
      (c, bytes) => this.memory.exceeds(c, bytes),
    );
    this.credit = new Credit(
      host,
      log,
      this.trace,
      (domid) => this.domains.connectionOf(domid),
      (c, now) => this.snapshots.wait(c, now),
    );
    this.connections = new Connections(this);
    this.connections.closed = () => this.administration.fetching.look();
    this.domains = new Domains(this);
    this.memory = new Memory(this);
    this.relief = new Relief(this);
    this.snapshots = new Snapshots(this);
    this.departure = new Departure(this);
    this.administration = new Administration(this);
    this.status = new Status(this);
    this.tap = new MessageTap(host, this.events.sender, this.journalWriter, this.trace, this.access);
    this.statistics = new Statistics(host, (line) => log.line(line), {
      nodes: () => this.tree.size,
      rings: () => this.crowd(true),
      sockets: () => this.crowd(false),
    });
  }

  private crowd(ring: boolean): Crowd {
    const of = this.connections.byLink.filter((c) => c?.ring === ring) as Connection[];
    const requests = of.reduce((sum, c) => sum + (this.host.insight.traffic(c.link)?.requests ?? 0), 0);
    return { connections: of.length, requests, watches: of.reduce((sum, c) => sum + c.watches.size, 0) };
  }

  /** Begins to record changes in the journal. */
  attachJournal(): void {
    this.tree.attachJournal(this.host.journal);
    this.journalWriter.attach(this.host);
  }

  /** Takes over an open transaction, which `make` creates, from the program before. */
  restoreTransaction(c: Connection, make: (account: Account) => Transaction): void {
    const t = make(c.account);
    t.started = this.host.now();
    c.transactions.set(t.id, t);
    this.connections.openTransactions++;
  }

  /** Completes deliveries and sweeps, before a state is saved: the state has only the queues. */
  runDeferredWork(): void {
    this.events.deliveries.finish();
    while (this.tree.reclaim.sweep(REMOVED_SLICE));
  }

  /** Makes the node of the status tree where another xenstored had none. */
  createStatus(): void {
    const { tree } = this;
    if (tree.find(STATUS_PATH) >= 0) return;
    const perms = tree.perms.intern([entry(this.config.privDomid, Right.none)]);
    const slash = STATUS_PATH.lastIndexOf("/");
    const above = tree.find(STATUS_PATH.slice(0, slash));
    const root = tree.find("/");
    if (above >= 0) tree.create(above, STATUS_PATH, perms, "");
    else tree.createPath(root, STATUS_PATH, perms, "", tree.nameStart(root));
    tree.commit();
  }

  /** Creates the nodes of an empty store. */
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
