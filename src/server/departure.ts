import type { DepartureTerms } from "../control/context.ts";
import type { Host } from "../host.ts";
import type { Connections } from "./connections.ts";
import type { Domains } from "./domains.ts";

/** Milliseconds between two looks at domains. */
const LOOK = 50;

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly connections: Connections;
  readonly domains: Domains;
}

/**
 * A live update to C xenstored. That cannot take over transactions, so it begins when none is open. Nor while a domain is
 * created: C xenstored of Xen 4.17 ends after any live update that finds nodes of a domain that is not introduced yet.
 */
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
    else {
      const open = connections.openTransactions > 0;
      const created = this.s.domains.created();
      if ((open || created.length > 0) && wait > 0) return Math.min(wait, LOOK);
      if (open && !terms.force) why = `Domains with long running transactions:${this.holders()}`;
      else if (created.length > 0 && !terms.force) why = `Domains that are not introduced yet: ${created.join(", ")}`;
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
