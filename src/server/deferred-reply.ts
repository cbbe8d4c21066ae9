import type { Caller } from "../control/context.ts";
import type { Host } from "../host.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";

/** A CONTROL request that is answered after its handler returned Errno.LATER. */
export class DeferredReply implements Caller {
  constructor(
    private readonly host: Host,
    private readonly connections: Connections,
    readonly connection: Connection,
    readonly type: number,
    readonly reqId: number,
    readonly txId: number,
  ) {}

  same(other: Caller): boolean {
    return other instanceof DeferredReply && other.connection === this.connection;
  }

  alive(): boolean {
    return this.connections.get(this.connection.link) === this.connection && !this.connection.shut;
  }

  /** Sends or queues the reply; does nothing if the connection is gone. */
  answer(payload: string): void {
    if (this.alive()) this.connection.send(this.host, this.type, this.reqId, this.txId, payload);
  }
}
