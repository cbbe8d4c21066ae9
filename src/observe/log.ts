import type { Host } from "../host.ts";

/** Milliseconds between two lines of the same kind. */
const QUIET = 10_000;
/** Kinds remembered; a guest cannot make more lines by making more kinds. */
const KINDS = 256;

/** The daemon's lines on the console or in the log. */
export class Log {
  private readonly last = new Map<string, number>();

  constructor(private readonly host: Host) {}

  line(text: string): void {
    this.host.log(text);
  }

  /** A line that a client can cause at will: at most one of a kind in ten seconds. */
  limited(kind: string, text: string): void {
    const now = this.host.now();
    const last = this.last.get(kind);
    if (last !== undefined && now - last < QUIET) return;
    if (this.last.size >= KINDS) this.last.clear();
    this.last.set(kind, now);
    this.host.log(text);
  }

  /** A bug was thrown. It can be anything, and telling about it can fail as well. */
  bug(where: string, thrown: unknown): void {
    let text = "something that cannot be told";
    try {
      text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}\n${thrown.stack}` : String(thrown);
    } catch {
      // Out of memory, most likely: the short text needs none.
    }
    try {
      this.host.log(`${where}: ${text}`);
      // What was on the way then says more than a stack, most often.
      this.host.insight.failed();
    } catch {
      // Nobody to tell.
    }
  }
}
