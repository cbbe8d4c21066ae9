import type { Connection } from "./connection.ts";

/** Unprivileged connections with something in their queue. */
export class Backlog {
  readonly members = new Set<Connection>();
  /** So many. Asking the set costs a call, and every turn asks. */
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
