import type { Context, Usage } from "../control/context.ts";
import type { Config, Host, Link } from "../host.ts";
import { DOMID_ANY, HISTORY_RECORDS } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import { Quota, type Quotas, quotaTable } from "../quota/quotas.ts";
import { entry, Right } from "../store/perms.ts";
import type { Transaction } from "../store/transaction.ts";
import { Tree } from "../store/tree.ts";
import { Errno } from "../wire/errno.ts";
import type { Connection } from "./connection.ts";
import { Domains } from "./domains.ts";
import { Events } from "./events.ts";

/** What all operations work on. */
export class Server implements Context {
  readonly tree: Tree;
  readonly events: Events;
  readonly domains: Domains;
  /** By link number. */
  readonly connections: (Connection | null)[] = [];
  /** Unprivileged connections with something in their queue. */
  readonly stalled = new Set<Connection>();
  /** Open transactions, oldest first. */
  readonly transactions = new Set<Transaction>();

  constructor(
    readonly host: Host,
    readonly config: Config,
    readonly quotas: Quotas,
    readonly log: Log,
  ) {
    this.tree = new Tree([config.privDomid, config.ownDomid]);
    this.events = new Events(host, this.tree, this.stalled, log);
    this.domains = new Domains(this);
    this.plant();
  }

  /** What every request needs is kept with the connection. */
  private setLimits(c: Connection): void {
    if (!c.privileged) c.pathMax = this.quotas.limit(c.domid, Quota.pathMax);
  }

  /** A quota stands in the way: the transaction, if any, cannot succeed any more. */
  overQuota(c: Connection, t: Transaction | null, quota: Quota): Errno {
    if (t !== null) t.failed = true;
    this.log.limited(
      `quota ${quota} ${c.domid}`,
      `domain ${c.domid} is at its quota of ${quotaTable[quota]?.name}: ${this.quotas.get(c.domid, quota)}`,
    );
    return quota === Quota.pathMax ? Errno.EINVAL : Errno.ENOSPC;
  }

  /** Whether what a transaction just applied is too much for its domain: Errno.none, or the error. */
  overAfterCommit(c: Connection): Errno {
    const { tree, quotas } = this;
    if (tree.owned(c.domid) > quotas.limit(c.domid, Quota.nodes)) return this.overQuota(c, null, Quota.nodes);
    const most = quotas.limit(c.domid, Quota.nodeSize);
    let over = false;
    tree.forEachCreated((id) => {
      const parent = tree.parent[id] as number;
      const entries = tree.perms.get(tree.permissions(parent)).entries.length;
      if (16 + 8 * entries + tree.value(parent).length + tree.childBytes(parent) > most) over = true;
    });
    return over ? this.overQuota(c, null, Quota.nodeSize) : Errno.none;
  }

  usage(domid: number): Usage | null {
    const c = this.domains.connectionOf(domid);
    if (c === null) return null;
    return {
      nodes: this.tree.owned(domid),
      watches: c.watches.size,
      transactions: c.transactions.size,
      queued: c.queue.length,
      dropped: c.dropped,
    };
  }

  quotasChanged(): void {
    for (const c of this.connections) if (c) this.setLimits(c);
  }

  watches(domid: number): string[] {
    const lines: string[] = [];
    for (const c of this.connections) {
      if (!c || (domid >= 0 && c.domid !== domid)) continue;
      for (const w of c.watches.values()) {
        const token = w.suffix.slice(1, -1);
        lines.push(`${c.domid} ${w.path} ${token}${w.depth < 0 ? "" : ` ${w.depth}`}`);
      }
    }
    return lines;
  }

  attach(c: Connection): void {
    this.setLimits(c);
    this.connections[c.link] = c;
  }

  /** Drops a connection's watches and transactions. */
  dropState(c: Connection): void {
    for (const watch of c.watches.values()) this.tree.watches.remove(watch);
    c.watches.clear();
    for (const t of c.transactions.values()) this.endTransaction(t);
    c.transactions.clear();
  }

  /** The client starts anew: nothing that it set or that waits for it stays. */
  resetConnection(c: Connection): void {
    this.dropState(c);
    c.forgetQueue();
    c.nextTransaction = 1;
    c.shut = false;
    this.stalled.delete(c);
  }

  /** Lets a connection go, with its link. */
  closeConnection(c: Connection): void {
    this.dropState(c);
    c.forgetQueue();
    c.shut = true;
    this.stalled.delete(c);
    this.connections[c.link] = null;
    this.host.close(c.link);
  }

  connection(link: Link): Connection | null {
    return this.connections[link] ?? null;
  }

  endTransaction(t: Transaction): void {
    this.transactions.delete(t);
    t.close();
  }

  /** Keeps what open snapshots need within bounds: the oldest loses its own. */
  boundHistory(): void {
    while (this.tree.history.size > HISTORY_RECORDS) {
      const oldest = this.oldestWithSnapshot();
      if (oldest === null) return;
      oldest.lose();
    }
  }

  private oldestWithSnapshot(): Transaction | null {
    for (const t of this.transactions) if (!t.lost) return t;
    return null;
  }

  private plant(): void {
    const { tree } = this;
    const priv = this.config.privDomid;
    const own = tree.perms.intern([entry(priv, Right.none)]);
    const readable = tree.perms.intern([entry(priv, Right.none), entry(DOMID_ANY, Right.read)]);
    const root = tree.create(-1, "/", own, "");
    tree.createPath(root, "/tool/xenstored", own, "");
    tree.create(-1, "@introduceDomain", own, "");
    tree.create(-1, "@releaseDomain", readable, "");
    tree.commit();
  }
}
