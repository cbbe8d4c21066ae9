import { type Quotas, quotaTable } from "../quota/quotas.ts";
import type { Settings } from "./context.ts";

/** The options of C xenstored for quotas; for others it has `--quota=NAME=N`. */
const OPTION_OF: { readonly [quota: string]: string } = {
  nodes: "entry-nb",
  "node-size": "entry-size",
  watches: "watch-nb",
  transactions: "transaction",
  "node-permissions": "perm-nb",
  "path-max": "path-max",
  "soft-memory": "quota-soft=memory",
};
/** What stands for "unlimited" there. */
const UNLIMITED = 0x7fff_ffff;

/** The settings that C xenstored has as well, as options that each of its versions from 4.17 on knows. */
export function optionsForC(quotas: Quotas, settings: Settings): string[] {
  const words: string[] = [];
  for (const [quota, { name, standard }] of quotaTable.entries()) {
    const value = quotas.get(-1, quota);
    if (value !== standard) words.push(`--${OPTION_OF[name] ?? `quota=${name}`}=${value === 0 ? UNLIMITED : value}`);
  }
  const timeout = settings.get("timeout");
  if (timeout !== null && timeout !== "watch-event=20") words.push(`--timeout=${timeout}`);
  if (settings.get("keep-orphans") === "true") words.push("--keep-orphans");
  return words;
}
