import type { DepartureTerms } from "../control/context.ts";
import type { Host } from "../host.ts";
import type { Connections } from "./connections.ts";

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly connections: Connections;
}

/** A live update to C xenstored, which cannot take over transactions: it begins when none is open. */
export class Departure {
  private terms: DepartureTerms | null = null;
  /** The version of the state stream that is wanted; 0: none is. */
  version = 0;
  private until = 0;
  /** Called when the wait was in vain, with the reason. */
  refused: (why: string) => void = () => {};

  constructor(private readonly s: Parts) {}

  begin(terms: DepartureTerms): void {
    this.terms = terms;
    this.version = terms.version;
    this.until = this.s.host.now() + terms.timeout;
  }

  end(): void {
    this.terms = null;
    this.version = 0;
  }

  /**
   * Begins it if nothing is in its way. It is the last step of a turn: a later request could open a transaction. Returns
   * milliseconds until the next look; -1: there is nothing to wait for.
   */
  look(): number {
    const { terms } = this;
    if (terms === null) return -1;
    const { host, connections } = this.s;
    const wait = Math.ceil(this.until - host.now());
    let why = "";
    if (!terms.alive()) why = "Cancellation was requested";
    else if (connections.openTransactions > 0) {
      if (wait > 0) return wait;
      if (!terms.force) why = `Domains with long running transactions:${this.holders()}`;
    }
    if (why === "") host.update.go(terms.options);
    else this.refused(why);
    return -1;
  }

  /** Whose transactions are open, and for how long, as C xenstored tells it. */
  private holders(): string {
    const now = this.s.host.now();
    let text = "";
    for (const c of this.s.connections.byLink) {
      if (!c || c.transactions.size === 0) continue;
      let since = now - (this.terms?.timeout ?? 0);
      // Only those of privileged clients have a time.
      for (const { started } of c.transactions.values()) if (started > 0) since = Math.min(since, started);
      text += `\nDomain ${c.domid}: ${Math.floor((now - since) / 1000)} s`;
    }
    return text;
  }
}
