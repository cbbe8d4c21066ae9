import { HeaderField, type Host, PATH_TYPES } from "../host.ts";
import type { AccessLog } from "../observe/access-log.ts";
import type { Trace } from "../observe/trace.ts";
import { type Errno, errorPayload } from "../wire/errno.ts";
import { Op, opNames } from "../wire/ops.ts";
import type { Connection } from "./connection.ts";
import type { Events } from "./events.ts";
import type { JournalWriter } from "./journal-writer.ts";

/** Tells the trace and the access log of messages, while somebody wants that. */
export class MessageTap {
  /** Not 0: somebody wants to know. Asked for on each request: a number is found out sooner. */
  enabled = 0;

  constructor(
    private readonly host: Host,
    private readonly events: Events,
    journalWriter: JournalWriter,
    private readonly trace: Trace,
    private readonly access: AccessLog,
  ) {
    trace.changed = () => {
      this.derive();
      journalWriter.settings();
    };
  }

  /** To be called once either was switched. */
  derive(): void {
    this.enabled = this.trace.io || this.access.on ? 1 : 0;
    this.events.tap = this.enabled !== 0 ? this : null;
  }

  request(c: Connection, payload: string): void {
    if (!this.trace.io) return;
    const type = this.host.header[HeaderField.type] as number;
    try {
      this.trace.message("IN", c.link, c.domid, type, nameOf(type), this.whole(type, payload));
    } catch {
      // No memory for a line: the request is served all the same.
    }
  }

  /** The request was served: its answer, or the error. */
  reply(c: Connection, txId: number, type: number, payload: string, result: string | Errno): void {
    try {
      this.tellReply(c, txId, type, payload, result);
    } catch {
      // Likewise.
    }
  }

  event(c: Connection, payload: string): void {
    try {
      if (this.trace.io) this.trace.message("OUT", c.link, c.domid, Op.WATCH_EVENT, "WATCH_EVENT", payload);
      if (this.access.on) this.access.event(c, payload);
    } catch {
      // Likewise.
    }
  }

  /** An event of a node's was not for this connection. */
  notFired(c: Connection, path: string, perms: string): void {
    try {
      if (this.access.on) this.access.notFired(c, perms, path);
    } catch {
      // Likewise.
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

  /** The payload of a request, of which PATH_TYPES have been handed the path alone. */
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
