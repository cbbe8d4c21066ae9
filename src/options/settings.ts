import { CONFLICT_CREDIT, CONFLICT_TICK, EVENT_TIMEOUT, GUEST_EVENTS } from "../limits.ts";
import { Level } from "../observe/log.ts";

/** Values of the options, except quotas. Times are in milliseconds. */
export interface Options {
  /** How long an event stays queued for a guest; 0: for ever. */
  eventTimeout: number;
  /** Events queued for a guest that does not read; 0: unlimited. */
  guestEvents: number;
  /** Conflict credits that a guest can have, and milliseconds in which it earns one. */
  conflictCredit: number;
  conflictTick: number;
  /** Keep the nodes of dead domains, without an owner. */
  keepOrphans: boolean;
  /** One of three commits that could succeed fails. */
  testEagain: boolean;
  /** One of so many messages meets an injected failure; 0: none. */
  injectFaults: number;
  /** Milliseconds from which on a request counts as slow. */
  slowAfter: number;
  /** Switches of the trace to change, `+name` or `-name`. */
  traceSwitches: string[];
  traceFile: string;
  /** Show values in the trace and the access log. */
  logValues: boolean;
  logFile: string;
  logLevel: Level;
  logFiles: number;
  /** Lines after which a log file is renamed; 0: never. */
  logLines: number;
  logChars: number;
  accessLog: boolean;
  accessFile: string;
  accessFiles: number;
  accessLines: number;
  accessChars: number;
  accessReads: boolean;
  accessTransactions: boolean;
  accessSpecials: boolean;
}

/** Returns the defaults. */
export function defaultOptions(): Options {
  return {
    eventTimeout: EVENT_TIMEOUT,
    guestEvents: GUEST_EVENTS,
    conflictCredit: CONFLICT_CREDIT,
    conflictTick: CONFLICT_TICK,
    keepOrphans: false,
    testEagain: false,
    injectFaults: 0,
    slowAfter: 10,
    traceSwitches: [],
    traceFile: "",
    logValues: false,
    logFile: "",
    logLevel: Level.info,
    logFiles: 10,
    logLines: 13_215,
    logChars: -1,
    accessLog: false,
    accessFile: "",
    accessFiles: 20,
    accessLines: 13_215,
    accessChars: 180,
    accessReads: false,
    accessTransactions: false,
    accessSpecials: false,
  };
}
