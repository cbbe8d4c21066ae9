import { quotaTable } from "../quota/quotas.ts";
import type { Command, Context, Totals } from "./context.ts";

/** One figure of the whole: its name, what it is, and its value. */
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
  ];

/** `metrics`: in Prometheus' text format, at most what one message carries; domains with the most nodes first. */
export const metrics: Command = {
  name: "metrics",
  parameters: "",
  run(context, args) {
    if (args.length > 0) return null;
    const totals = context.totals();
    let text = "";
    for (const [name, help, value] of figures) {
      const full = `xenstored_${name}`;
      text += `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${full} ${value(context, totals)}\n`;
    }
    return text + domains(context, MOST - text.length);
  },
};

/** A message, less its NUL. */
const MOST = 4095;

function domains(context: Context, room: number): string {
  const head = "# HELP xenstored_domain_usage What a domain uses of a quota\n# TYPE xenstored_domain_usage gauge\n";
  const rows: { most: number; text: string }[] = [];
  for (const domid of context.domids()) {
    const usage = context.usage(domid) ?? [];
    const line = (quota: number, value: number): string =>
      `xenstored_domain_usage{domid="${domid}",quota="${quotaTable[quota]?.name}"} ${value}\n`;
    rows.push({ most: usage[0]?.now ?? 0, text: usage.map(({ quota, now }) => line(quota, now)).join("") });
  }
  rows.sort((a, b) => b.most - a.most);
  let text = head;
  for (const row of rows) {
    if (text.length + row.text.length > room) break;
    text += row.text;
  }
  return text.length > head.length ? text : "";
}
