import { type Quotas, quotaByName } from "../quota/quotas.ts";
import { parseNumber } from "../wire/payload.ts";
import type { Options } from "./settings.ts";

/** Who uses an option: the daemon, the Linux program below it, the stub domain's, or none of them. */
type Taker = "daemon" | "process" | "stub" | "nobody";

/** One option: on a command line as `--name`, in a file and at run time as `name`. */
export interface Row {
  readonly name: string;
  /** Its letter; "": none. */
  readonly short: string;
  /** Other names: those of C xenstored and oxenstored. */
  readonly also: readonly string[];
  /** Form of its argument; null: none, and in a file the value is true or false. */
  readonly argument: string | null;
  /** The default, as text. */
  readonly standard: string;
  readonly help: string;
  readonly by: Taker;
  /** It can be changed while the daemon runs. */
  readonly running: boolean;
  /** Parses and stores the argument. Returns null, or the error; then nothing has changed. */
  readonly set: (argument: string, options: Options, quotas: Quotas) => string | null;
  /** The value in force; null: none is shown. */
  readonly get: (options: Options, quotas: Quotas) => string | null;
}

interface Names {
  readonly short?: string;
  readonly also?: readonly string[];
  readonly running?: boolean;
}

type FieldsOf<T> = { [K in keyof Options]: Options[K] extends T ? K : never }[keyof Options];

/**
 * An integer option in its own unit; the field has the value times `scale`. -1 is accepted where `lowest`
 * is below 0.
 */
export function number(
  name: string,
  field: FieldsOf<number>,
  help: string,
  standard: number,
  {
    argument = "<n>",
    scale = 1,
    lowest = 0,
    ...names
  }: Names & { argument?: string; scale?: number; lowest?: number } = {},
): Row {
  return row(name, argument, String(standard), help, names, {
    set(text, options) {
      const value = text === "-1" && lowest < 0 ? -1 : parseNumber(text);
      if (value < 0 && text !== "-1") return `${text} is not a number`;
      if (value < lowest) return `${text} is too small`;
      options[field] = value * scale;
      return null;
    },
    get: (options) => String(options[field] / scale),
  });
}

/** An option with a number above 0 that may have a fraction. */
export function decimal(
  name: string,
  field: FieldsOf<number>,
  help: string,
  standard: string,
  { argument = "<n>", scale = 1, ...names }: Names & { argument?: string; scale?: number } = {},
): Row {
  return row(name, argument, standard, help, names, {
    set(text, options) {
      if (!/^\d{1,9}(\.\d{0,9})?$/.test(text) || Number(text) <= 0) return `${text} is not a number above 0`;
      options[field] = Number(text) * scale;
      return null;
    },
    get: (options) => String(options[field] / scale),
  });
}

/** An option that is true or false. */
export function flag(name: string, field: FieldsOf<boolean>, help: string, names: Names = {}): Row {
  return row(name, null, "false", help, names, {
    set(text, options) {
      const value = truth(text);
      if (value === null) return `${text} is not true or false`;
      options[field] = value;
      return null;
    },
    get: (options) => String(options[field]),
  });
}

/** An option with any text, usually a file. */
export function text(
  name: string,
  field: FieldsOf<string>,
  help: string,
  { argument = "<file>", ...names }: Names & { argument?: string } = {},
): Row {
  return row(name, argument, "", help, names, {
    set(value, options) {
      options[field] = value;
      return null;
    },
    get: (options) => options[field],
  });
}

/** An option for a global quota. */
export function quota(name: string, of: string, names: Names, help: string, standard: number): Row {
  return row(name, "<n>", String(standard), help, names, {
    set: (value, _options, quotas) => setQuota(quotas, of, value),
    get: (_options, quotas) => String(quotas.get(-1, quotaByName(of))),
  });
}

/** An option with its own `set` and `get`. */
export function row(
  name: string,
  argument: string | null,
  standard: string,
  help: string,
  names: Names,
  does: Pick<Row, "set" | "get">,
): Row {
  const { short = "", also = [], running = true } = names;
  return { name, short, also, argument, standard, help, by: "daemon", running, ...does };
}

/** An option that the program below uses. */
export function elsewhere(
  by: "process" | "stub",
  name: string,
  short: string,
  argument: string | null,
  standard: string,
  help: string,
): Row {
  const nothing = { set: () => null, get: () => null };
  return { name, short, also: [], argument, standard, help, by, running: false, ...nothing };
}

/** An option of C xenstored or oxenstored that is accepted without effect; the log says `why`. */
export function meaningless(name: string, argument: string | null, why: string, short = ""): Row {
  const nothing = { set: () => null, get: () => null };
  return { name, short, also: [], argument, standard: "", help: why, by: "nobody", running: false, ...nothing };
}

/** Parses true or false, with the usual synonyms; "" is true. Null: it is neither. */
export function truth(text: string): boolean | null {
  if (["", "true", "yes", "on", "1"].includes(text)) return true;
  return ["false", "no", "off", "0"].includes(text) ? false : null;
}

/** Sets a global quota. Returns null, or the error. */
export function setQuota(quotas: Quotas, name: string, value: string): string | null {
  const quota = quotaByName(name);
  if (quota < 0) return `there is no quota ${name}`;
  const n = parseNumber(value);
  if (n < 0) return `${value} is not a number`;
  quotas.set(-1, quota, n);
  return null;
}
