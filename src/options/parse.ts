import type { Quotas } from "../quota/quotas.ts";
import type { Row } from "./kinds.ts";
import type { Options } from "./settings.ts";
import { optionByName, optionTable } from "./table.ts";

/** The result of parseOptions. */
interface Parsed {
  /** A line for each unknown or wrong option. */
  readonly wrong: string[];
  /** A line for each option without effect here. */
  readonly notes: string[];
}

/** Parses command line arguments and sets options and quotas. Wrong ones are reported and skipped. */
export function parseOptions(args: readonly string[], options: Options, quotas: Quotas): Parsed {
  const parsed: Parsed = { wrong: [], notes: [] };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const [name, inline] = split(arg);
    const row = name.startsWith("--")
      ? optionByName(name.slice(2))
      : optionTable.find((r) => r.short !== "" && name === `-${r.short}`);
    if (row === undefined) {
      parsed.wrong.push(arg.startsWith("-") ? `unknown option: ${arg}` : `no arguments are wanted: ${arg}`);
      continue;
    }
    const value = inline ?? (row.argument === null ? "" : args[++i]);
    if (value === undefined) parsed.wrong.push(`${name}: ${row.argument} is missing`);
    else take(row, name, value, options, quotas, parsed);
  }
  return parsed;
}

function take(row: Row, name: string, value: string, options: Options, quotas: Quotas, parsed: Parsed): void {
  if (row.by !== "daemon") {
    const why = row.by === "nobody" ? row.help : row.by === "stub" ? "it is for a stub domain" : "it is for Linux";
    parsed.notes.push(`option ${name} has no meaning here: ${why}`);
    return;
  }
  const wrong = row.set(value, options, quotas);
  if (wrong !== null) parsed.wrong.push(`${name}: ${wrong}`);
}

/** Splits `--name=value` and `-Xvalue`; null: the argument has no value. */
function split(arg: string): [string, string | null] {
  if (arg.startsWith("--")) {
    const at = arg.indexOf("=");
    return at < 0 ? [arg, null] : [arg.slice(0, at), arg.slice(at + 1)];
  }
  return arg.length > 2 && arg.startsWith("-") ? [arg.slice(0, 2), arg.slice(2)] : [arg, null];
}
