import { Origin } from "../host.ts";
import { quotaByName, quotaTable } from "../quota/quotas.ts";
import type { Connection } from "../server/connection.ts";
import { NO_RECORD } from "../server/journal-writer.ts";
import type { Server } from "../server/server.ts";
import { restorePast } from "../store/past-state.ts";
import { entry, rightsOfLetter } from "../store/perms.ts";
import { Transaction } from "../store/transaction.ts";
import type { TransactionState } from "../store/transaction-state.ts";
import { Watch } from "../store/watch.ts";
import { Op } from "../wire/ops.ts";
import { Adoption, type SavedConnection } from "./adoption.ts";
import { NO_TARGET, nodeRecord } from "./dump.ts";
import { Reader, RecordType } from "./record.ts";
import type { ConnectionState, DomainState, OwnState, Past, ReplyState, Totals } from "./state.ts";

/** Nodes created between commits: the undo notes must not grow with the store. */
const BATCH = 1000;
const NO_DEPTH = 0xffff;
const UNREADABLE = "a record of the state stream cannot be read";

interface SavedWatch {
  readonly path: string;
  readonly token: string;
  readonly depth: number;
}

/** Whose links the stream has. */
export const enum Links {
  /** None: it is a file, or a trial. */
  none,
  /** Those of the program before. */
  own,
  /** Those of C xenstored. */
  adopted,
}

interface OpenTransaction {
  readonly c: Connection;
  readonly t: TransactionState;
}

/** Reads a migration stream into an empty server. */
export class Loader {
  private readonly connections = new Map<number, SavedConnection>();
  /** By connection number. */
  private readonly watches = new Map<number, SavedWatch[]>();
  private readonly states: ConnectionState[] = [];
  private readonly domains: DomainState[] = [];
  private readonly adoption: Adoption;
  /** By the entries in a record: the number of the permission list, with a reference. */
  private readonly lists = new Map<string, number>();
  /** The domids in them. */
  private readonly named = new Set<number>();
  /** Global quotas of the stream. */
  private globals: number[] = quotaTable.map(() => 0);
  private readonly pasts: Past[] = [];
  private totals: Totals | null = null;
  /** Of a trial: permission lists as they are in a record. */
  private readonly written = new Map<number, string>();
  /** Nodes created so far. */
  private fresh = 0;
  /** The path and row of the last node's parent. */
  private above = "";
  private aboveRow = -1;
  /** The client that waits for a reply; null: none. */
  reply: ReplyState | null = null;
  /** Options that were changed before. */
  settings: readonly (readonly [name: string, value: string])[] = [];

  constructor(
    private readonly s: Server,
    /** Where links exist, connections, watches and transactions are taken over. */
    private readonly links: Links,
  ) {
    this.adoption = new Adoption(s, this.states, this.domains);
  }

  /** Reads the stream; `more` returns the next chunk, null at the end. Returns "", or what is wrong with the stream. */
  load(more: () => string | null): string {
    const reader = new Reader(more);
    const wrong = reader.begin();
    if (wrong !== "") return wrong;
    for (;;) {
      if (!reader.next()) return "the state stream ends in the middle";
      if (reader.type === RecordType.end) break;
      const error = this.take(reader);
      if (error !== "") return error;
    }
    this.s.tree.commit();
    if (this.links !== Links.none) this.connect();
    this.meetNamed();
    return this.check();
  }

  /**
   * Domains that lists name, but no record: those that exist are known from here on, so that their deaths are noticed;
   * a later domain with the number of another gets nothing.
   */
  private meetNamed(): void {
    const { domains, tree } = this.s;
    for (const domid of this.named) {
      if (domains.exists(domid)) continue;
      tree.owners.forget(domid);
      tree.perms.forget(domid);
    }
  }

  private take(r: Reader): string {
    switch (r.type) {
      case RecordType.node:
        return this.node(r);
      case RecordType.connection:
        return this.connection(r);
      case RecordType.watch:
      case RecordType.watchDepth:
        this.watch(r);
        return "";
      case RecordType.globalQuota:
        this.globals = this.quotas(r, 4, r.u16(0) + r.u16(2), -1);
        return "";
      case RecordType.domain:
        this.adoption.features.set(r.u16(0), r.u32(4));
        this.quotas(r, 8, r.u16(2), r.u16(0));
        return "";
      case RecordType.own:
        return this.own(r);
      case RecordType.end:
      case RecordType.global:
      case RecordType.transaction:
        return "";
      default:
        // A file can be of a later version. What a running C xenstored has is not given up unseen.
        return this.s.config.origin === Origin.cXenstored ? `records of type ${r.type} are not known` : "";
    }
  }

  private node(r: Reader): string {
    const { tree } = this.s;
    if (r.u32(0) !== 0) return "";
    const pathLength = r.u16(8);
    const count = r.u16(14);
    const at = 16 + 4 * count;
    const raw = r.bytes(16, at - 16);
    const path = r.bytes(at, pathLength - 1);
    const value = r.bytes(at + pathLength, r.u16(10));
    let perms = this.lists.get(raw);
    if (perms === undefined) {
      const entries: number[] = [];
      for (let i = 0; i < raw.length; i += 4) {
        const domid = raw.charCodeAt(i + 2) | (raw.charCodeAt(i + 3) << 8);
        const stale = (raw.charCodeAt(i + 1) & 1) !== 0;
        entries.push(entry(domid, rightsOfLetter(raw.charAt(i)), stale));
        if (!stale) this.named.add(domid);
      }
      if (entries.length === 0) return `the node ${path} has no owner`;
      perms = tree.perms.intern(entries);
      // The list must outlive its first node.
      tree.perms.hold(perms);
      this.lists.set(raw, perms);
    }
    let parent = -1;
    if (path.charCodeAt(0) === 47 && path.length > 1) {
      const slash = path.lastIndexOf("/");
      const above = slash === 0 ? "/" : path.slice(0, slash);
      // Usually a node follows its sibling.
      if (above !== this.above) {
        this.above = above;
        this.aboveRow = tree.find(above);
      }
      parent = this.aboveRow;
      if (parent < 0) return `the node ${path} comes before its parent`;
    }
    if (tree.find(path) >= 0) return `the node ${path} comes twice`;
    const row = tree.create(parent, path, perms, value);
    // A trial compares what it has read.
    if (this.s.config.testing && !r.bytes(0, r.length).startsWith(nodeRecord(tree, row, this.written)))
      return `the node ${path} is another one here`;
    if (++this.fresh % BATCH === 0) {
      tree.commit();
      this.s.host.journal.commit();
    }
    return "";
  }

  private connection(r: Reader): string {
    const ring = r.u16(4) === 0;
    const target = r.u16(10);
    const end = 24 + r.u16(16);
    const begun = r.u16(18);
    const saved: SavedConnection = {
      ring,
      domid: ring ? r.u16(8) : -1,
      target: ring && target !== NO_TARGET ? target : -1,
      handle: r.u32(ring ? 12 : 8),
      input: r.bytes(24, end - 24),
      begun: r.bytes(end, begun),
      out: r.bytes(end + begun, r.u32(20) - begun),
    };
    if (end + r.u32(20) > r.length) return UNREADABLE;
    const number = this.links === Links.adopted ? this.adoption.connection(r.u32(0), saved) : r.u32(0);
    if (number > 0) this.connections.set(number, saved);
    return "";
  }

  private watch(r: Reader): void {
    const at = r.type === RecordType.watch ? 8 : 12;
    const depth = r.type === RecordType.watch ? NO_DEPTH : r.u16(8);
    const watch: SavedWatch = {
      path: r.bytes(at, r.u16(4) - 1),
      token: r.bytes(at + r.u16(4), r.u16(6) - 1),
      depth: depth === NO_DEPTH ? -1 : depth,
    };
    const number = this.links === Links.adopted ? this.adoption.numberOf(r.u32(0)) : r.u32(0);
    if (number === 0) return;
    const of = this.watches.get(number);
    if (of === undefined) this.watches.set(number, [watch]);
    else of.push(watch);
  }

  /** Reads quotas. A domain's value becomes its own only where it differs from the global one. */
  private quotas(r: Reader, at: number, count: number, domid: number): number[] {
    const names = r.bytes(at + 4 * count, r.length).split("\0");
    const values = quotaTable.map(() => 0);
    for (let i = 0; i < count; i++) {
      const quota = quotaByName(names[i] ?? "");
      if (quota < 0) continue;
      const value = r.u32(at + 4 * i);
      values[quota] = value;
      if (domid < 0 || value !== this.globals[quota]) this.s.quotas.set(domid, quota, value);
    }
    return values;
  }

  private own(r: Reader): string {
    let state: OwnState | null;
    try {
      state = JSON.parse(r.bytes(0, r.length).replace(/\0+$/, ""));
    } catch (thrown) {
      // The record may be valid: the caller reports the lack of memory.
      if (this.s.host.memoryEnded()) throw thrown;
      return UNREADABLE;
    }
    // A file can contain anything.
    if (typeof state !== "object" || state === null) return UNREADABLE;
    if (state.kind === "totals") this.totals = state;
    else if (state.kind === "options") return this.options(state.changed);
    // The other kinds belong to links, which a file has not.
    else if (this.links !== Links.own) return "";
    else if (state.kind === "connection") this.states.push(state);
    else if (state.kind === "domain") this.domains.push(state);
    else if (state.kind === "reply") this.reply = state;
    else if (state.kind === "past") this.pasts.push(state);
    return "";
  }

  private options(changed: unknown): string {
    const isText = (value: unknown): boolean => typeof value === "string";
    const isPair = (pair: unknown): boolean => Array.isArray(pair) && pair.length === 2 && pair.every(isText);
    if (!Array.isArray(changed) || !changed.every(isPair)) return UNREADABLE;
    this.settings = changed;
    return "";
  }

  /** Takes over connections, watches, transactions and domains. */
  private connect(): void {
    const { s } = this;
    const serials: { watch: Watch; serial: number }[] = [];
    for (const state of this.states) {
      const saved = this.connections.get(state.link + 1);
      if (saved === undefined) continue;
      const domid = saved.ring ? saved.domid : s.config.privDomid;
      const base = state.base;
      const c = s.connections.create(state.link, domid, state.privileged, base, state.ring);
      c.features = state.features;
      c.target = saved.target;
      c.shut = state.shut;
      c.nextTransaction = state.nextTransaction;
      c.recovered = state.recovered;
      c.dropped = state.dropped;
      [c.conflictsSuffered, c.conflictsCaused, c.hinderedBy] = state.conflicts ?? [0, 0, -1];
      c.peaks.restore(state.peaks);
      c.refusals.restore(state.refusals ?? []);
      s.connections.attach(c);
      if (state.credit !== undefined) s.credit.restore(c, state.credit);
      this.queue(c, saved.out, state.ages);
      let n = 0;
      for (const w of this.watches.get(state.link + 1) ?? []) {
        const first = w.path.charCodeAt(0);
        const strip = first === 47 || first === 64 ? 0 : base.length;
        const path = strip === 0 ? w.path : base + w.path;
        const watch = new Watch(c, path, `\0${w.token}\0`, w.depth, strip, !c.privileged);
        c.watches.set(`${path}\0${w.token}`, watch);
        serials.push({ watch, serial: state.serials[n++] ?? 0 });
      }
    }
    for (const state of this.states) if (state.missed) s.connections.get(state.link)?.missAll(s.host);
    this.transactions();
    serials.sort((a, b) => a.serial - b.serial);
    for (const { watch } of serials) {
      s.tree.watches.add(watch);
      (watch.owner as Connection).watched(watch);
      s.journalWriter.watch(watch);
    }
    for (const d of this.domains) {
      s.domains.restore({
        domid: d.domid,
        uniqueId: d.uniqueId,
        shutdownSeen: d.shutdownSeen,
        features: this.adoption.features.get(d.domid) ?? d.features,
        connection: d.connection === 0 ? null : s.connections.get(d.connection - 1),
        record: NO_RECORD,
      });
    }
  }

  /**
   * Restores transactions and history, oldest snapshot first: each transaction is opened when the store has
   * the state of its snapshot as the present.
   */
  private transactions(): void {
    const { s } = this;
    const lost: OpenTransaction[] = [];
    const open = new Map<number, OpenTransaction[]>(this.pasts.map(({ snapshot }) => [snapshot, []]));
    for (const state of this.states) {
      const c = s.connections.get(state.link);
      if (c === null) continue;
      for (const t of state.transactions) (t.lost ? lost : open.get(t.snapshot))?.push({ c, t });
    }
    const restore = ({ c, t }: OpenTransaction): void =>
      s.restoreTransaction(c, (account) => Transaction.restore(s.tree, account, t));
    for (const past of this.pasts) {
      open.get(past.snapshot)?.forEach(restore);
      restorePast(s.tree, past.paths);
    }
    lost.forEach(restore);
  }

  /** Fills a connection's queue from its record. */
  private queue(c: Connection, out: string, ages: readonly number[]): void {
    const now = this.s.host.now();
    let at = 0;
    const number = (): number => {
      const low = out.charCodeAt(at) | (out.charCodeAt(at + 1) << 8);
      const n = (low | (out.charCodeAt(at + 2) << 16) | (out.charCodeAt(at + 3) << 24)) >>> 0;
      at += 4;
      return n;
    };
    for (let n = 0; at + 16 <= out.length; n++) {
      const [type, reqId, txId, length] = [number(), number(), number(), number()];
      const payload = out.slice(at, at + length);
      at += length;
      // C xenstored does not tell how long an event has waited.
      const age = ages[n] ?? (type === Op.WATCH_EVENT && !c.privileged ? 0 : -1);
      c.requeue(type, reqId, txId, payload, age < 0 ? 0 : Math.max(1, now - age));
    }
    this.s.events.sender.requeued(c);
  }

  /** Compares counts with those in the stream. Returns "", or the difference. */
  private check(): string {
    const { s, totals } = this;
    for (const perms of this.lists.values()) s.tree.perms.release(perms);
    for (const root of ["/", "@introduceDomain", "@releaseDomain"])
      if (s.tree.find(root) < 0) return `the state stream has no node ${root}`;
    if (totals === null) return "";
    if (totals.nodes !== s.tree.size) return `${totals.nodes} nodes were written, ${s.tree.size} are here`;
    if (this.links === Links.none) return "";
    s.connections.peaks.restore(totals.peaks);
    s.connections.refusals.restore(totals.refusals ?? []);
    s.trace.restore(totals.traced, totals.tracing);
    s.journalWriter.recoveries = totals.recoveries;
    if (totals.watches !== s.tree.watches.count)
      return `${totals.watches} watches were written, ${s.tree.watches.count} are here`;
    if (totals.transactions !== s.connections.openTransactions) return "not all transactions are here";
    return totals.connections === this.states.length ? "" : "not all connections are here";
  }
}
