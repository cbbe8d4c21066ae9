import { quotaTable } from "../quota/quotas.ts";
import { parseDomid } from "../wire/payload.ts";
import type { Activity, Command, Context, Totals } from "./context.ts";

/** Figures of the whole daemon: name, help text and value. */
const figures: readonly (readonly [name: string, help: string, value: (context: Context, totals: Totals) => number])[] =
  [
    ["nodes", "Nodes in the store", ({ tree }) => tree.size],
    ["rows", "Rows that the store has room for", ({ tree }) => tree.parent.length],
    ["permission_lists", "Different permission lists", ({ tree }) => tree.perms.count],
    ["watches", "Watches set", ({ tree }) => tree.watches.count],
    ["history_records", "Records kept for open snapshots", ({ tree }) => tree.history.size],
    ["history_bytes", "Bytes of them", ({ tree }) => tree.history.bytes],
    ["connections", "Rings and sockets", (_context, totals) => totals.connections],
    ["transactions_open", "Open transactions", (_context, totals) => totals.transactions],
    ["messages_waiting", "Messages that their clients had no room for", (_context, totals) => totals.waiting],
    [
      "events_dropped",
      "Events that were not delivered, of connections that are there",
      (_context, totals) => totals.dropped,
    ],
    ["slow_requests_total", "Requests answered late", ({ host }) => host.insight.slow().count],
    [
      "outage_last_seconds",
      "The last time without service",
      ({ host }) => Math.round(host.insight.outage().milliseconds) / 1000,
    ],
    ["uptime_seconds", "Since the start", ({ host }) => Math.floor(host.insight.uptime() / 1000)],
  ];

/** Figures of Insight.metrics that are metrics, with their names and help texts here. */
const below = new Map<string, readonly [name: string, help: string]>([
  ["traffic-requests", ["requests_total", "Requests of all clients"]],
  ["traffic-events", ["events_total", "Watch events to all clients"]],
  ["traffic-found-late", ["found_late_total", "Rings that the periodic look found changed without an event"]],
  ["engine-bytes", ["engine_bytes", "The engine's heap"]],
  ["engine-limit-bytes", ["engine_limit_bytes", "The most it may be; 0: no limit"]],
  ["journal-bytes", ["journal_bytes", "What a program that fails is built up from"]],
  ["recoveries", ["recoveries_total", "Programs that failed and were started anew"]],
  ["outage-programs", ["program_updates_total", "Live updates to another program"]],
  ["outage-wholes", ["whole_updates_total", "Live updates to another executable or image"]],
  ["outage-takeovers", ["takeovers_total", "Times that C xenstored became this daemon"]],
  ["faults-injected", ["faults_injected_total", "Failures on purpose"]],
  ["link-bytes", ["link_bytes", "Buffers of rings and sockets"]],
  ["resident-bytes", ["resident_bytes", "The process in memory"]],
  ["kernel-left-bytes", ["kernel_left_bytes", "What the heap may still grow by"]],
  ["grants-mapped", ["grants_mapped", "Pages of guests that are mapped"]],
  ["share-lines-lost", ["share_lines_lost_total", "Lines of logs for which the 9pfs share was too slow"]],
  ["collector-longest-ms", ["collector_longest_ms", "The longest collection"]],
]);

/** Series of a domain's connections; those of its quotas come from Context.usage. */
const activities: readonly (readonly [name: string, help: string, value: (activity: Activity) => number])[] = [
  ["requests_total", "Requests of a domain's connections", (a) => a.requests],
  ["events_total", "Watch events to them", (a) => a.events],
  ["messages_waiting", "Messages that they had no room for", (a) => a.waiting],
  ["conflicts_suffered_total", "Transactions that failed for changes of others", (a) => a.conflictsSuffered],
  ["conflicts_caused_total", "Transactions of others that failed for its own", (a) => a.conflictsCaused],
];

/** The longest text of a reply: a payload without its NUL. */
const MOST = 4095;

/**
 * `metrics [<domid>]`: metrics in Prometheus' text format, as many as a reply carries. Without a domid: the
 * daemon's figures, and quota usage of the domains with most nodes. With one: all series of the domains
 * from this number on.
 */
export const metrics: Command = {
  name: "metrics",
  parameters: "[<domid>]",
  run(context, args) {
    const [word] = args;
    if (word === undefined) return whole(context);
    const from = word === "" || args.length > 1 ? -1 : parseDomid(word);
    return from < 0 ? null : page(context, from);
  },
};

function whole(context: Context): string {
  const totals = context.totals();
  let text = "";
  for (const [name, help, value] of figures) text += series(name, help, value(context, totals));
  for (const [figure, value] of context.host.insight.metrics()) {
    const row = below.get(figure);
    if (row !== undefined) text += series(row[0], row[1], Math.round(value));
  }
  const refused = context.refusals.named();
  if (refused.length > 0) text += head("refusals_total", "Refused to all clients that ever were");
  for (const [quota, count] of refused) text += `xenstored_refusals_total{quota="${quota}"} ${count}\n`;
  return text + largest(context, MOST - text.length);
}

function head(name: string, help: string): string {
  return `# HELP xenstored_${name} ${help}\n# TYPE xenstored_${name} ${name.endsWith("_total") ? "counter" : "gauge"}\n`;
}

function series(name: string, help: string, value: number): string {
  return `${head(name, help)}xenstored_${name} ${value}\n`;
}

const USAGE = "What a domain uses of a quota";

function usageOf(context: Context, domid: number): string {
  const line = (quota: number, value: number): string =>
    `xenstored_domain_usage{domid="${domid}",quota="${quotaTable[quota]?.name}"} ${value}\n`;
  return (context.usage(domid) ?? []).map(({ quota, now }) => line(quota, now)).join("");
}

function largest(context: Context, room: number): string {
  const rows = context.domids().map((domid) => {
    return { nodes: context.usage(domid)?.[0]?.now ?? 0, text: usageOf(context, domid) };
  });
  rows.sort((a, b) => b.nodes - a.nodes);
  let text = head("domain_usage", USAGE);
  const empty = text.length;
  for (const row of rows) {
    if (text.length + row.text.length > room) break;
    text += row.text;
  }
  return text.length > empty ? text : "";
}

/** The lines of one domain are adjacent: tools/xenstore-exporter, which reads all pages, sorts them. */
function page(context: Context, from: number): string {
  const all = context.activities();
  const domids = [...new Set([...context.domids(), ...all.keys()])].filter((d) => d >= from).sort((a, b) => a - b);
  let text = head("domain_usage", USAGE) + head("domain_limit", "The quota; 0: no limit");
  for (const [name, help] of activities) text += head(`domain_${name}`, help);
  text += head("domain_refusals_total", "Refused to a domain");
  const empty = text.length;
  for (const domid of domids) {
    const one = ofDomain(context, domid, all.get(domid));
    if (text.length + one.length > MOST) break;
    text += one;
  }
  return text.length > empty ? text : "";
}

function ofDomain(context: Context, domid: number, activity: Activity | undefined): string {
  let text = usageOf(context, domid);
  const bound = !context.privileged(domid);
  for (const { quota } of context.usage(domid) ?? [])
    text += `xenstored_domain_limit{domid="${domid}",quota="${quotaTable[quota]?.name}"} ${
      bound ? context.quotas.get(domid, quota) : 0
    }\n`;
  for (const [quota, count] of context.refusalsOf(domid)?.named() ?? [])
    text += `xenstored_domain_refusals_total{domid="${domid}",quota="${quota}"} ${count}\n`;
  if (activity === undefined) return text;
  for (const [name, , value] of activities) text += `xenstored_domain_${name}{domid="${domid}"} ${value(activity)}\n`;
  return text;
}
