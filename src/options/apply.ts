import type { Settings } from "../control/context.ts";
import { Level } from "../observe/log.ts";
import type { Quotas } from "../quota/quotas.ts";
import type { Scheduler } from "../server/scheduler.ts";
import type { Server } from "../server/server.ts";
import type { Options } from "./settings.ts";
import { optionByName, optionTable } from "./table.ts";

/** Directory of trace files with a relative path, as in C xenstored. */
const TRACE_HOME = "/var/lib/xen/xenstore/";

/**
 * Applies all options; it is called again whenever one changes. Returns "", or which log files could not be
 * opened: their lines go to the log then.
 */
export function apply(o: Options, server: Server, scheduler: Scheduler): string {
  const { access, credit, domains, events, host, log, status, tap, trace } = server;
  scheduler.eventTimeout = o.eventTimeout;
  events.sender.guestEvents = o.guestEvents === 0 ? Number.POSITIVE_INFINITY : o.guestEvents;
  credit.burst = o.conflictCredit;
  credit.tick = o.conflictTick;
  domains.keepOrphans = o.keepOrphans;
  server.testEagain = o.testEagain;
  status.slowAfter = o.slowAfter;
  host.insight.slowAfter(o.slowAfter);
  host.insight.injectFaults(o.injectFaults);

  log.level = o.logLevel;
  log.chars = o.logChars;
  trace.values = access.values = o.logValues;
  for (const one of o.traceSwitches.splice(0)) trace.turn(one.slice(1), one.startsWith("+"));
  access.on = o.accessLog;
  access.reads = o.accessReads;
  access.transactions = o.accessTransactions;
  access.specials = o.accessSpecials;
  access.chars = o.accessChars;
  tap.derive();

  const file = o.traceFile === "" || o.traceFile.startsWith("/") ? o.traceFile : TRACE_HOME + o.traceFile;
  const files: readonly (readonly ["logFile" | "traceFile" | "accessFile", string])[] = [
    ["logFile", log.sink.open(o.logFile, o.logFiles, o.logLines)],
    ["traceFile", trace.sink.open(file, 0, 0)],
    ["accessFile", access.sink.open(o.accessFile, o.accessFiles, o.accessLines)],
  ];
  // Only for a log file: on a console the reports would be in the way.
  server.statistics.on = log.sink.own && log.level <= Level.info;
  let trouble = "";
  for (const [field, why] of files) {
    if (why === "") continue;
    trouble += `${trouble === "" ? "" : "; "}${o[field]}: ${why}`;
    o[field] = "";
  }
  return trouble;
}

/** The options while the daemon runs. */
export class Running implements Settings {
  /** Options changed since the start, for the next program. */
  readonly changed = new Map<string, string>();

  constructor(
    private readonly options: Options,
    private readonly quotas: Quotas,
    private readonly server: Server,
    private readonly scheduler: Scheduler,
  ) {}

  list(): [string, string][] {
    return optionTable.flatMap((row): [string, string][] => {
      const value = row.get(this.options, this.quotas);
      return value === null ? [] : [[row.name, value]];
    });
  }

  get(name: string): string | null {
    return optionByName(name)?.get(this.options, this.quotas) ?? null;
  }

  set(name: string, value: string): string {
    const row = optionByName(name);
    if (row === undefined) return `there is no option ${name}`;
    if (!row.running)
      return row.by === "nobody" ? `it has no meaning here: ${row.help}` : "it cannot be changed any more";
    const before = row.get(this.options, this.quotas);
    const wrong = row.set(value, this.options, this.quotas);
    if (wrong !== null) return wrong;
    const why = apply(this.options, this.server, this.scheduler);
    if (why !== "") {
      // Probably a file that cannot be opened: the old value works.
      if (before !== null) row.set(before, this.options, this.quotas);
      apply(this.options, this.server, this.scheduler);
      return why;
    }
    this.changed.set(row.name, value);
    this.server.connections.quotasChanged();
    return "";
  }
}
