import { checkTree } from "../store/check.ts";
import { parseNumber } from "../wire/payload.ts";
import type { Command } from "./context.ts";

/** `check`: walks the store; what it finds goes to the log. */
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

/** `print <string>`: a line in the log. */
export const print: Command = {
  name: "print",
  parameters: "<string>",
  run(context, args) {
    if (args.length !== 1) return null;
    context.log.line(`control: ${args[0]}`);
    if (context.access.on) context.access.print(args[0] as string);
    return "OK";
  },
};

/** `watches [<domid>]`: the watches that are set. */
export const watches: Command = {
  name: "watches",
  parameters: "[<domid>]",
  run(context, args) {
    if (args.length > 1) return null;
    const domid = args.length === 0 ? -1 : parseNumber(args[0] as string);
    if (args.length === 1 && domid < 0) return null;
    return context.watches(domid).join("\n");
  },
};

/** `memreport`: how much of what the store holds. */
export const memreport: Command = {
  name: "memreport",
  parameters: "",
  run(context, args) {
    if (args.length > 0) return null;
    const { tree } = context;
    return (
      `nodes: ${tree.size}\nrows: ${tree.parent.length}\npermission lists: ${tree.perms.count}\n` +
      `watches: ${tree.watches.count}\nhistory records: ${tree.history.size}\nhistory bytes: ${tree.history.bytes}\n`
    );
  },
};
