import type { Link } from "../host.ts";
import type { Connection } from "./connection.ts";

/**
 * Requests of an unprivileged connection of which something still waits. It does not know the connection, which has it:
 * the collector does not run, and what refers to each other stays for ever.
 */
export class Tally {
  count = 0;
  /** Nothing is read before one of them is done. */
  blocked = false;
}

/** A request of which a reply or events wait in a queue. */
export class Request {
  private parts = 0;

  private readonly tally: Tally;

  constructor(private readonly connection: Connection) {
    this.tally = connection.tally;
  }

  get link(): Link {
    return this.connection.link;
  }

  /** One message more waits. */
  add(): void {
    if (this.parts++ === 0) this.tally.count++;
  }

  /** One has gone its way. Returns the connection that may be read again, if that is so. */
  done(): Connection | null {
    if (--this.parts > 0) return null;
    const tally = this.tally;
    tally.count--;
    if (!tally.blocked) return null;
    tally.blocked = false;
    return this.connection;
  }
}

/**
 * The back-pressure of quota `outstanding`: what waits is counted for the request
 * that caused it. Events that wait for another guest are not, since that guest
 * must slow nobody but itself: its queue is bound by quotas of its own.
 */
export class Outstanding {
  /** Connections that may be read again. */
  readonly released: Connection[] = [];
  /** Whose request is served; null: nobody's. Fields that dispatch sets: a call would cost each request. */
  by: Connection | null = null;
  /** What it became once something of it had to wait. */
  request: Request | null = null;

  /** The request for which a message to a connection is to be counted, if for any. */
  causeOf(to: Connection): Request | null {
    if (this.by === null || this.by.privileged || (to !== this.by && !to.privileged)) return null;
    if (this.request === null) this.request = new Request(this.by);
    return this.request;
  }

  done(request: Request): void {
    const connection = request.done();
    if (connection !== null) this.released.push(connection);
  }
}
