import type { Link } from "../host.ts";

/**
 * The outstanding requests of an unprivileged connection. It must not refer to the connection, which refers
 * to it: the engine's cycle collector does not run by itself, so a cycle would stay allocated.
 */
export class Tally {
  count = 0;
  /** The quota is reached: the connection is not read until a request is done. */
  blocked = false;
}

/** What the quota needs of a connection. */
export interface Requester {
  readonly link: Link;
  readonly privileged: boolean;
  readonly tally: Tally;
}

/** A request with a reply or events in a queue. */
export class Request<C extends Requester> {
  private parts = 0;

  private readonly tally: Tally;

  constructor(private readonly connection: C) {
    this.tally = connection.tally;
  }

  get link(): Link {
    return this.connection.link;
  }

  /** One more message of it is queued. */
  add(): void {
    if (this.parts++ === 0) this.tally.count++;
  }

  /** A message has left its queue. Returns the connection if it may be read again, else null. */
  done(): C | null {
    if (--this.parts > 0) return null;
    const tally = this.tally;
    tally.count--;
    if (!tally.blocked) return null;
    tally.blocked = false;
    return this.connection;
  }
}

/**
 * The quota `outstanding`: a queued message counts for the request that caused it. Events for other guests
 * do not count, because a guest that does not read must slow only itself: its queue has its own limits.
 */
export class Outstanding<C extends Requester> {
  /** Connections that may be read again. */
  readonly released: C[] = [];
  /**
   * The connection whose request is served; null: none. Dispatch sets these fields directly, since a call
   * would cost time.
   */
  by: C | null = null;
  /** The current request, made when one of its messages is queued. */
  request: Request<C> | null = null;

  /** The request for which a message to `to` counts; null: none. */
  causeOf(to: C): Request<C> | null {
    if (this.by === null || this.by.privileged || (to !== this.by && !to.privileged)) return null;
    if (this.request === null) this.request = new Request(this.by);
    return this.request;
  }

  /** A message of `request` has left its queue. */
  done(request: Request<C>): void {
    const connection = request.done();
    if (connection !== null) this.released.push(connection);
  }
}
