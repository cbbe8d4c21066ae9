import type { Config, Host, Traffic } from "../host.ts";
import { type Branch, type Found, fixed, look, numbered } from "../observe/status.ts";
import { elided } from "../observe/values.ts";
import { Quota, type Quotas, quotaTable } from "../quota/quotas.ts";
import type { Refusals } from "../quota/refusals.ts";
import type { Tree } from "../store/tree.ts";
import { Errno } from "../wire/errno.ts";
import { opNames } from "../wire/ops.ts";
import type { Administration } from "./administration.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { Domains } from "./domains.ts";
import { wellFormed } from "./permission-checks.ts";

/** The path of the status tree. Its node is in the store and can have other children, which are in the store, too. */
export const STATUS_PATH = "/tool/xenstored";
const BELOW = `${STATUS_PATH}/`;
/** Lengths as constants, which the bundle inlines: comparing lengths first keeps listings fast. */
export const enum StatusPath {
  length = 15,
  /** Where names begin in a path below STATUS_PATH. */
  start = 16,
}

/** Figures of Insight.metrics that are not about memory. */
const NOT_MEMORY = /^(collector|traffic|recoveries|outage|faults|share)/;

type Fields<T> = readonly (readonly [name: string, value: (of: T) => string | number])[];

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly config: Config;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly connections: Connections;
  readonly domains: Domains;
  readonly administration: Administration;
}

/** The daemon's state as nodes, such as /tool/xenstored/connection/3/requests. They are made when they are read. */
export class Status {
  private readonly root: Branch;
  private readonly begun: number;
  /** Milliseconds from which on a request counts as slow. */
  slowAfter = 10;

  constructor(private readonly s: Parts) {
    this.begun = s.host.now();
    this.root = fixed(
      new Map<string, () => Branch | string>([
        ["version", () => s.host.insight.version()],
        ["uptime", () => seconds(s.host.insight.uptime())],
        ["program-uptime", () => seconds(s.host.now() - this.begun)],
        [
          "connection",
          () =>
            numbered(
              () => this.links(),
              (link) => this.connection(link),
            ),
        ],
        [
          "domain",
          () =>
            numbered(
              () => this.domids(),
              (domid) => this.domain(domid),
            ),
        ],
        ["memory", () => texts(this.memory())],
        ["traffic", () => texts(this.figures("traffic-"))],
        ["collector", () => texts(this.figures("collector-"))],
        ["slow", () => texts(this.slow())],
        ["share", () => texts(this.figures("share-"))],
        ["refusals", () => refusals(this.s.connections.refusals)],
        ["outage", () => texts(this.outage())],
        ["recoveries", () => this.figures("recoveries")[0]?.[1] ?? "0"],
      ]),
    );
  }

  /** The names directly below STATUS_PATH; nodes of the store can stand beside them. */
  get names(): readonly string[] {
    return this.root.names();
  }

  /** Whether a path that is not in the store belongs to the status tree, whether or not it exists there. */
  covers(path: string): boolean {
    if (!path.startsWith(BELOW)) return false;
    const end = path.indexOf("/", StatusPath.start);
    return this.names.includes(path.slice(StatusPath.start, end < 0 ? path.length : end));
  }

  /**
   * What a connection finds at a path that is not in the store: the node, or the error; null: the path is
   * not in the status tree, and the store answers.
   */
  find(c: Connection, path: string): Found | Errno | null {
    if (!this.covers(path)) return null;
    // Computed only for clients with the right. Others cannot learn whether the node exists.
    if (!c.privileged && !this.isOwn(c, path)) return Errno.EACCES;
    const { found } = look(this.root, path.slice(StatusPath.start));
    return found ?? (c.privileged || !wellFormed(path) ? null : Errno.ENOENT);
  }

  /** The GET_PERMS payload of a path that `find` found. */
  permissions(path: string): string {
    const { reader } = look(this.root, path.slice(StatusPath.start));
    return `n${this.s.config.privDomid}\0${reader < 0 ? "" : `r${reader}\0`}`;
  }

  /** Whether a path belongs to the guest's own domain, its target or its connection. */
  private isOwn(c: Connection, path: string): boolean {
    const [kind, number] = path.slice(StatusPath.start).split("/", 2);
    if (kind === "connection") return number === String(c.link);
    return kind === "domain" && (number === String(c.domid) || (c.target >= 0 && number === String(c.target)));
  }

  private links(): number[] {
    return this.s.connections.byLink.flatMap((c) => (c ? [c.link] : []));
  }

  private connection(link: number): Branch | null {
    const c = this.s.connections.get(link);
    if (c === null) return null;
    const seen = { c, traffic: this.s.host.insight.traffic(link) };
    return texts(this.fields(connectionFields, seen), c.privileged ? -1 : c.domid);
  }

  private domids(): number[] {
    return this.s.domains.list().sort((a, b) => a - b);
  }

  private domain(domid: number): Branch | null {
    const { s } = this;
    if (!s.domains.knows(domid)) return null;
    const c = s.domains.connectionOf(domid);
    const privileged = s.administration.privileged(domid);
    const rows = quotaTable.map(({ name }, quota): [string, () => string] => [
      name,
      () => this.quota(domid, c, privileged, quota),
    ]);
    rows.push(["refusals", () => (c === null ? "0" : refusals(c.refusals))]);
    rows.push(["connection", () => (c === null ? "" : String(c.link))]);
    rows.push(["features", () => String(s.domains.features(domid))]);
    rows.push(["target", () => (c === null || c.target < 0 ? "" : String(c.target))]);
    return fixed(new Map(rows), privileged ? -1 : domid);
  }

  /** `now highest limit`. now `-`: not counted; limit 0: unlimited. */
  private quota(domid: number, c: Connection | null, privileged: boolean, quota: Quota): string {
    // soft-memory and memory limit the same usage.
    const of = quota === Quota.softMemory ? Quota.memory : quota;
    const usage = this.s.administration.usage(domid)?.find((u) => u.quota === of);
    let now = usage?.now;
    if (quota === Quota.transactionNodes)
      now = Math.max(0, ...[...(c?.transactions.values() ?? [])].map((t) => t.touched));
    const most = Math.max(now ?? 0, usage?.most ?? 0, c?.peaks.get(of) ?? 0);
    return `${now ?? "-"} ${most} ${privileged ? 0 : this.s.quotas.get(domid, quota)}`;
  }

  private memory(): [string, string][] {
    return [...this.fields(memoryFields, this.s), ...this.figures("").filter(([name]) => !NOT_MEMORY.test(name))];
  }

  /** Figures of the host whose names begin with `start`, without that. */
  private figures(start: string): [string, string][] {
    return this.s.host.insight
      .metrics()
      .filter(([name]) => name.startsWith(start))
      .map(([name, value]) => [name.slice(start.length), short(value)]);
  }

  /** Times without service: how often, and the last one. */
  private outage(): [string, string][] {
    const { kind, reason, milliseconds } = this.s.host.insight.outage();
    return [...this.figures("outage-"), ["last", kind], ["reason", reason], ["last-ms", short(milliseconds)]];
  }

  private slow(): [string, string][] {
    const { count, latest } = this.s.host.insight.slow();
    const now = this.s.host.wallClock();
    const rows: [string, string][] = [
      ["count", String(count)],
      ["after-ms", String(this.slowAfter)],
    ];
    // 1 is the latest. On a busy machine new ones come all the time, and a name must not vanish while it is read.
    for (const [n, one] of [...latest].reverse().entries()) {
      const what = elided(one.type, true, one.payload, false);
      const name = opNames[one.type] ?? String(one.type);
      const ago = Math.max(0, Math.round(now - one.at));
      rows.push([
        String(n + 1),
        `${one.milliseconds.toFixed(1)} ms, ${ago} s ago, domain ${one.domid}, connection ${one.link}: ${name} ${what.trimEnd()}`,
      ]);
    }
    return rows;
  }

  private fields<T>(table: Fields<T>, of: T): [string, string][] {
    return table.map(([name, value]) => [name, String(value(of))]);
  }
}

/** A connection and the traffic of its link. */
interface Client {
  readonly c: Connection;
  readonly traffic: Traffic | null;
}

const connectionFields: Fields<Client> = [
  ["kind", ({ c }) => (c.ring ? "ring" : "socket")],
  ["domain", ({ c }) => c.domid],
  ["process", ({ traffic }) => (traffic?.process ? traffic.process : "")],
  ["state", ({ c }) => stateOf(c)],
  ["requests", ({ traffic }) => traffic?.requests ?? 0],
  ["events", ({ traffic }) => traffic?.events ?? 0],
  ["last-request", ({ traffic }) => opNames[traffic?.lastType ?? -1] ?? ""],
  ["idle-ms", ({ traffic }) => short(traffic?.idle ?? 0)],
  ["queue", ({ c }) => c.queued],
  ["dropped", ({ c }) => c.dropped],
  ["outstanding", ({ c }) => c.tally.count],
  ["transactions", ({ c }) => c.transactions.size],
  ["watches", ({ c }) => c.watches.size],
  ["conflicts-suffered", ({ c }) => c.conflictsSuffered],
  ["conflicts-caused", ({ c }) => c.conflictsCaused],
  ["hindered-by", ({ c }) => (c.hinderedBy < 0 ? "" : c.hinderedBy)],
];

function stateOf(c: Connection): string {
  if (c.shut) return "shut";
  if (c.paused) return "paused";
  if (c.tally.blocked) return "blocked";
  return c.held ? "awaits events" : "open";
}

const memoryFields: Fields<Parts> = [
  ["nodes", (s) => s.tree.size],
  ["rows", (s) => s.tree.parent.length],
  ["permission-lists", (s) => s.tree.perms.count],
  ["watches", (s) => s.tree.watches.count],
  ["transactions", (s) => s.connections.openTransactions],
  ["snapshot-records", (s) => s.tree.history.size],
  ["snapshot-bytes", (s) => s.tree.history.bytes],
  ["queue-messages", (s) => s.administration.totals().waiting],
  ["queue-bytes", (s) => s.administration.totals().waitingBytes],
];

function texts(rows: readonly (readonly [string, string])[], reader = -1): Branch {
  return fixed(new Map(rows.map(([name, value]) => [name, () => value])), reader);
}

/** `3 nodes=2 memory=1`: the total and the count of each quota, in one node. */
function refusals(of: Refusals): string {
  return [of.total, ...of.named().map(([quota, count]) => `${quota}=${count}`)].join(" ");
}

function seconds(milliseconds: number): string {
  return String(Math.floor(milliseconds / 1000));
}

/** A number with at most one digit behind the point. */
function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
