import { Quota, quotaByName, quotaTable } from "../quota/quotas.ts";
import { parseNumber } from "../wire/payload.ts";
import type { Command, Context } from "./context.ts";

function settings(context: Context, soft: boolean): string {
  let text = "Quota settings:\n";
  for (const [quota, row] of quotaTable.entries()) {
    if (row.name.startsWith("soft-") !== soft) continue;
    const name = soft ? row.name.slice("soft-".length) : row.name;
    text += `${name.padEnd(17)}: ${String(context.quotas.get(-1, quota)).padStart(8)} ${row.help}\n`;
  }
  return text;
}

function set(context: Context, name: string, text: string): string | null {
  const quota = quotaByName(name);
  const value = parseNumber(text);
  if (quota < 0 || value < 1) return null;
  context.quotas.set(-1, quota, value);
  context.quotasChanged();
  return "OK";
}

function ofDomain(context: Context, domid: number): string | null {
  const usage = context.usage(domid);
  if (usage === null) return null;
  const line = (name: string, value: number, quota: Quota): string =>
    `${name.padEnd(17)}: ${String(value).padStart(8)} (quota ${context.quotas.get(domid, quota)})\n`;
  return (
    `Domain ${domid}:\n` +
    line("nodes", usage.nodes, Quota.nodes) +
    line("watches", usage.watches, Quota.watches) +
    line("transactions", usage.transactions, Quota.transactions)
  );
}

/** `quota [set <name> <val>|<domid>]` */
export const quota: Command = {
  name: "quota",
  parameters: "[set <name> <val>|<domid>]",
  run(context, args) {
    if (args.length === 0) return settings(context, false);
    if (args.length === 3 && args[0] === "set") return set(context, args[1] as string, args[2] as string);
    const domid = args.length === 1 ? parseNumber(args[0] as string) : -1;
    return domid < 0 ? null : ofDomain(context, domid);
  },
};

/** `quota-soft [set <name> <val>]` */
export const quotaSoft: Command = {
  name: "quota-soft",
  parameters: "[set <name> <val>]",
  run(context, args) {
    if (args.length === 0) return settings(context, true);
    return args.length === 3 && args[0] === "set" ? set(context, `soft-${args[1]}`, args[2] as string) : null;
  },
};
