import { type Host, LogSink } from "../host.ts";
import { LOG_LINES_CONSOLE, LOG_LINES_FILE } from "../limits.ts";

/** Milliseconds between two lines of the same kind. */
const QUIET = 10_000;
/** Kinds remembered; a guest cannot make more lines by making more kinds. */
const KINDS = 256;

/** As oxenstored's configuration names them. */
export const enum Level {
  debug,
  info,
  warn,
  error,
  none,
}
export const levelNames = ["debug", "info", "warn", "error", "null"] as const;

/** `20260319T13:48:58.123Z`, UTC. */
export function stamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replaceAll("-", "");
}

/** Cuts a line as oxenstored does; most -1: it can be any length. */
export function cut(line: string, most: number): string {
  return most < 3 || line.length < most ? line : `${line.slice(0, most - 3)}..`;
}

/** Where the lines of one kind go: a file of the host's, or its log. */
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
    /** What stands in the file each time it is opened. */
    private readonly mark = "",
  ) {}

  /** Whether the lines have a file of their own, or go to the system's log. */
  get own(): boolean {
    return this.path !== "";
  }

  /** Whether who reads them has no other time than ours. */
  get timed(): boolean {
    return this.own && !this.path.startsWith("syslog:");
  }

  /** Opens the file if it is another one, or `again`; "": closes it. Returns why it cannot be, or "". */
  open(path: string, files: number, lines: number, again = false): string {
    if (!again && path === this.path && files === this.files && lines === this.lines) return "";
    const why = this.host.logs.open(this.number, path, files, lines, this.mark);
    if (why !== "") return why;
    this.path = path;
    this.files = files;
    this.lines = lines;
    return "";
  }

  reopen(): void {
    if (this.own) this.open(this.path, this.files, this.lines, true);
  }

  write(line: string): void {
    this.host.logs.write(this.number, line);
  }

  /** A line that clients cause: of more than so many in a second only their number is told. */
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

/** The daemon's lines on the console or in the log. */
export class Log {
  level = Level.info;
  /** The longest line in a file; -1: any. */
  chars = -1;
  readonly sink: Sink;
  private readonly last = new Map<string, number>();

  constructor(private readonly host: Host) {
    this.sink = new Sink(host, LogSink.log);
  }

  line(text: string, level = Level.info): void {
    if (level >= this.level) this.host.log(this.formed(text, level));
  }

  /** A line that a client can cause at will: at most one of a kind in ten seconds. Returns whether it was this one. */
  limited(kind: string, text: string, level = Level.warn): boolean {
    const now = this.host.now();
    const last = this.last.get(kind);
    if (last !== undefined && now - last < QUIET) return false;
    if (this.last.size >= KINDS) this.last.clear();
    this.last.set(kind, now);
    this.line(text, level);
    return true;
  }

  /** A bug was thrown. It can be anything, and telling about it can fail as well. Who has found it can throw it at will. */
  bug(where: string, thrown: unknown): void {
    let text = "something that cannot be told";
    try {
      text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}\n${thrown.stack}` : String(thrown);
    } catch {
      // Out of memory, most likely: the short text needs none.
    }
    try {
      if (!this.limited(where, `${where}: ${text}`, Level.error)) return;
      // What was on the way then says more than a stack, most often.
      this.host.insight.failed();
    } catch {
      // Nobody to tell.
    }
  }

  /** A request met the end of memory. Whoever asks can make that happen again and again. */
  memoryEnded(where: string): void {
    try {
      this.limited("memory", `${where}: out of memory`);
    } catch {
      // Not enough to tell.
    }
  }

  /** In a file as oxenstored writes it; a console and who looks at it need no more than the text. */
  private formed(text: string, level: Level): string {
    if (!this.sink.own) return text;
    if (!this.sink.timed) return `[xenstored] ${text}`;
    const head = `[${stamp(this.host.wallClock())}|${(levelNames[level] as string).padStart(5)}|xenstored] `;
    return cut(head + text, this.chars);
  }
}
