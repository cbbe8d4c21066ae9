import { printable } from "../observe/values.ts";
import { checkTree } from "../store/check.ts";
import { parseNumber } from "../wire/payload.ts";
import type { Command, Context } from "./context.ts";
import { saveWhole } from "./save.ts";

/** `check`: checks the store's consistency and logs each finding. */
export const check: Command = {
  name: "check",
  parameters: "",
  run(context, args) {
    if (args.length > 0) return null;
    const found = checkTree(context.tree);
    for (const line of found) context.log.line(`check: ${line}`);
    return found.length === 0 ? "OK" : `${found.length} findings, see the log`;
  },
};

/** `print <string>`: writes a line to the log. */
export const print: Command = {
  name: "print",
  parameters: "<string>",
  run(context, args) {
    if (args.length !== 1) return null;
    const text = printable(args[0] as string);
    context.log.line(`control: ${text}`);
    if (context.access.on) context.access.print(text);
    return "OK";
  },
};

/** `watches [<domid>]`: a line for each watch. */
export const watches: Command = {
  name: "watches",
  parameters: "[<domid>]",
  run(context, args) {
    if (args.length > 1) return null;
    const domid = args.length === 0 ? -1 : parseNumber(args[0] as string);
    if (args.length === 1 && domid < 0) return null;
    return context.watches(domid).join("");
  },
};

/**
 * `memreport [<file>]`: counts and bytes of the store, engine and host. They go to a file of the host;
 * without one to the trace file, or into the reply if there is no trace file.
 */
export const memreport: Command = {
  name: "memreport",
  parameters: "[<file>]",
  run(context, args) {
    const [path] = args;
    if (args.length > 1 || path === "") return null;
    const report = memory(context);
    const { update } = context.host;
    if (path !== undefined) {
      saveWhole(update, () => update.save(report));
      return update.write(path) || "OK";
    }
    const { sink } = context.trace;
    if (!sink.own) return report;
    for (const line of report.trimEnd().split("\n")) sink.write(line);
    return "OK";
  },
};

function memory(context: Context): string {
  const { tree, host } = context;
  const totals = context.totals();
  const rows: readonly (readonly [string, number])[] = [
    ["nodes", tree.size],
    ["rows", tree.parent.length],
    ["permission lists", tree.perms.count],
    ["watches", tree.watches.count],
    ["history records", tree.history.size],
    ["history bytes", tree.history.bytes],
    ["connections", totals.connections],
    ["open transactions", totals.transactions],
    ["queue messages", totals.waiting],
    ["queue bytes", totals.waitingBytes],
    ...host.insight.metrics(),
  ];
  return rows.map(([name, value]) => `${name}: ${Math.round(value * 10) / 10}\n`).join("");
}
