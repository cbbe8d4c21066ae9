import { assert } from "../assert.ts";
import { type Config, type DomainInfo, DomainState, type Host, type Link } from "../host.ts";
import { DOMID_ANY, DOMID_SELF } from "../limits.ts";
import type { Quotas } from "../quota/quotas.ts";
import { keepHighest } from "../store/rows.ts";
import type { Tree } from "../store/tree.ts";
import { Errno } from "../wire/errno.ts";
import type { Connection } from "./connection.ts";
import { type Connections, domainHome } from "./connections.ts";
import type { Events } from "./events.ts";
import { type JournalWriter, NO_RECORD } from "./journal-writer.ts";

/** Bits of the ring page's server_features. */
export const Feature = { reconnection: 1, error: 2, watchDepth: 4, domidAny: 8 } as const;
/** All of them: what a domain is offered by default. */
export const FEATURES = 15;

/** A domain that the store knows: it has a ring, or was named as an owner or in a permission list. */
export interface Domain {
  readonly domid: number;
  /** Xen's number of this instance of the domid; "" where Xen does not tell. */
  uniqueId: string;
  /** Its ring; null: it is not introduced. */
  connection: Connection | null;
  /** Its shutdown was reported, and no RESUME came since. */
  shutdownSeen: boolean;
  /** The server_features bits that it is offered, now or when it is introduced. */
  features: number;
  /** Place in the journal. */
  record: number;
}

/** What stands for the link of a ring that was not opened, or for which there is no memory. */
const NOT_OPENED = -1;
const NO_ROOM = -2;

/** From so many nodes of a dead domain on their events are found for levels of the tree, not for each node. */
const MANY_NODES = 64;

/** The parts of the daemon that it uses. */
interface Parts {
  readonly host: Host;
  readonly config: Config;
  readonly tree: Tree;
  readonly events: Events;
  readonly quotas: Quotas;
  readonly connections: Connections;
  readonly journalWriter: JournalWriter;
  readonly relief: {
    may(work: () => void, undo: () => void): boolean;
    must(work: () => void, undo: () => void): void;
  };
}

/** The life cycle of domains: introduction, release, shutdown, death, and reuse of a domid. */
export class Domains {
  private readonly known = new Map<number, Domain>();
  /** Keep the nodes of dead domains, without an owner (`--keep-orphans`). */
  keepOrphans = false;
  /**
   * A change of links, connections or journal records is under way, or threw half way. No rollback covers
   * these: the program ends, and the next one starts from the state before the request.
   */
  unfinished = false;

  constructor(private readonly s: Parts) {}

  /** Whether RELEASE and RESUME do not apply to a domain. */
  permanent(domid: number): boolean {
    const { privDomid, ownDomid } = this.s.config;
    return domid === privDomid || domid === ownDomid;
  }

  /** Whether a domain is introduced, or is one of the permanent ones. */
  introduced(domid: number): boolean {
    return this.permanent(domid) || this.connectionOf(domid) !== null;
  }

  /** The known domids, unordered. */
  list(): number[] {
    return [...this.known.keys()];
  }

  /** Domains that live and are not introduced: they are being created, or nodes were given to them. */
  created(): number[] {
    const found: number[] = [];
    for (const { domid, connection } of this.known.values())
      if (connection === null && !this.permanent(domid) && !gone(this.info(domid))) found.push(domid);
    return found;
  }

  /** Whether the store knows a domain, without asking Xen. */
  knows(domid: number): boolean {
    return this.known.has(domid);
  }

  /** The known domains, unordered. */
  all(): Iterable<Readonly<Domain>> {
    return this.known.values();
  }

  /** Takes over a domain from the program before. */
  restore(domain: Domain): void {
    this.known.set(domain.domid, domain);
    if (domain.record < 0) this.s.journalWriter.domain(domain);
  }

  /** What the host knows of a domain. */
  private info(domid: number): DomainInfo {
    const info = this.s.host.domain(domid);
    assert(info.domid === domid, `the host answers for domain ${domid}, not ${info.domid}`);
    return info;
  }

  /** The ring of a domain; null: it is not introduced. */
  connectionOf(domid: number): Connection | null {
    return this.known.get(domid)?.connection ?? null;
  }

  /** Whether a domain exists. A domain that does is known from here on, so that its death is noticed. */
  exists(domid: number): boolean {
    if (domid === DOMID_ANY || this.permanent(domid) || this.known.has(domid)) return true;
    // Xen answers for such a number with the next domain that changed, which nobody else would be told of then.
    if (domid >= DOMID_SELF) return false;
    const info = this.info(domid);
    if (gone(info)) return false;
    this.know(domid, info.uniqueId, null);
    return true;
  }

  /** The features that a domain is offered; -1: it does not exist. */
  features(domid: number): number {
    if (!this.exists(domid)) return -1;
    return this.known.get(domid)?.features ?? FEATURES;
  }

  /** Sets the features that a domain will be offered. False: it does not exist. */
  setFeatures(domid: number, mask: number): boolean {
    if (!this.exists(domid)) return false;
    const domain = this.known.get(domid);
    if (domain !== undefined) this.update(domain, { features: mask });
    return true;
  }

  /** Opens a ring that existed before the daemon, and keeps its indexes and requests. False: it failed. */
  adopt(domid: number, port: number): boolean {
    const link = this.connect(domid, port, () => {});
    if (link < 0) return false;
    this.s.host.announce(link);
    return true;
  }

  /**
   * Opens a domain's ring and fires @introduceDomain; for an introduced domain, binds `port` and resets the
   * connection. Returns Errno.none, ENOMEM, or EINVAL if the ring cannot be opened; then nothing has changed.
   */
  introduce(domid: number, port: number): Errno {
    const { s } = this;
    const connection = this.connectionOf(domid);
    if (connection !== null) {
      this.unfinished = true;
      const done = this.rebind(connection, port);
      this.unfinished = false;
      return done ? Errno.none : Errno.EINVAL;
    }
    const link = this.connect(domid, port, () => {
      s.events.special("@introduceDomain");
      s.events.specialOf("@introduceDomain", domid);
    });
    if (link < 0) return link === NO_ROOM ? Errno.ENOMEM : Errno.EINVAL;
    s.host.reset(link);
    return Errno.none;
  }

  private rebind(connection: Connection, port: number): boolean {
    const { s } = this;
    if (!s.host.rebind(connection.link, port)) return false;
    this.clearTarget(connection.domid);
    s.connections.reset(connection);
    s.host.reset(connection.link);
    return true;
  }

  /** Removes a domain as if it had died. False: it is not introduced. */
  release(domid: number): boolean {
    const domain = this.known.get(domid);
    if (domain === undefined || domain.connection === null) return false;
    this.unfinished = true;
    this.remove(domain);
    this.s.events.special("@releaseDomain");
    this.s.events.specialOf("@releaseDomain", domid);
    this.unfinished = false;
    return true;
  }

  /** Lets the next shutdown of a domain be reported. False: it is not introduced. */
  resume(domid: number): boolean {
    const domain = this.known.get(domid);
    if (domain === undefined || domain.connection === null) return false;
    this.update(domain, { shutdownSeen: false });
    return true;
  }

  /** Changes a domain and its record, both or none. */
  private update(domain: Domain, change: Partial<Pick<Domain, "features" | "shutdownSeen">>): void {
    const { features, shutdownSeen } = domain;
    Object.assign(domain, change);
    try {
      this.s.journalWriter.domain(domain);
    } catch (thrown) {
      Object.assign(domain, { features, shutdownSeen });
      throw thrown;
    }
  }

  /** Gives a domain the rights of `target` besides its own. False: one of them is not introduced. */
  setTarget(domid: number, target: number): boolean {
    const connection = this.connectionOf(domid);
    if (connection === null || !this.introduced(target)) return false;
    const before = connection.target;
    connection.target = target;
    try {
      this.s.journalWriter.connection(connection);
    } catch (thrown) {
      connection.target = before;
      throw thrown;
    }
    return true;
  }

  /**
   * Handles domains that died or shut down. `told`: the host reported a change. Returns whether a known
   * domain was among the changed ones.
   */
  scan(told: boolean): boolean {
    const infos = this.s.host.changedDomains();
    let released = false;
    let changed = false;
    const each = (info: DomainInfo): void => {
      const domain = this.known.get(info.domid);
      if (domain === undefined || this.permanent(info.domid)) return;
      changed = true;
      if (this.changed(domain, info)) released = true;
    };
    // A guest can make Xen lose its record of changes (XSA-496): then each known domain is checked.
    const lost = told && infos !== null && infos.length === 0;
    if (infos !== null && !lost) for (const info of infos) each(info);
    else for (const domid of this.list()) each(this.info(domid));
    if (released) this.s.events.special("@releaseDomain");
    return changed;
  }

  /** Handles one domain's new state. Returns whether `@releaseDomain` must fire. */
  private changed(domain: Domain, info: DomainInfo): boolean {
    const { s } = this;
    const another = domain.uniqueId !== "" && info.uniqueId !== "" && info.uniqueId !== domain.uniqueId;
    if (gone(info) || another) {
      const wasIntroduced = domain.connection !== null;
      this.remove(domain);
      if (wasIntroduced) s.events.specialOf("@releaseDomain", domain.domid);
      return wasIntroduced;
    }
    if (domain.connection === null || domain.shutdownSeen || !(info.state & DomainState.shutdown)) return false;
    domain.shutdownSeen = true;
    s.journalWriter.domain(domain);
    s.events.specialOf("@releaseDomain", domain.domid);
    return true;
  }

  /** Opens a domain's ring, and calls `first`. Returns its link, NOT_OPENED, or NO_ROOM; then nothing has changed. */
  private connect(domid: number, port: number, first: () => void): Link {
    const { s } = this;
    const before = this.known.get(domid);
    let link: Link = NOT_OPENED;
    let dead = false;
    const work = (): void => {
      const info = this.info(domid);
      // If Xen reported its death before there was a ring, no later event would remove this one.
      dead = gone(info) && !this.permanent(domid);
      if (dead) return;
      first();
      this.join(domid, link, info.uniqueId);
    };
    const undo = (): void => {
      s.events.discard();
      s.connections.detach(link);
      // Its record comes last, and so is the one of before.
      if (before !== undefined) before.connection = null;
    };
    // From here on nothing but `work` may fail, and that is undone.
    this.unfinished = true;
    link = s.host.open(domid, port);
    if (link >= 0) {
      const made = s.relief.may(work, undo);
      if (!made || dead) {
        s.host.close(link);
        link = dead ? NOT_OPENED : NO_ROOM;
      }
    } else {
      link = NOT_OPENED;
    }
    this.unfinished = false;
    return link;
  }

  /** Makes the connection of a domain whose ring is open. */
  private join(domid: number, link: Link, uniqueId: string): void {
    const { s } = this;
    const connection = s.connections.create(link, domid, domid === s.config.privDomid, domainHome(domid), true);
    const domain = this.known.get(domid);
    const features = domain === undefined ? FEATURES : domain.features;
    s.host.setFeatures(link, features);
    s.connections.attach(connection, features);
    if (domain === undefined) {
      this.know(domid, uniqueId, connection);
    } else {
      if (domain.uniqueId === "") domain.uniqueId = uniqueId;
      domain.connection = connection;
      s.journalWriter.domain(domain);
    }
  }

  private know(domid: number, uniqueId: string, connection: Connection | null): void {
    const domain = { domid, uniqueId, connection, shutdownSeen: false, features: FEATURES, record: NO_RECORD };
    // A domain that the journal does not know would die unnoticed after a failure.
    this.s.journalWriter.domain(domain);
    try {
      this.known.set(domid, domain);
    } catch (thrown) {
      this.s.journalWriter.drop(domain.record);
      throw thrown;
    }
  }

  /** Removes a domain with its connection, its nodes and its entries in permission lists. */
  private remove(domain: Domain): void {
    const { s } = this;
    const { domid } = domain;
    this.clearTarget(domid);
    this.known.delete(domid);
    s.journalWriter.drop(domain.record);
    if (domain.connection !== null) s.connections.close(domain.connection);
    domain.connection = null;
    this.removeNodes(domid);
    if (s.quotas.forget(domid)) s.journalWriter.settings();
  }

  private removeNodes(domid: number): void {
    const { tree, events, relief } = this.s;
    const nodes = this.keepOrphans ? new Int32Array(0) : tree.owners.nodes(domid);
    keepHighest(tree, nodes);
    events.begins(nodes.length > MANY_NODES);
    tree.commit();
    // One by one, so that what fails for lack of memory can be undone and done again: a death cannot be refused.
    for (const id of nodes) {
      if (id < 0) continue;
      const [ends, fired] = [events.ends.length, events.fired.length];
      relief.must(
        () => {
          events.willRemoveNext(id);
          tree.remove(id);
          tree.commit();
        },
        () => {
          tree.rollback();
          events.dropAfter(ends, fired);
        },
      );
    }
    tree.owners.forget(domid);
    relief.must(
      () => tree.perms.forget(domid),
      () => {},
    );
  }

  /** Ends the target rights of a domain and those on it: they last until either end disconnects. */
  private clearTarget(domid: number): void {
    for (const domain of this.known.values()) {
      const { connection } = domain;
      if (connection === null || connection.target < 0) continue;
      if (domain.domid !== domid && connection.target !== domid) continue;
      connection.target = -1;
      this.s.journalWriter.connection(connection);
    }
  }
}

/** Whether a domain is dead or does not exist. */
function gone(info: DomainInfo): boolean {
  return !(info.state & DomainState.exist) || (info.state & DomainState.dead) !== 0;
}
