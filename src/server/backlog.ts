import type { Connection } from "./connection.ts";

/** The unprivileged connections with queued messages, whose events can time out. */
export class Backlog {
  readonly members = new Set<Connection>();
  /** The number of members. Every turn reads it, and Set.size costs a call. */
  count = 0;

  add(c: Connection): void {
    this.members.add(c);
    this.count = this.members.size;
  }

  delete(c: Connection): void {
    this.members.delete(c);
    this.count = this.members.size;
  }
}
