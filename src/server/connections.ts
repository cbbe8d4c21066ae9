import { assert } from "../assert.ts";
import { type Host, type Link, LinkError } from "../host.ts";
import type { AccessLog } from "../observe/access-log.ts";
import type { Trace } from "../observe/trace.ts";
import { Peaks } from "../quota/peaks.ts";
import { Quota, type Quotas } from "../quota/quotas.ts";
import { Refusals } from "../quota/refusals.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Tree } from "../store/tree.ts";
import type { Watch } from "../store/watch.ts";
import type { Backlog } from "./backlog.ts";
import { Connection } from "./connection.ts";
import type { Credit } from "./credit.ts";
import type { Events } from "./events.ts";
import type { JournalWriter } from "./journal-writer.ts";
import { type Outstanding, Tally } from "./outstanding.ts";

/** Records that the end of a connection deletes besides those of its watches and its queue, and some to spare. */
const STEPS = 16;

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly events: Events;
  readonly credit: Credit;
  readonly backlog: Backlog;
  readonly outstanding: Outstanding<Connection>;
  readonly journalWriter: JournalWriter;
  readonly trace: Trace;
  readonly access: AccessLog;
}

/** The directory that a domain's relative paths refer to. */
export function domainHome(domid: number): string {
  return `/local/domain/${domid}/`;
}

/** Charges the path of a watch that was removed to its next watch; null: there is none. */
export function payForPlace(heir: Watch | null): void {
  if (heir !== null) (heir.owner as Connection).paysForPlace(heir);
}

/** The table of connections, and what starts, resets and ends one. */
export class Connections {
  /** By link; null: no connection. Dispatch reads it for each request. */
  readonly byLink: (Connection | null)[] = [];
  /** The number of open transactions. */
  openTransactions = 0;
  /** Peaks over all domains. */
  readonly peaks = new Peaks(null);
  /** What was refused to any client that ever was. */
  readonly refusals = new Refusals(null);
  /** The largest Connection.serial so far. */
  lastSerial = 0;
  /** Called after a connection is freed. */
  closed: () => void = () => {};

  constructor(private readonly s: Parts) {}

  /** The connection of a link; null: there is none. */
  get(link: Link): Connection | null {
    return this.byLink[link] ?? null;
  }

  /** Makes a connection, which `attach` adds to the table. `base`: the directory that relative paths refer to. */
  create(link: Link, domid: number, privileged: boolean, base: string, ring: boolean): Connection {
    const { outstanding, journalWriter } = this.s;
    const { peaks, refusals } = this;
    const c = new Connection(link, domid, privileged, base, ring, outstanding, peaks, refusals, journalWriter);
    c.serial = ++this.lastSerial;
    return c;
  }

  /** Adds a connection, which is offered `features`, to the table and records it. */
  attach(c: Connection, features = c.features): void {
    const { credit, journalWriter, trace, access } = this.s;
    assert(c.link >= 0 && !this.byLink[c.link], `link ${c.link} is new`);
    c.features = features;
    this.setLimits(c);
    c.credit = credit.burst;
    // Without holes: they would make the engine's array slow for good.
    while (this.byLink.length < c.link) this.byLink.push(null);
    this.byLink[c.link] = c;
    if (c.record < 0) journalWriter.connection(c);
    if (trace.obj) trace.created("connection", c.link);
    if (access.on) access.connection(c, true);
  }

  /** Takes `attach` back where it found no memory, or what followed it. The link stays. */
  detach(link: Link): void {
    const c = this.get(link);
    if (c === null) return;
    this.byLink[link] = null;
    c.shut = true;
    this.s.journalWriter.drop(c.record);
  }

  /** Copies quotas that each request needs to the connection. */
  private setLimits(c: Connection): void {
    if (c.privileged) return;
    const { quotas } = this.s;
    c.pathMax = quotas.limit(c.domid, Quota.pathMax);
    c.nodeSizeMax = quotas.limit(c.domid, Quota.nodeSize);
    c.outstandingMax = quotas.limit(c.domid, Quota.outstanding);
  }

  /** As Quotas.set, applied to all connections and recorded; nothing changes if that fails. */
  setQuota(domid: number, quota: number, value: number): void {
    const { quotas } = this.s;
    const before = quotas.own(domid, quota);
    quotas.set(domid, quota, value);
    try {
      this.quotasChanged();
    } catch (thrown) {
      quotas.set(domid, quota, before);
      for (const c of this.byLink) if (c) this.setLimits(c);
      throw thrown;
    }
  }

  /** Applies changed quotas to all connections, and records them. */
  quotasChanged(): void {
    for (const c of this.byLink) {
      if (!c) continue;
      this.setLimits(c);
      // It may have been unread because of the old value.
      c.tally.blocked = false;
      this.s.outstanding.released.push(c);
    }
    // Last: what is recorded counts.
    this.s.journalWriter.settings();
  }

  /** Removes a connection's watches and transactions. */
  dropState(c: Connection): void {
    const { tree, journalWriter, trace } = this.s;
    // All or none.
    journalWriter.reserve(c.watches.size);
    for (const watch of c.watches.values()) {
      payForPlace(tree.watches.remove(watch));
      journalWriter.drop(watch.record);
      if (trace.obj) trace.destroyed("watch", watch.serial);
    }
    c.watches.clear();
    c.missed = 0;
    c.account.bytes -= c.watchBytes;
    c.watchBytes = 0;
    for (const t of c.transactions.values()) this.endTransaction(t);
    c.transactions.clear();
    c.lastTransaction = null;
  }

  /** Frees a transaction that its connection no longer lists. */
  endTransaction(t: Transaction): void {
    this.openTransactions--;
    assert(this.openTransactions >= 0, "a transaction ends once");
    t.close();
    if (this.s.trace.obj) this.s.trace.destroyed("transaction", t.id);
  }

  /** Reserves memory for `forget`: nothing of it may fail half way. */
  private reserve(c: Connection): void {
    this.s.journalWriter.reserve(c.watches.size + c.queued + STEPS);
  }

  /** Removes all that a client set and all that is queued for it. */
  private forget(c: Connection): void {
    this.reserve(c);
    this.dropState(c);
    this.s.events.deliveries.forget(c);
    c.forgetQueue();
    this.s.credit.forget(c);
    this.s.backlog.delete(c);
  }

  /** Resets a connection: its client reconnects or sent INTRODUCE. */
  reset(c: Connection): void {
    this.reserve(c);
    this.rename(c);
    this.forget(c);
    // Conflict debts stay.
    this.s.credit.demand(c);
    // Messages of earlier requests in other queues do not count for it any more.
    c.tally = new Tally();
    c.nextTransaction = 1;
    c.shut = false;
    c.recovered = false;
    this.s.journalWriter.connection(c);
  }

  /** Deliveries that name it are for nobody from now on. Throws if there is no memory; then it keeps its name. */
  private rename(c: Connection): void {
    const { serial } = c;
    c.serial = ++this.lastSerial;
    try {
      this.s.journalWriter.connection(c);
    } catch (thrown) {
      c.serial = serial;
      throw thrown;
    }
  }

  /** The host reports a broken link. The domain of a ring still exists: the ring waits for INTRODUCE, and its death is noticed. */
  broken(c: Connection): void {
    if (!c.ring) {
      this.close(c);
      return;
    }
    this.reset(c);
    c.shut = true;
    this.s.journalWriter.connection(c);
  }

  /** Ends the connection: a socket is closed; a ring shows an error, and its guest may reconnect. */
  cutOff(c: Connection): void {
    if (c.ring) this.s.host.shut(c.link, LinkError.comm);
    this.broken(c);
  }

  /** Frees a connection and its link. */
  close(c: Connection): void {
    const { host, journalWriter, trace, access } = this.s;
    this.forget(c);
    c.shut = true;
    this.byLink[c.link] = null;
    journalWriter.drop(c.record);
    this.closed();
    if (trace.obj) trace.destroyed("connection", c.link);
    if (access.on) access.connection(c, false);
    host.close(c.link);
  }
}
