import type { Host } from "../host.ts";
import { GUEST_EVENTS, PAYLOAD_MAX } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import { Right } from "../store/perms.ts";
import type { CommitSink } from "../store/transaction.ts";
import type { Tree } from "../store/tree.ts";
import { Flag } from "../store/tree.ts";
import type { Watch } from "../store/watch.ts";
import { allows } from "./access.ts";
import type { Connection } from "./connection.ts";

/** A row that changed, or the events of a removal that are in the list from `from` to `to`. */
interface Later {
  readonly rank: number;
  readonly from: number;
  readonly to: number;
  /** -1: a removal. */
  readonly id: number;
  readonly oldPerms: number;
}

/**
 * The watch events of one request: collected while it works, handed to the
 * connections once it counts, forgotten if it fails.
 */
export class Events implements CommitSink {
  /** To whom; empty: there is nothing to hand over. */
  owners: Connection[] = [];
  private payloads: string[] = [];
  /** Changes of a commit, whose events wait for its final state. */
  private later: Later[] = [];
  private readonly found: Watch[] = [];
  /** Events that were longer than a message. */
  tooLong = 0;

  constructor(
    private readonly host: Host,
    private readonly tree: Tree,
    private readonly stalled: Set<Connection>,
    private readonly log: Log,
    /** Whether a guest has too much in its queue already. */
    private readonly full: (c: Connection) => boolean,
  ) {}

  /** A node was written, made, or given other permissions (oldPerms -1: it was not). */
  wrote(id: number, oldPerms: number): void {
    const found = this.found;
    this.tree.watches.matches(id, found);
    if (found.length === 0) return;
    const path = this.tree.paths[id] as string;
    for (let i = 0; i < found.length; i++) {
      const watch = found[i] as Watch;
      const connection = watch.owner as Connection;
      if (connection.privileged || this.sees(connection, id, oldPerms)) this.push(watch, path);
    }
    found.length = 0;
  }

  /** A subtree is about to go. Watches below it learn it one by one, its root as any change. */
  removes(id: number): void {
    this.removesBelow(id);
    this.wrote(id, -1);
  }

  /** `@introduceDomain` or `@releaseDomain`, in the plain form. */
  special(name: string): void {
    const found = this.found;
    this.tree.watches.exactly(name, found);
    this.pushSpecial(name, name, (watch) => watch.depth < 0);
  }

  /** The form that names the domain. */
  specialOf(name: string, domid: number): void {
    const path = `${name}/${domid}`;
    const found = this.found;
    this.tree.watches.exactly(name, found);
    for (let i = found.length - 1; i >= 0; i--) if ((found[i] as Watch).depth < 1) found.splice(i, 1);
    this.tree.watches.exactly(path, found);
    this.pushSpecial(name, path, () => true);
  }

  /** The event that answers a WATCH. */
  first(connection: Connection, payload: string): void {
    if (payload.length > PAYLOAD_MAX) {
      this.tooLong++;
      return;
    }
    this.owners.push(connection);
    this.payloads.push(payload);
  }

  removing(id: number, renewed: boolean, rank: number): void {
    const from = this.owners.length;
    if (renewed) this.removesBelow(id);
    else this.removes(id);
    if (this.owners.length > from) this.later.push({ rank, from, to: this.owners.length, id: -1, oldPerms: -1 });
  }

  changed(id: number, oldPerms: number, rank: number): void {
    if (this.tree.watches.count === 0) return;
    this.later.push({ rank, from: 0, to: 0, id, oldPerms });
  }

  /** All changes of a commit are made: their watchers are chosen by what they may read now. */
  completed(): void {
    const later = this.later;
    if (later.length === 0) return;
    this.later = [];
    const owners = this.owners;
    const payloads = this.payloads;
    this.owners = [];
    this.payloads = [];
    later.sort((a, b) => a.rank - b.rank);
    for (const change of later) {
      for (let i = change.from; i < change.to; i++) {
        this.owners.push(owners[i] as Connection);
        this.payloads.push(payloads[i] as string);
      }
      // It can be gone again: a later change of the same commit removed an ancestor.
      if (change.id >= 0 && this.tree.deadRoot(change.id) < 0) this.wrote(change.id, change.oldPerms);
    }
  }

  /** Hands everything over. */
  flush(): void {
    const count = this.owners.length;
    if (count === 0) return;
    const host = this.host;
    for (let i = 0; i < count; i++) {
      const connection = this.owners[i] as Connection;
      const payload = this.payloads[i] as string;
      try {
        connection.sendEvent(
          host,
          payload,
          payload.charCodeAt(0) === 64,
          connection.privileged
            ? Number.POSITIVE_INFINITY
            : connection.queue.length > 0 && this.full(connection)
              ? 0
              : GUEST_EVENTS,
        );
      } catch (thrown) {
        // The others must have theirs, and the request its reply.
        connection.dropped++;
        this.log.bug(`an event for domain ${connection.domid}`, thrown);
      }
      if (connection.queue.length > 0 && !connection.privileged) this.stalled.add(connection);
    }
    this.discard();
  }

  discard(): void {
    this.found.length = 0;
    if (this.later.length > 0) this.later = [];
    this.owners.length = 0;
    this.payloads.length = 0;
  }

  private removesBelow(id: number): void {
    const tree = this.tree;
    const own = (tree.flags[id] as number) & Flag.watched ? 1 : 0;
    if ((tree.below[id] as number) === own) return;
    const found = this.found;
    tree.watches.walk(id, (n) => {
      if (n === id) return;
      const path = tree.paths[n] as string;
      tree.watches.exactly(path, found);
      for (const watch of found) {
        const connection = watch.owner as Connection;
        if (connection.privileged || this.sees(connection, n, -1)) this.push(watch, path);
      }
      found.length = 0;
    });
  }

  private pushSpecial(name: string, path: string, wanted: (watch: Watch) => boolean): void {
    const id = this.tree.find(name);
    for (const watch of this.found) {
      const connection = watch.owner as Connection;
      if (!wanted(watch)) continue;
      if (connection.privileged || allows(this.tree, connection, this.tree.permissions(id), Right.read))
        this.push(watch, path);
    }
    this.found.length = 0;
  }

  private push(watch: Watch, path: string): void {
    const payload = (watch.strip === 0 ? path : path.slice(watch.strip)) + watch.suffix;
    if (payload.length > PAYLOAD_MAX) {
      this.tooLong++;
      return;
    }
    this.owners.push(watch.owner as Connection);
    this.payloads.push(payload);
  }

  /** An event must not tell of a node that its watcher could not find out about by reading. */
  private sees(connection: Connection, id: number, oldPerms: number): boolean {
    const tree = this.tree;
    if (allows(tree, connection, tree.permissions(id), Right.read)) return true;
    if (oldPerms >= 0 && allows(tree, connection, oldPerms, Right.read)) return true;
    const parent = tree.parent[id] as number;
    return parent >= 0 && allows(tree, connection, tree.permissions(parent), Right.read);
  }
}
