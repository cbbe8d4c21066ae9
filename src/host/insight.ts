import type { Link } from "../host.ts";

/** What went over a link since it was made. */
export interface Traffic {
  readonly requests: number;
  readonly replies: number;
  readonly events: number;
  /** The type of the last request; -1: there was none. */
  readonly lastType: number;
  /** Milliseconds since it came. */
  readonly idle: number;
  /** Bytes that the host holds: of messages that were not handed over, and of such that the peer has not taken. */
  readonly partialIn: number;
  readonly partialOut: number;
  /** The process at the other end of a socket; 0: it is not known, or none. */
  readonly process: number;
}

/** A request whose reply was long in coming. */
export interface SlowRequest {
  readonly link: Link;
  readonly domid: number;
  readonly type: number;
  readonly milliseconds: number;
  /** Seconds since 1970. */
  readonly at: number;
  /** The payload's first bytes. */
  readonly payload: string;
}

/** Counted below without being asked, at next to no cost; put together when asked for. */
export interface Insight {
  /** Of the program that runs. */
  version(): string;
  /** Milliseconds since the host began. */
  uptime(): number;
  /** Null: there is no such link. */
  traffic(link: Link): Traffic | null;
  /** Figures of the host and the engine, with the names that it gives them. */
  metrics(): (readonly [name: string, value: number])[];
  /** How many requests took longer than slowAfter, and the latest of them, oldest first. */
  slow(): { readonly count: number; readonly latest: readonly SlowRequest[] };
  slowAfter(milliseconds: number): void;
  /** Of the last packets, from number `from` on, as many as fit in so many bytes, as stubdom/trace/packets.h writes them. */
  packets(from: number, room: number): string;
  /** All of them to a file of the host's; "", or why it cannot be. */
  savePackets(path: string): string;
  /** The last so many to the log, a line each. */
  tellPackets(count: number): void;
  /** One message in so many meets a failure on purpose from now on; 0: none. */
  injectFaults(every: number): void;
  /** Something went wrong: the last packets go to the log, at a bounded rate. */
  failed(): void;
}

/** Kinds of lines that can go to different places. */
export const enum LogSink {
  /** Of Host.log. */
  log,
  trace,
  access,
}

export interface LogFiles {
  /**
   * From here on the lines of a sink go to a file, or to the system's log for `syslog:<facility>`; "": to the log, and
   * those of the log itself to where it began. After `lines` lines (0: never) the file is renamed, and `files` old ones
   * are kept. `mark` stands where the file is opened. Returns why it cannot be, then nothing is changed; or "".
   */
  open(sink: LogSink, path: string, files: number, lines: number, mark: string): string;
  write(sink: LogSink, line: string): void;
}
