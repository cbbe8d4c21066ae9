import type { Activity, Caller, Context, Open, Queue, Settings, Totals, Usage } from "../control/context.ts";
import { Fetching } from "../control/dump.ts";
import { LiveUpdate } from "../control/live-update.ts";
import type { Host } from "../host.ts";
import type { AccessLog } from "../observe/access-log.ts";
import type { Log } from "../observe/log.ts";
import type { Trace } from "../observe/trace.ts";
import { printable } from "../observe/values.ts";
import { Quota, type Quotas } from "../quota/quotas.ts";
import type { Refusals } from "../quota/refusals.ts";
import type { Tree } from "../store/tree.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { DeferredReply } from "./deferred-reply.ts";
import type { Departure } from "./departure.ts";
import type { Domains } from "./domains.ts";
import type { JournalWriter } from "./journal-writer.ts";
import type { Memory } from "./memory.ts";
import type { Outstanding } from "./outstanding.ts";

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly log: Log;
  readonly trace: Trace;
  readonly access: AccessLog;
  readonly connections: Connections;
  readonly domains: Domains;
  readonly memory: Memory;
  readonly outstanding: Outstanding<Connection>;
  readonly journalWriter: JournalWriter;
  readonly departure: Departure;
}

/** The server as control commands see it. The members are documented in control/context.ts. */
export class Administration implements Context {
  readonly host;
  readonly tree;
  readonly quotas;
  readonly log;
  readonly trace;
  readonly access;
  readonly refusals;
  readonly departure;
  readonly liveUpdate = new LiveUpdate(this);
  readonly fetching = new Fetching(this);
  /** The reply that a live update owes; the next program sends it, or this one if the update fails. */
  deferredReply: DeferredReply | null = null;
  /** The options of the command line, which control commands can list and change. */
  settings: Settings = { list: () => [], get: () => null, set: () => "there are no options" };
  /** Passes the whole state and `deferredReply` to Host.update.save. */
  serializeState: () => void = () => {};

  constructor(private readonly s: Parts) {
    this.host = s.host;
    this.tree = s.tree;
    this.quotas = s.quotas;
    this.log = s.log;
    this.trace = s.trace;
    this.access = s.access;
    this.refusals = s.connections.refusals;
    this.departure = s.departure;
  }

  usage(domid: number): Usage[] | null {
    if (!this.s.domains.exists(domid)) return null;
    const c = this.s.domains.connectionOf(domid);
    const now: readonly (readonly [Quota, number])[] = [
      [Quota.nodes, this.tree.reclaim.owned(domid)],
      [Quota.watches, c === null ? 0 : c.watches.size],
      [Quota.outstanding, c === null ? 0 : c.tally.count],
      [Quota.memory, this.s.memory.used(domid)],
      [Quota.transactions, c === null ? 0 : c.transactions.size],
    ];
    return now.map(([quota, value]) => {
      // Growth caused by others, such as SET_PERMS to this owner, shows only here.
      if (c !== null && !c.privileged) c.peaks.see(quota, value);
      return { quota, now: value, most: Math.max(value, c === null ? 0 : c.peaks.get(quota)) };
    });
  }

  refusalsOf(domid: number): Refusals | null {
    return this.s.domains.connectionOf(domid)?.refusals ?? null;
  }

  domids(): number[] {
    return this.s.domains.list();
  }

  totals(): Totals {
    let connections = 0;
    let waiting = 0;
    let waitingBytes = 0;
    let dropped = 0;
    for (const c of this.s.connections.byLink) {
      if (!c) continue;
      connections++;
      waiting += c.queued;
      waitingBytes += c.queuedBytes;
      dropped += c.dropped;
    }
    return { connections, transactions: this.s.connections.openTransactions, waiting, waitingBytes, dropped };
  }

  privileged(domid: number): boolean {
    return this.s.domains.connectionOf(domid)?.privileged ?? this.s.domains.permanent(domid);
  }

  activities(): Map<number, Activity> {
    const all = new Map<number, Activity>();
    for (const c of this.s.connections.byLink) {
      if (!c) continue;
      const before = all.get(c.domid);
      const traffic = this.host.insight.traffic(c.link);
      all.set(c.domid, {
        requests: (before?.requests ?? 0) + (traffic?.requests ?? 0),
        events: (before?.events ?? 0) + (traffic?.events ?? 0),
        waiting: (before?.waiting ?? 0) + c.queued,
        conflictsSuffered: (before?.conflictsSuffered ?? 0) + c.conflictsSuffered,
        conflictsCaused: (before?.conflictsCaused ?? 0) + c.conflictsCaused,
      });
    }
    return all;
  }

  transactions(domid: number): Open[] | null {
    const c = this.s.domains.connectionOf(domid);
    if (c === null) return null;
    return [...c.transactions.values()].map((t) => ({
      paths: t.touched,
      operations: t.operations,
      overQuota: t.failed >= 0,
    }));
  }

  queue(domid: number): Queue | null {
    const c = this.s.domains.connectionOf(domid);
    if (c === null) return null;
    const traffic = this.host.insight.traffic(c.link);
    return {
      messages: c.queue.length,
      outstanding: c.tally.count,
      dropped: c.dropped,
      shut: c.shut,
      stalled: c.shut || c.paused || c.held || c.tally.blocked,
      partialIn: traffic?.partialIn ?? 0,
      partialOut: traffic?.partialOut ?? 0,
    };
  }

  caller(): DeferredReply {
    const [type, reqId, txId] = this.host.header as unknown as [number, number, number];
    return new DeferredReply(this.host, this.s.connections, this.s.outstanding.by as Connection, type, reqId, txId);
  }

  answerLater(caller: Caller, begin: () => void): void {
    const reply = caller as DeferredReply;
    this.s.journalWriter.deferredReply(reply);
    try {
      begin();
    } catch (thrown) {
      this.s.journalWriter.deferredReply(null);
      throw thrown;
    }
    this.deferredReply = reply;
  }

  watchesWithDepth(): number {
    let count = 0;
    for (const c of this.s.connections.byLink)
      if (c) for (const { depth } of c.watches.values()) if (depth >= 0) count++;
    return count;
  }

  dump(): void {
    this.serializeState();
  }

  peak(quota: Quota): number {
    for (const domid of this.s.domains.list()) this.usage(domid);
    return this.s.connections.peaks.get(quota);
  }

  resetPeaks(): void {
    this.s.connections.peaks.reset();
    for (const c of this.s.connections.byLink) if (c) c.nodeSizeSeen = 0;
  }

  watches(domid: number): string[] {
    const lines: string[] = [];
    for (const c of this.s.connections.byLink) {
      if (!c || (domid >= 0 && c.domid !== domid)) continue;
      for (const w of c.watches.values()) {
        // Without spaces, so that a script finds the columns.
        const token = printable(w.suffix.slice(1, -1)).replaceAll(" ", "\\032");
        const who = c.ring ? `D${c.domid}` : `A${c.link}`;
        lines.push(`watch ${who}: ${printable(w.path)} ${token} ${w.depth < 0 ? "None" : `Some ${w.depth}`}\n`);
      }
    }
    return lines;
  }

  setQuota(domid: number, quota: Quota, value: number): void {
    this.s.connections.setQuota(domid, quota, value);
  }
}
