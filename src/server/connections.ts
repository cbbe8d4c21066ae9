import { type Host, type Link, LinkError } from "../host.ts";
import type { AccessLog } from "../observe/access-log.ts";
import type { Trace } from "../observe/trace.ts";
import { Peaks } from "../quota/peaks.ts";
import { Quota, type Quotas } from "../quota/quotas.ts";
import { Refusals } from "../quota/refusals.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Tree } from "../store/tree.ts";
import type { Backlog } from "./backlog.ts";
import { Connection } from "./connection.ts";
import type { Credit } from "./credit.ts";
import type { Events } from "./events.ts";
import type { JournalWriter } from "./journal-writer.ts";
import { type Outstanding, Tally } from "./outstanding.ts";

/** What the table of connections needs of the daemon. */
interface Parts {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly events: Events;
  readonly credit: Credit;
  readonly backlog: Backlog;
  readonly outstanding: Outstanding;
  readonly journalWriter: JournalWriter;
  readonly trace: Trace;
  readonly access: AccessLog;
}

/** What a domain's relative paths are relative to. */
export function domainHome(domid: number): string {
  return `/local/domain/${domid}/`;
}

/** The clients that there are, and what happens to one from its first message to its last. */
export class Connections {
  /** By link number; null: there is none. Dispatch reads it for each request. */
  readonly byLink: (Connection | null)[] = [];
  /** Open transactions of all connections. */
  openTransactions = 0;
  /** The highest values seen in any domain. */
  readonly peaks = new Peaks(null);
  /** What was refused to any client that ever was. */
  readonly refusals = new Refusals(null);
  /** To be called once one is gone. */
  closed: () => void = () => {};

  constructor(private readonly s: Parts) {}

  /** Null: nobody has that link. */
  get(link: Link): Connection | null {
    return this.byLink[link] ?? null;
  }

  /** It is in no table before `attach`. `base`: what relative paths are relative to. */
  create(link: Link, domid: number, privileged: boolean, base: string, ring: boolean): Connection {
    const { outstanding, journalWriter } = this.s;
    return new Connection(link, domid, privileged, base, ring, outstanding, this.peaks, this.refusals, journalWriter);
  }

  /** From here on it is served. */
  attach(c: Connection): void {
    const { credit, journalWriter, trace, access } = this.s;
    this.setLimits(c);
    c.credit = credit.burst;
    // Without gaps: an array that has some is another kind, and slower for good.
    while (this.byLink.length < c.link) this.byLink.push(null);
    this.byLink[c.link] = c;
    if (c.record < 0) journalWriter.connection(c);
    if (trace.obj) trace.created("connection", c.link);
    if (access.on) access.connection(c, true);
  }

  /** What every request needs is kept with the connection. */
  private setLimits(c: Connection): void {
    if (c.privileged) return;
    const { quotas } = this.s;
    c.pathMax = quotas.limit(c.domid, Quota.pathMax);
    c.nodeSizeMax = quotas.limit(c.domid, Quota.nodeSize);
    c.outstandingMax = quotas.limit(c.domid, Quota.outstanding);
  }

  /** To be called once a quota has another value. */
  quotasChanged(): void {
    this.s.journalWriter.settings();
    for (const c of this.byLink) {
      if (!c) continue;
      this.setLimits(c);
      // It may have been left unread for a value that holds no longer.
      c.tally.blocked = false;
      this.s.outstanding.released.push(c);
    }
  }

  /** Drops a connection's watches and transactions. */
  dropState(c: Connection): void {
    const { tree, journalWriter, trace } = this.s;
    for (const watch of c.watches.values()) {
      tree.watches.remove(watch);
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

  /** It is not in its connection's table any more, or that is about to be emptied. */
  endTransaction(t: Transaction): void {
    this.openTransactions--;
    t.close();
    if (this.s.trace.obj) this.s.trace.destroyed("transaction", t.id);
  }

  /** Nothing that a client set or that waits for it stays. */
  private forget(c: Connection): void {
    this.dropState(c);
    this.s.events.deliveries.forget(c);
    c.forgetQueue();
    this.s.credit.forget(c);
    this.s.backlog.delete(c);
  }

  /** The client starts anew. */
  reset(c: Connection): void {
    this.forget(c);
    // What it owes it owes still.
    this.s.credit.demand(c);
    // What of its requests waits elsewhere is not its concern any more.
    c.tally = new Tally();
    c.nextTransaction = 1;
    c.shut = false;
    c.recovered = false;
    this.s.journalWriter.connection(c);
  }

  /** The host says that a link is broken. A ring waits for INTRODUCE, and the death of its domain still counts. */
  broken(c: Connection): void {
    if (!c.ring) {
      this.close(c);
      return;
    }
    this.reset(c);
    c.shut = true;
    this.s.journalWriter.connection(c);
  }

  /** Nothing more is read or sent. A ring shows an error, and its guest may begin anew. */
  cutOff(c: Connection): void {
    if (c.ring) this.s.host.shut(c.link, LinkError.comm);
    this.broken(c);
  }

  /** Lets a connection go, with its link. */
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
