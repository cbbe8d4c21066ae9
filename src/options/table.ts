import { levelNames } from "../observe/log.ts";
import { traceSwitches } from "../observe/trace.ts";
import { quotaTable } from "../quota/quotas.ts";
import { parseNumber } from "../wire/payload.ts";
import { decimal, elsewhere, flag, meaningless, number, quota, type Row, row, setQuota, text, truth } from "./kinds.ts";
import { defaultOptions } from "./settings.ts";

const standard = defaultOptions();
const quotaStandard = (name: string): number => quotaTable.find((r) => r.name === name)?.standard ?? 0;
const nothing = (): null => null;

/** Splits `what=n`. */
function pair(argument: string): [string, string] {
  const at = argument.indexOf("=");
  return at < 0 ? [argument, ""] : [argument.slice(0, at), argument.slice(at + 1)];
}

/**
 * All options: this program's and those of C xenstored and oxenstored. `--help` and docs/options.md are
 * made from it.
 */
export const optionTable: readonly Row[] = [
  // Options of the Linux program.
  elsewhere("process", "help", "H", null, "", "show this list and end"),
  elsewhere("process", "version", "", null, "", "show the version and end"),
  elsewhere("process", "config-file", "", "<file>", "", "read options from a file: key = value, # begins a comment"),
  elsewhere("process", "config-test", "", null, "", "check the file and the options, and end"),
  elsewhere("process", "no-fork", "N", null, "", "stay in the foreground"),
  elsewhere("process", "pid-file", "F", "<file>", "", "hold this file locked, with the process's number in it"),
  elsewhere(
    "process",
    "rundir",
    "",
    "<directory>",
    "/run/xenstored",
    "where the socket is; else XENSTORED_PATH or XENSTORED_RUNDIR say it",
  ),
  elsewhere("process", "disable-socket", "", null, "", "serve rings only"),
  elsewhere(
    "process",
    "domains-module",
    "",
    "<file>",
    "",
    "what asks Xen of domains, in place of the one beside the program",
  ),
  elsewhere(
    "process",
    "xenstored-kva",
    "",
    "<file>",
    "/proc/xen/xsd_kva",
    "Dom0's page, where the kernel offers no other",
  ),
  elsewhere("process", "xenstored-port", "", "<file>", "/proc/xen/xsd_port", "Dom0's port, likewise"),
  elsewhere("process", "restore", "", "<file>", "", "begin with a state that was dumped"),
  elsewhere("process", "take-over", "", "<fd>", "", "live updates only: what the executable before has left"),
  elsewhere(
    "process",
    "live-update",
    "U",
    null,
    "",
    "live updates only: take over the state that C xenstored has left",
  ),
  elsewhere("process", "on-failure", "", "<xenstored>", "", "with it: what is executed again if that cannot be read"),
  elsewhere("process", "rehearse", "", null, "", "with it: only try, and execute that again"),
  elsewhere("process", "simulate-domains", "", "<directory>", "", "tests only: each domain is a socket in it"),

  // Options of the stub domain.
  elsewhere("stub", "event", "e", "<port>", "", "Dom0's event channel; init-xenstore-domain gives it"),
  elsewhere("stub", "priv-domid", "p", "<domid>", "0", "the privileged domain"),
  elsewhere("stub", "master-domid", "m", "<domid>", "", "the domain that runs the store; found out"),

  // Quotas.
  quota(
    "entry-nb",
    "nodes",
    { short: "E", also: ["quota-maxentity"] },
    "nodes that a domain may own",
    quotaStandard("nodes"),
  ),
  quota(
    "entry-size",
    "node-size",
    { short: "S", also: ["quota-maxsize"] },
    "size of a node",
    quotaStandard("node-size"),
  ),
  quota(
    "watch-nb",
    "watches",
    { short: "W", also: ["quota-maxwatch"] },
    "watches of a domain",
    quotaStandard("watches"),
  ),
  quota(
    "transaction",
    "transactions",
    { short: "t", also: ["quota-transaction"] },
    "open transactions of a domain",
    quotaStandard("transactions"),
  ),
  quota("perm-nb", "node-permissions", { short: "A" }, "permissions of a node", quotaStandard("node-permissions")),
  quota(
    "path-max",
    "path-max",
    { short: "M", also: ["quota-path-max"] },
    "length of a path, at most 2048",
    quotaStandard("path-max"),
  ),
  quota(
    "quota-maxoutstanding",
    "outstanding",
    {},
    "requests of a domain of which something waits",
    quotaStandard("outstanding"),
  ),
  row(
    "quota",
    "<what>=<n>",
    "",
    "any quota, by the name that xenstore-control quota shows",
    { short: "Q" },
    {
      set: (argument, _options, quotas) => setQuota(quotas, ...pair(argument)),
      get: nothing,
    },
  ),
  row(
    "quota-soft",
    "<what>=<n>",
    "",
    "where a warning is due: memory",
    { short: "q" },
    {
      set(argument, _options, quotas) {
        const [name, value] = pair(argument);
        return setQuota(quotas, `soft-${name}`, value);
      },
      get: nothing,
    },
  ),
  row(
    "quota-activate",
    "true|false",
    "true",
    "false: the quotas of nodes, sizes and watches are unlimited",
    {},
    {
      set(argument, _options, quotas) {
        const on = truth(argument);
        if (on === null) return `${argument} is not true or false`;
        for (const name of ["nodes", "node-size", "watches"]) if (!on) setQuota(quotas, name, "0");
        return null;
      },
      get: nothing,
    },
  ),
  number(
    "quota-maxwatchevents",
    "guestEvents",
    "events that are kept for a guest that does not read",
    standard.guestEvents,
  ),

  // Behaviour.
  row(
    "timeout",
    "watch-event=<seconds>",
    "watch-event=20",
    "how long they are kept; 0: for ever",
    { short: "w" },
    {
      set(argument, options) {
        const [name, value] = pair(argument);
        const seconds = parseNumber(value);
        if (name !== "watch-event" || seconds < 0) return `${argument} is not watch-event=<seconds>`;
        options.eventTimeout = seconds * 1000;
        return null;
      },
      get: ({ eventTimeout }) => `watch-event=${eventTimeout / 1000}`,
    },
  ),
  flag("keep-orphans", "keepOrphans", "the nodes of dead domains stay", { short: "K" }),
  decimal("conflict-burst-limit", "conflictCredit", "transactions of others that a guest may make fail in a row", "5"),
  decimal("conflict-max-history-seconds", "conflictTick", "time in which it earns one more", "0.05", {
    argument: "<seconds>",
    scale: 1000,
  }),
  number("inject-faults", "injectFaults", "tests only: one message in so many meets a failure; 0: none", 0, {
    running: true,
  }),
  flag("test-eagain", "testEagain", "tests only: one commit of three fails"),
  number(
    "slow-after",
    "slowAfter",
    "a reply that takes longer is told below /tool/xenstored/slow",
    standard.slowAfter,
    {
      argument: "<milliseconds>",
    },
  ),

  // Logs.
  text("xenstored-log-file", "logFile", "the log, or syslog:<facility>; otherwise standard error or the console"),
  row(
    "xenstored-log-level",
    levelNames.join("|"),
    "info",
    "what is less than that is not told",
    {},
    {
      set(argument, options) {
        const level = levelNames.indexOf(argument as (typeof levelNames)[number]);
        if (level < 0) return `${argument} is not one of ${levelNames.join(" ")}`;
        options.logLevel = level;
        return null;
      },
      get: ({ logLevel }) => levelNames[logLevel] ?? null,
    },
  ),
  number("xenstored-log-nb-files", "logFiles", "old ones that are kept", standard.logFiles),
  number("xenstored-log-nb-lines", "logLines", "lines after which a new one begins", standard.logLines),
  number("xenstored-log-nb-chars", "logChars", "longest line; -1: any", standard.logChars, { lowest: -1 }),
  text("trace-file", "traceFile", "what is traced goes there, as C xenstored writes it; otherwise into the log", {
    short: "T",
  }),
  row(
    "trace-control",
    "+<switch>|-<switch>",
    "+obj +io",
    `what is traced: ${traceSwitches.map((s) => s.name).join(" ")}`,
    {},
    {
      set(argument, options) {
        if (!traceSwitches.some(({ name }) => argument === `+${name}` || argument === `-${name}`))
          return `there is no switch ${argument}`;
        options.traceSwitches.push(argument);
        return null;
      },
      get: nothing,
    },
  ),
  flag("access-log", "accessLog", "who asks for what, as oxenstored writes it"),
  row(
    "no-access-log",
    null,
    "",
    "the same as --access-log=false",
    {},
    {
      set(_argument, options) {
        options.accessLog = false;
        return null;
      },
      get: nothing,
    },
  ),
  text("access-log-file", "accessFile", "where to, or syslog:<facility>; otherwise into the log"),
  number("access-log-nb-files", "accessFiles", "old ones that are kept", standard.accessFiles),
  number("access-log-nb-lines", "accessLines", "lines after which a new one begins", standard.accessLines),
  number("access-log-nb-chars", "accessChars", "longest line; -1: any", standard.accessChars, { lowest: -1 }),
  flag("access-log-read-ops", "accessReads", "reading as well"),
  flag("access-log-transactions-ops", "accessTransactions", "transactions as well"),
  flag("access-log-special-ops", "accessSpecials", "what toolstacks ask for of domains as well"),
  flag("log-values", "logValues", "values are told in the trace and in the access log, not only their sizes"),

  // Options of C xenstored and oxenstored without effect here.
  meaningless("restart", null, "see --restore"),
  meaningless("live", null, "the state is handed over without it"),
  meaningless("no-domain-init", null, "rings are attached where there are any"),
  meaningless("reraise-top-level", null, "a bug costs one request"),
  meaningless("merge-activate", "true|false", "transactions that touch different nodes never conflict"),
  meaningless("perms-activate", "true|false", "permissions are always checked"),
  meaningless("perms-watch-activate", "true|false", "events are always filtered by permissions"),
  meaningless("conflict-rate-limit-is-aggregate", "true|false", "each guest earns its own credit"),
  meaningless("quota-maxrequests", "<n>", "the quota transaction-nodes bounds transactions"),
  meaningless("gc-max-overhead", "<n>", "there is nothing to collect"),
  meaningless("persistent", "true|false", "see control command dump"),
  meaningless("allow-debug", "true|false", "control commands are Dom0's"),
  meaningless("ring-scan-interval", "<seconds>", "no event is lost that a scan would find"),
];

/** Finds an option by any of its names. */
export function optionByName(name: string): Row | undefined {
  return optionTable.find((r) => r.name === name || r.also.includes(name));
}
