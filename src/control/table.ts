import { Errno } from "../wire/errno.ts";
import { strings } from "../wire/payload.ts";
import { config } from "./config.ts";
import type { Command, Context } from "./context.ts";
import { mfn, txn, xenbus } from "./domain.ts";
import { dump } from "./dump.ts";
import { liveUpdate } from "./live-update.ts";
import { check, memreport, print, watches } from "./look.ts";
import { metrics } from "./metrics.ts";
import { quota, quotaSoft } from "./quota.ts";
import { simulate } from "./simulate.ts";
import { log, logfile } from "./trace.ts";
import { traceDump } from "./trace-dump.ts";
import { compact, trim } from "./upkeep.ts";

const help: Command = {
  name: "help",
  parameters: "",
  run(_context, args) {
    if (args.length > 0) return null;
    return commands.map((c) => `${c.name.padEnd(15)} ${c.parameters}\n`).join("");
  },
};

/** In the order in which `help` lists them. */
const commands: readonly Command[] = [
  check,
  log,
  liveUpdate,
  logfile,
  memreport,
  print,
  quota,
  quotaSoft,
  help,
  compact,
  config,
  dump,
  metrics,
  mfn,
  simulate,
  traceDump,
  trim,
  txn,
  watches,
  xenbus,
];

/** CONTROL `command|(parameter|)*` -> text. EINVAL for an unknown command or wrong parameters. */
export function control(context: Context, payload: string): string | Errno {
  const [name, ...args] = strings(payload);
  const command = commands.find((c) => c.name === name);
  const text = command === undefined ? null : command.run(context, args, payload);
  if (text === null) return Errno.EINVAL;
  return typeof text === "string" ? `${text}\0` : text;
}
