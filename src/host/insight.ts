import type { Link } from "./link.ts";

/** Counters of a link since it was opened. */
export interface Traffic {
  readonly requests: number;
  readonly replies: number;
  readonly events: number;
  /** Type of the last request; -1: there was none. */
  readonly lastType: number;
  /** Milliseconds since the last request. */
  readonly idle: number;
  /**
   * Bytes in the link's buffers: of messages not passed to the program, and of messages that the peer has
   * not taken.
   */
  readonly partialIn: number;
  readonly partialOut: number;
  /** The process at the other end of a socket; 0: unknown, or a ring. */
  readonly process: number;
}

/** A request that took longer than slowAfter(). */
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

/** Statistics that the host counts all the time; each method collects them when it is called. */
export interface Insight {
  /** Version of the running program. */
  version(): string;
  /** Milliseconds since the host started. */
  uptime(): number;
  /** Null: there is no such link. */
  traffic(link: Link): Traffic | null;
  /** Figures of the host and the engine, by the host's names. */
  metrics(): (readonly [name: string, value: number])[];
  /** The last time without service: `none`, or `recovery`, `program`, `whole`, `takeover`; why it was, and how long. */
  outage(): { readonly kind: string; readonly reason: string; readonly milliseconds: number };
  /** The number of slow requests, and the latest of them, oldest first. */
  slow(): { readonly count: number; readonly latest: readonly SlowRequest[] };
  /** Sets the time from which on a request is slow. */
  slowAfter(milliseconds: number): void;
  /**
   * The last packets from number `from` on, as many as fit in `room` bytes, in the format of
   * stubdom/trace/packets.h.
   */
  packets(from: number, room: number): string;
  /** Writes all kept packets to a file of the host. Returns "", or the error. */
  savePackets(path: string): string;
  /** Writes the last `count` packets to the log, a line each. */
  tellPackets(count: number): void;
  /** Makes one of `every` messages meet an injected failure from now on; 0: none. */
  injectFaults(every: number): void;
  /** After an error: writes the last packets to the log, at a bounded rate. */
  failed(): void;
}

/** Kinds of lines that can have a file each. */
export const enum LogSink {
  /** The lines of Host.log. */
  log,
  trace,
  access,
}

/** The files of the log, the trace and the access log. */
export interface LogFiles {
  /**
   * Sends the lines of a sink to a file, or to the system's log for `syslog:<facility>`. path "": to the
   * log, and the log itself to where it started. After `lines` lines (0: never) the file is renamed;
   * `files` old ones are kept. `mark` is written when the file is opened. Returns "", or the error; then
   * nothing has changed.
   */
  open(sink: LogSink, path: string, files: number, lines: number, mark: string): string;
  /** Writes one line to a sink. */
  write(sink: LogSink, line: string): void;
}
