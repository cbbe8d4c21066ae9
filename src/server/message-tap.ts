import { HeaderField, type Host, PATH_TYPES } from "../host.ts";
import type { AccessLog } from "../observe/access-log.ts";
import type { Trace } from "../observe/trace.ts";
import { type Errno, errorPayload } from "../wire/errno.ts";
import { Op, opNames } from "../wire/ops.ts";
import type { Connection } from "./connection.ts";
import type { JournalWriter } from "./journal-writer.ts";

/** What passes events to it. */
interface EventSource {
  /** Null: trace and access log are off. */
  tap: MessageTap | null;
}

/**
 * Passes messages to the trace and the access log while one of them is on. Errors are ignored: a request is
 * served even if there is no memory for a line.
 */
export class MessageTap {
  /** Not 0 while trace or access log is on. A number, since each request tests it. */
  enabled = 0;

  constructor(
    private readonly host: Host,
    private readonly events: EventSource,
    journalWriter: JournalWriter,
    private readonly trace: Trace,
    private readonly access: AccessLog,
  ) {
    trace.changed = () => {
      this.derive();
      journalWriter.settings();
    };
  }

  /** Updates `enabled`. To be called after trace or access log was switched. */
  derive(): void {
    this.enabled = this.trace.io || this.access.on ? 1 : 0;
    this.events.tap = this.enabled !== 0 ? this : null;
  }

  /** A request arrived; its header is in Host.header. */
  request(c: Connection, payload: string): void {
    if (!this.trace.io) return;
    const type = this.host.header[HeaderField.type] as number;
    try {
      this.trace.message("IN", c.link, c.domid, type, nameOf(type), this.whole(type, payload));
    } catch {
      // No memory for the line.
    }
  }

  /** A request was served; `result` is its reply or error. */
  reply(c: Connection, txId: number, type: number, payload: string, result: string | Errno): void {
    try {
      this.tellReply(c, txId, type, payload, result);
    } catch {
      // No memory for the line.
    }
  }

  /** An event is sent or queued. */
  event(c: Connection, payload: string): void {
    try {
      if (this.trace.io) this.trace.message("OUT", c.link, c.domid, Op.WATCH_EVENT, "WATCH_EVENT", payload);
      if (this.access.on) this.access.event(c, payload);
    } catch {
      // No memory for the line.
    }
  }

  /** A watch of this connection did not fire, for lack of permission to the node. */
  notFired(c: Connection, path: string, perms: string): void {
    try {
      if (this.access.on) this.access.notFired(c, perms, path);
    } catch {
      // No memory for the line.
    }
  }

  private tellReply(c: Connection, txId: number, type: number, payload: string, result: string | Errno): void {
    const { trace, access } = this;
    const good = typeof result === "string";
    if (trace.io) {
      if (good) trace.message("OUT", c.link, c.domid, type, nameOf(type), result);
      else if (result >= 0) trace.message("OUT", c.link, c.domid, Op.ERROR, "ERROR", errorPayload[result] as string);
    }
    if (!access.on) return;
    access.request(c, txId, type, this.whole(type, payload));
    if (!good && result >= 0) access.error(c, txId, (errorPayload[result] as string).slice(0, -1));
  }

  /** The whole payload of a request: for PATH_TYPES the handler gets the path only. */
  private whole(type: number, payload: string): string {
    const { host } = this;
    const { header } = host;
    const cut = type >= 0 && type < 32 && (PATH_TYPES >> type) & 1 && (header[HeaderField.rest] as number) >= 0;
    return cut ? `${payload}\0${host.rest()}` : payload;
  }
}

function nameOf(type: number): string {
  return opNames[type] ?? "**UNKNOWN**";
}
