import type { Config, Host } from "../host.ts";
import type { Log } from "../observe/log.ts";
import { domainHome } from "../server/connections.ts";
import { FEATURES } from "../server/domains.ts";
import type { ConnectionState, DomainState } from "./state.ts";

/** A connection's record. */
export interface SavedConnection {
  readonly ring: boolean;
  /** -1: a socket. */
  readonly domid: number;
  readonly target: number;
  /** The local port of a ring, or the descriptor of a socket; in a stream of C xenstored only. */
  readonly handle: number;
  /** Bytes read from it, and the rest of a message that was begun; likewise. */
  readonly input: string;
  readonly begun: string;
  /** Whole messages. */
  readonly out: string;
}

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly config: Config;
  readonly log: Log;
}

/** What such a stream does not have of a connection. Transactions were lost: later ones have other numbers. */
const NOTHING_ELSE = {
  kind: "connection",
  features: FEATURES,
  shut: false,
  nextTransaction: (1 << 23) + 1,
  recovered: false,
  dropped: 0,
  peaks: [],
  serials: [],
  ages: [],
  transactions: [],
} as const;

/** Goes on with the connections of C xenstored, whose state stream has descriptors and ports in place of links. */
export class Adoption {
  /** By domid: the features that its ring offers, where a record tells. */
  readonly features = new Map<number, number>();
  /** By the stream's number of a connection: its number here. */
  private readonly numbers = new Map<number, number>();

  constructor(
    private readonly s: Parts,
    private readonly states: ConnectionState[],
    private readonly domains: DomainState[],
  ) {}

  /** The number here of a connection of the stream; 0: it is gone. */
  numberOf(number: number): number {
    return this.numbers.get(number) ?? 0;
  }

  /** Goes on with a connection. Returns its number here; 0: it is gone. */
  connection(number: number, { ring, domid, handle, input, begun }: SavedConnection): number {
    const { host, config, log } = this.s;
    const link = host.handover.adopt(domid, handle, input, begun);
    const own = link < 0 ? 0 : link + 1;
    if (ring) {
      // The death of a domain whose ring is gone is still to be noticed.
      const { uniqueId } = host.domain(domid);
      this.domains.push({ kind: "domain", domid, uniqueId, shutdownSeen: false, features: FEATURES, connection: own });
    }
    if (own === 0) {
      log.line(`live update: ${ring ? `the ring of domain ${domid}` : `the socket ${handle}`} is gone`);
      return 0;
    }
    this.numbers.set(number, own);
    const base = domainHome(ring ? domid : config.ownDomid);
    this.states.push({ ...NOTHING_ELSE, link, ring, privileged: !ring || domid === config.privDomid, base });
    if (ring) host.setFeatures(link, FEATURES);
    return own;
  }
}
