import { type Quota, quotaByName, quotaTable } from "../quota/quotas.ts";
import { Errno } from "../wire/errno.ts";
import { parseDomid, parseNumber } from "../wire/payload.ts";
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

function set(context: Context, name: string, text: string, domid = -1): string | null | Errno {
  const quota = quotaByName(name);
  const value = parseNumber(text);
  if (quota < 0 || value < 1) return null;
  if (domid >= 0 && context.usage(domid) === null) return Errno.ENOENT;
  context.setQuota(domid, quota, value);
  return "OK";
}

function ofDomain(context: Context, domid: number): string | null | Errno {
  const usage = context.usage(domid);
  if (usage === null) return Errno.ENOENT;
  let text = `Domain ${domid}:\n`;
  for (const { quota, now, most } of usage)
    text += `${nameOf(quota)}: ${String(now).padStart(8)} (max ${String(most).padStart(8)})\n`;
  return text;
}

function highest(context: Context): string {
  let text = "Max. seen accounting values:\n";
  for (const [quota, row] of quotaTable.entries())
    if (!row.name.startsWith("soft-"))
      text += `${nameOf(quota)}: ${String(context.peak(quota as Quota)).padStart(8)}\n`;
  return text;
}

function nameOf(quota: Quota): string {
  return (quotaTable[quota]?.name ?? "").padEnd(17);
}

/** `quota [set [<domid>] <name> <val>|<domid>|max [-r]]` */
export const quota: Command = {
  name: "quota",
  parameters: "[set [<domid>] <name> <val>|<domid>|max [-r]]",
  run(context, args) {
    const [first, second, third, fourth] = args;
    if (first === undefined) return settings(context, false);
    if (first === "set") {
      if (args.length === 3) return set(context, second as string, third as string);
      const domid = args.length === 4 && second !== "" ? parseDomid(second as string) : -1;
      return domid < 0 ? null : set(context, third as string, fourth as string, domid);
    }
    if (first === "max") {
      if (args.length > 2 || (second !== undefined && second !== "-r")) return null;
      if (second !== undefined) context.resetPeaks();
      return highest(context);
    }
    const domid = args.length === 1 ? parseNumber(first) : -1;
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
