import { EVENT_TIMEOUT } from "./limits.ts";
import { traceSwitches } from "./observe/trace.ts";
import { type Quotas, quotaByName } from "./quota/quotas.ts";
import { parseNumber } from "./wire/payload.ts";

/** What the command line, or `--param` of a stub domain, can set besides quotas. */
export interface Options {
  /** Milliseconds; 0: events of guests are kept for ever. */
  eventTimeout: number;
  /** The nodes of dead domains stay, without an owner. */
  keepOrphans: boolean;
  /** Switches of the log, `+name` or `-name`. */
  traceSwitches: string[];
}

export function defaultOptions(): Options {
  return { eventTimeout: EVENT_TIMEOUT, keepOrphans: false, traceSwitches: [] };
}

interface Row {
  readonly long: string;
  readonly short: string;
  /** What its argument is; null: it takes none. */
  readonly argument: string | null;
  /** Returns why it cannot be, or null. */
  readonly set: (argument: string, options: Options, quotas: Quotas) => string | null;
}

function quotaOption(long: string, short: string, name: string): Row {
  return {
    long,
    short,
    argument: "<n>",
    set: (argument, _options, quotas) => setQuota(quotas, name, argument),
  };
}

function setQuota(quotas: Quotas, name: string, text: string): string | null {
  const quota = quotaByName(name);
  if (quota < 0) return `there is no quota ${name}`;
  const value = parseNumber(text);
  if (value < 0) return `${text} is not a number`;
  quotas.set(-1, quota, value);
  return null;
}

/** Splits `what=n`. */
function pair(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

const table: readonly Row[] = [
  quotaOption("entry-nb", "E", "nodes"),
  quotaOption("entry-size", "S", "node-size"),
  quotaOption("watch-nb", "W", "watches"),
  quotaOption("transaction", "t", "transactions"),
  quotaOption("perm-nb", "A", "node-permissions"),
  quotaOption("path-max", "M", "path-max"),
  {
    long: "quota",
    short: "Q",
    argument: "<what>=<n>",
    set: (argument, _options, quotas) => setQuota(quotas, ...pair(argument)),
  },
  {
    long: "quota-soft",
    short: "q",
    argument: "<what>=<n>",
    set: (argument, _options, quotas) => {
      const [name, value] = pair(argument);
      return setQuota(quotas, `soft-${name}`, value);
    },
  },
  {
    long: "timeout",
    short: "w",
    argument: "watch-event=<seconds>",
    set: (argument, options) => {
      const [name, text] = pair(argument);
      const seconds = parseNumber(text);
      if (name !== "watch-event" || seconds < 0) return `${argument} is not watch-event=<seconds>`;
      options.eventTimeout = seconds * 1000;
      return null;
    },
  },
  {
    long: "keep-orphans",
    short: "K",
    argument: null,
    set: (_argument, options) => {
      options.keepOrphans = true;
      return null;
    },
  },
  {
    long: "trace-control",
    short: "",
    argument: "+<switch>|-<switch>",
    set: (argument, options) => {
      if (!traceSwitches.some(({ name }) => argument === `+${name}` || argument === `-${name}`))
        return `there is no switch ${argument}`;
      options.traceSwitches.push(argument);
      return null;
    },
  },
];

/** Takes the options one by one. Returns one line for each that is unknown or wrong. */
export function parseOptions(args: readonly string[], options: Options, quotas: Quotas): string[] {
  const trouble: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const [name, inline] = split(arg);
    const row = table.find((r) => name === `--${r.long}` || (r.short !== "" && name === `-${r.short}`));
    if (row === undefined) {
      trouble.push(`unknown option: ${arg}`);
      continue;
    }
    if (row.argument === null) {
      const wrong = row.set("", options, quotas);
      if (wrong !== null) trouble.push(`${arg}: ${wrong}`);
      continue;
    }
    const value = inline ?? args[++i];
    const wrong = value === undefined ? `${row.argument} is missing` : row.set(value, options, quotas);
    if (wrong !== null) trouble.push(`${name}: ${wrong}`);
  }
  return trouble;
}

/** `--name=value` and `-Xvalue` carry their argument. */
function split(arg: string): [string, string | null] {
  if (arg.startsWith("--")) {
    const at = arg.indexOf("=");
    return at < 0 ? [arg, null] : [arg.slice(0, at), arg.slice(at + 1)];
  }
  return arg.length > 2 && arg.startsWith("-") ? [arg.slice(0, 2), arg.slice(2)] : [arg, null];
}
