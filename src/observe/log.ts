import { type Host, LogSink } from "../host.ts";
import { LOG_LINES_CONSOLE, LOG_LINES_FILE } from "../limits.ts";

/** Milliseconds between two lines of one kind. */
const QUIET = 10_000;
/** Kinds remembered of each level. While that many were written in the last ten seconds, others are not written. */
const KINDS = 256;

/** Levels, as oxenstored's configuration has them. */
export const enum Level {
  debug,
  info,
  warn,
  error,
  none,
}
/** Names of the levels, by Level. */
export const levelNames = ["debug", "info", "warn", "error", "null"] as const;

/** Formats seconds since 1970 as `20260319T13:48:58.123Z`, UTC. */
export function stamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replaceAll("-", "");
}

/** Cuts a line to `most` characters as oxenstored does; most -1: unlimited. */
export function cut(line: string, most: number): string {
  return most < 3 || line.length < most ? line : `${line.slice(0, most - 3)}..`;
}

/** The destination of the lines of one LogSink: a file of the host, the system's log, or the daemon's log. */
export class Sink {
  private path = "";
  private files = -1;
  private lines = 0;
  private second = 0;
  private count = 0;
  private left = 0;

  constructor(
    private readonly host: Host,
    readonly number: LogSink,
    /** Written to the file each time it is opened. */
    private readonly mark = "",
  ) {}

  /** Whether the lines go to a file or the system's log, not to the daemon's log. */
  get own(): boolean {
    return this.path !== "";
  }

  /** Whether lines need a time stamp: only those in a file do. */
  get timed(): boolean {
    return this.own && !this.path.startsWith("syslog:");
  }

  /**
   * Opens the file if its settings differ from the present ones, or `again`; path "": closes it. Returns
   * "", or the error; then nothing has changed.
   */
  open(path: string, files: number, lines: number, again = false): string {
    if (!again && path === this.path && files === this.files && lines === this.lines) return "";
    const why = this.host.logs.open(this.number, path, files, lines, this.mark);
    if (why !== "") return why;
    this.path = path;
    this.files = files;
    this.lines = lines;
    return "";
  }

  /** Opens the file again, for instance after it was renamed. */
  reopen(): void {
    if (this.own) this.open(this.path, this.files, this.lines, true);
  }

  write(line: string): void {
    this.host.logs.write(this.number, line);
  }

  /**
   * Writes a line that clients cause. Beyond a number of lines a second, only the number of lines left out
   * is written.
   */
  bounded(line: string): void {
    const now = Math.floor(this.host.now() / 1000);
    if (now !== this.second) {
      this.second = now;
      this.count = 0;
      if (this.left > 0) this.write(`${this.left} lines were left out`);
      this.left = 0;
    }
    if (++this.count > (this.own ? LOG_LINES_FILE : LOG_LINES_CONSOLE)) this.left++;
    else this.write(line);
  }
}

/** The daemon's own log, on the console or in a file. */
export class Log {
  level = Level.info;
  /** The longest line in a file, in characters; -1: unlimited. */
  chars = -1;
  readonly sink: Sink;
  /** By level: when a line of a kind was written last. Clients must not be able to hide errors by warnings. */
  private readonly last = new Map<Level, Map<string, number>>();
  /** When kinds were forgotten last, and the lines that had no place among them since. */
  private forgotten = 0;
  private leftOut = 0;

  constructor(private readonly host: Host) {
    this.sink = new Sink(host, LogSink.log);
  }

  /** Writes a line, unless its level is below the log's. */
  line(text: string, level = Level.info): void {
    if (level >= this.level) this.host.log(this.formed(text, level));
  }

  /**
   * Writes a line that a client can cause at will, unless one of its kind was written in the last ten
   * seconds. Returns whether it was written.
   */
  limited(kind: string, text: string, level = Level.warn): boolean {
    const now = this.host.now();
    let kinds = this.last.get(level);
    if (kinds === undefined) {
      kinds = new Map();
      this.last.set(level, kinds);
    }
    const last = kinds.get(kind);
    if (last !== undefined && now - last < QUIET) return false;
    if (kinds.size >= KINDS && last === undefined) this.forgetOld(kinds, now);
    if (kinds.size >= KINDS && last === undefined) {
      this.leftOut++;
      return false;
    }
    kinds.set(kind, now);
    this.line(text, level);
    return true;
  }

  /** Forgets kinds that may be written again. At most once a second, for a client can cause the search at will. */
  private forgetOld(kinds: Map<string, number>, now: number): void {
    if (now - this.forgotten < QUIET / 10) return;
    this.forgotten = now;
    for (const [kind, last] of kinds) if (now - last >= QUIET) kinds.delete(kind);
    if (this.leftOut > 0 && kinds.size < KINDS) {
      this.line(`${this.leftOut} lines left out: more than ${KINDS} kinds in ${QUIET / 1000} seconds`, Level.warn);
      this.leftOut = 0;
    }
  }

  /**
   * Logs an exception that is a bug, with its stack, at the rate of limited(). `thrown` can be any value.
   * Never throws.
   */
  bug(where: string, thrown: unknown): void {
    let text = "something that cannot be told";
    try {
      text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}\n${thrown.stack}` : String(thrown);
    } catch {
      // Probably there is no memory: the short text needs none.
    }
    try {
      if (!this.limited(where, `${where}: ${text}`, Level.error)) return;
      // The last packets usually say more than the stack.
      this.host.insight.failed();
    } catch {
      // Nothing else can be done.
    }
  }

  /**
   * Logs that a request ran out of memory, at the rate of limited(), since clients can cause that at will.
   * Never throws.
   */
  memoryEnded(where: string): void {
    try {
      this.limited("memory", `${where}: out of memory`);
    } catch {
      // No memory for the line.
    }
  }

  /**
   * Formats a line: in a file as oxenstored does; on the console only the text; for the system's log with
   * the daemon's name.
   */
  private formed(text: string, level: Level): string {
    if (!this.sink.own) return text;
    if (!this.sink.timed) return `[xenstored] ${text}`;
    const head = `[${stamp(this.host.wallClock())}|${(levelNames[level] as string).padStart(5)}|xenstored] `;
    return cut(head + text, this.chars);
  }
}
