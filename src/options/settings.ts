import { CONFLICT_CREDIT, CONFLICT_TICK, EVENT_TIMEOUT, GUEST_EVENTS } from "../limits.ts";
import { Level } from "../observe/log.ts";

/** What options set besides quotas. Times are milliseconds. */
export interface Options {
  /** 0: events of guests are kept for ever. */
  eventTimeout: number;
  /** Events kept for a guest that does not read; 0: any number. */
  guestEvents: number;
  conflictCredit: number;
  conflictTick: number;
  /** The nodes of dead domains stay, without an owner. */
  keepOrphans: boolean;
  /** One commit of three that could succeed fails. */
  testEagain: boolean;
  /** One message in so many meets a failure on purpose; 0: none. */
  injectFaults: number;
  /** A reply that takes longer is remembered. */
  slowAfter: number;
  /** Switches of the trace, `+name` or `-name`. */
  traceSwitches: string[];
  traceFile: string;
  /** Values are told in the trace and in the access log. */
  logValues: boolean;
  logFile: string;
  logLevel: Level;
  logFiles: number;
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
