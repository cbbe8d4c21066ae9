import type { Host } from "../host.ts";
import { EVENT_SLICE, LONG_EVENTS, PRIVILEGED_QUEUE, SCARCE_EVENTS } from "../limits.ts";
import type { Log } from "../observe/log.ts";
import { Flag } from "../store/rows.ts";
import type { CommitSink } from "../store/transaction.ts";
import type { Tree } from "../store/tree.ts";
import type { Watch } from "../store/watch.ts";
import type { Backlog } from "./backlog.ts";
import type { Connection } from "./connection.ts";
import { DeferredChange } from "./deferred-change.ts";
import type { Unanswered } from "./delivery.ts";
import { EventSender } from "./event-sender.ts";
import { type FanOut, FanOuts } from "./fan-out.ts";
import type { JournalWriter, RecordedEvents, RecordedWatchers } from "./journal-writer.ts";
import type { Outstanding } from "./outstanding.ts";
import { mayLearnOf, readsSpecial } from "./permission-checks.ts";
import { Deliveries } from "./sliced-deliveries.ts";

/**
 * Collects the watch events of one request, sends them at its commit and drops them if it fails. A segment is the part
 * of `fired` that one change fired. If a commit fires too many watches to list, fan-outs stand for them.
 */
export class Events implements CommitSink {
  /** The watches that fired. */
  fired: Watch[] = [];
  /** By segment: the changed path. */
  private paths: string[] = [];
  /** By segment: its end in `fired`, or -1 less the index of its fan-out in `spread`. Empty: there are no events. */
  ends: number[] = [];
  /** Fan-outs of segments whose watches are not in `fired`. */
  private spread: FanOut[] = [];
  /** The number of watches that did not fire for lack of permission. */
  private unseen = 0;
  /** Makes the fan-outs; null: there are none yet. */
  private fanOuts: FanOuts | null = null;
  /** Changes of a commit, whose events depend on its final state: Later.size numbers each. */
  private later: number[] = [];
  /** Their ranks ascend, the usual case. */
  private ascending = true;
  /** Some of them are removals. */
  private removed = false;
  /** Sends in slices what is too much for one go. */
  readonly deliveries: Deliveries;
  /** Sends each event. */
  readonly sender: EventSender;

  constructor(
    private readonly host: Host,
    private readonly tree: Tree,
    backlog: Backlog,
    log: Log,
    /** Memory.full. */
    full: (c: Connection) => boolean,
    outstanding: Outstanding<Connection>,
    journalWriter: JournalWriter,
    unanswered: Unanswered<Connection>,
    /** Memory.exceeds. */
    exceeds: (c: Connection, bytes: number) => boolean,
  ) {
    this.sender = new EventSender(host, backlog, log, full);
    this.deliveries = new Deliveries(host, outstanding, journalWriter, this.sender, unanswered, exceeds);
  }

  /** A node was written, made, or got other permissions; oldPerms -1: the permissions did not change. */
  wrote(id: number, oldPerms: number): void {
    const fired = this.fired;
    const from = fired.length;
    if (this.tree.watches.matches(id, fired)) this.keepSeen(from, id, oldPerms);
    else if (fired.length > from) this.segment(this.tree.paths[id] as string);
  }

  /** A subtree is about to be removed. Watches on its nodes get an event each, watches above get one for its root. */
  willRemove(id: number): void {
    this.removesBelow(id);
    this.wrote(id, -1);
  }

  /** Begins a series of changes: those of a commit, of a domain's death, or of a recovery. `many`: of many nodes. */
  begins(many = false): void {
    this.unseen = many ? EVENT_SLICE + 1 : 0;
    this.fanOuts?.forget();
  }

  /** As `removes`, in such a series. */
  willRemoveNext(id: number): void {
    this.removesBelow(id);
    this.changes(id, -1);
  }

  /** Fires `@introduceDomain` or `@releaseDomain` for watches without a depth. */
  special(name: string): void {
    const from = this.fired.length;
    this.tree.watches.exactly(name, this.fired);
    this.keep(from, name, (watch) => watch.depth < 0 && readsSpecial(this.tree, watch, name));
  }

  /** Fires `name/domid`, for watches on that path or on `name` with a depth. */
  specialOf(name: string, domid: number): void {
    const path = `${name}/${domid}`;
    const from = this.fired.length;
    this.tree.watches.exactly(name, this.fired);
    const own = this.fired.length;
    this.tree.watches.exactly(path, this.fired);
    let n = from;
    this.keep(from, path, (watch) => (n++ >= own || watch.depth >= 1) && readsSpecial(this.tree, watch, name));
  }

  /** The event that follows the reply to WATCH. */
  first(watch: Watch): void {
    this.fired.push(watch);
    this.segment(watch.path);
  }

  removing(id: number, recreated: boolean, rank: number): void {
    const from = this.ends.length;
    const at = this.fired.length;
    this.removed = true;
    this.removesBelow(id);
    if (!recreated) this.changes(id, -1);
    if (this.ends.length > from) this.tellLater(rank, from, this.ends.length, at, -1, -1);
  }

  changed(id: number, oldPerms: number, rank: number): void {
    if (this.tree.watches.count === 0) return;
    this.tellLater(rank, 0, 0, 0, id, oldPerms);
  }

  private tellLater(rank: number, from: number, to: number, at: number, id: number, oldPerms: number): void {
    const later = this.later;
    const n = later.length;
    if (n > 0 && (later[n - DeferredChange.size + DeferredChange.rank] as number) > rank) this.ascending = false;
    later.push(rank, from, to, at, id, oldPerms);
  }

  /**
   * Repeats the events of a delivery that a failed program may not have completed, to their recorded owners only:
   * permissions were checked then.
   */
  again({ paths, told, watchers }: RecordedEvents, connectionOf: (serial: number) => Connection | null): void {
    const owners = watchers.map((of) => new Set(of.owners.map(connectionOf).filter((c) => c !== null)));
    this.begins();
    for (const [n, path] of paths.entries()) {
      const place = told[n] as number;
      const { above, deep, suffix } = watchers[place] as RecordedWatchers;
      const of = owners[place] as Set<Connection>;
      const special = path.charCodeAt(0) === 64;
      if (above && !special && suffix === "" && this.isMuch()) {
        this.spreads(this.itsFanOuts().ofPath(path, of), path);
        continue;
      }
      const from = this.fired.length;
      this.tree.watches.covering(path, above, this.fired);
      this.keep(from, path, (watch) => {
        if (!of.has(watch.owner as Connection) || (suffix !== "" && watch.suffix !== suffix)) return false;
        // A watch with a depth gets the form of a special event that names the domain, others get the plain one.
        if (special) return watch.path === path ? deep || watch.depth < 0 || path.includes("/") : watch.depth >= 1;
        return true;
      });
    }
  }

  /** Fires the watches of a commit whose changes are all made: owners are checked by the permissions that hold now. */
  completed(): void {
    const later = this.later;
    const fired = this.fired;
    const paths = this.paths;
    const ends = this.ends;
    if (later.length === 0) return;
    const removed = this.removed;
    const places: number[] = [];
    for (let n = 0; n < later.length; n += DeferredChange.size) places.push(n);
    if (!this.ascending)
      places.sort((a, b) => (later[a + DeferredChange.rank] as number) - (later[b + DeferredChange.rank] as number));
    this.later = [];
    this.ascending = true;
    this.removed = false;
    this.fired = [];
    this.paths = [];
    this.ends = [];
    for (const place of places) {
      const to = later[place + DeferredChange.to] as number;
      let i = later[place + DeferredChange.at] as number;
      for (let s = later[place + DeferredChange.from] as number; s < to; s++) {
        const end = ends[s] as number;
        if (end < 0) {
          this.paths.push(paths[s] as string);
          this.ends.push(end);
          continue;
        }
        while (i < end) this.fired.push(fired[i++] as Watch);
        this.segment(paths[s] as string);
      }
      // A later change of the same commit may have removed it with an ancestor.
      const id = later[place + DeferredChange.id] as number;
      if (id < 0 || (removed && this.tree.deadRoot(id) >= 0)) continue;
      this.changes(id, later[place + DeferredChange.oldPerms] as number);
    }
  }

  /** As `wrote`, in a series: with more than EVENT_SLICE watches, a fan-out replaces the list. */
  private changes(id: number, oldPerms: number): void {
    if (this.isMuch()) this.spreads(this.itsFanOuts().of(id, oldPerms), this.tree.paths[id] as string);
    else this.wrote(id, oldPerms);
  }

  private isMuch(): boolean {
    return this.fired.length + this.unseen > EVENT_SLICE;
  }

  private itsFanOuts(): FanOuts {
    if (this.fanOuts === null)
      this.fanOuts = new FanOuts(this.tree, (c, row, perms) => mayLearnOf(this.tree, c, row, perms));
    return this.fanOuts;
  }

  private spreads(fanOut: FanOut | null, path: string): void {
    if (fanOut === null) return;
    this.paths.push(path);
    this.ends.push(-1 - this.spread.length);
    this.spread.push(fanOut);
  }

  /**
   * Sends all events. If they are many, or an owner has earlier ones in Deliveries, passes them to Deliveries. False:
   * the caller must pass the reply to Deliveries.replyLater as well.
   */
  flush(): boolean {
    const fired = this.fired;
    const paths = this.paths;
    const ends = this.ends;
    if (ends.length === 0) return true;
    const deliveries = this.deliveries;
    const sender = this.sender;
    const many =
      fired.length > EVENT_SLICE ||
      (fired.length > SCARCE_EVENTS && this.host.memoryScarce()) ||
      (fired.length > PRIVILEGED_QUEUE && this.areLong());
    const late = deliveries.unsent > 0 || sender.deep > 0;
    if (many || this.fanOuts !== null || (late && deliveries.behind(fired))) {
      // First, because nothing may fail once Deliveries has taken the arrays.
      const noWatches: Watch[] = [];
      const noPaths: string[] = [];
      const noEnds: number[] = [];
      const noSpread: FanOut[] = [];
      if (deliveries.add(fired, paths, ends, this.spread, this.fanOuts)) {
        this.fired = noWatches;
        this.paths = noPaths;
        this.ends = noEnds;
        this.spread = noSpread;
        this.fanOuts = null;
        return deliveries.mayAnswer();
      }
      // There is no memory for a list of the paths, so there is less for a message for each watch.
      sender.privilegedEvents = PRIVILEGED_QUEUE;
    }
    let i = 0;
    for (let s = 0; s < ends.length; s++) {
      const path = paths[s] as string;
      const end = ends[s] as number;
      const fanOut = end < 0 ? (this.spread[-1 - end] as FanOut) : null;
      if (fanOut !== null)
        for (const c of fanOut.audience) for (const w of fanOut.watchesOf(c)) sender.handNow(w, path);
      while (i < end) sender.handNow(fired[i++] as Watch, path);
    }
    this.discard();
    return true;
  }

  /** Whether the events would take much memory as messages. */
  private areLong(): boolean {
    const { ends, paths } = this;
    let bytes = 0;
    let from = 0;
    for (let s = 0; s < ends.length; s++) {
      const end = ends[s] as number;
      if (end < 0) continue;
      bytes += (end - from) * (paths[s] as string).length;
      from = end;
    }
    return bytes > LONG_EVENTS;
  }

  /** Drops all events that are collected: they are sent, or their request failed. */
  discard(): void {
    this.sender.privilegedEvents = Number.POSITIVE_INFINITY;
    if (this.later.length > 0) {
      this.later = [];
      this.ascending = true;
    }
    if (this.fanOuts !== null) {
      this.spread = [];
      this.fanOuts = null;
    }
    this.removed = false;
    this.dropAfter(0, 0);
  }

  /** Drops the events of a change that failed: keeps the first `ends` segments, of which the last ends at `fired`. */
  dropAfter(ends: number, fired: number): void {
    this.fired.length = fired;
    this.paths.length = ends;
    this.ends.length = ends;
    this.fanOuts?.forget();
  }

  private removesBelow(id: number): void {
    const tree = this.tree;
    const own = (tree.flags[id] as number) & Flag.watched ? 1 : 0;
    if ((tree.below[id] as number) === own) return;
    tree.watches.walk(id, (n) => {
      if (n === id) return;
      const from = this.fired.length;
      const path = tree.paths[n] as string;
      if (tree.watches.exactly(path, this.fired)) this.keepSeen(from, n, -1);
      else this.segment(path);
    });
  }

  /** Removes from `fired`, from index `from` on, the watches whose owners may not learn of the node. */
  private keepSeen(from: number, id: number, oldPerms: number): void {
    const fired = this.fired;
    const path = this.tree.paths[id] as string;
    // Watches of one owner are often adjacent.
    let owner: unknown = null;
    let sees = false;
    let end = from;
    for (let i = from; i < fired.length; i++) {
      const watch = fired[i] as Watch;
      if (watch.filtered) {
        if (watch.owner !== owner) {
          owner = watch.owner;
          sees = mayLearnOf(this.tree, owner as Connection, id, oldPerms);
        }
        if (!sees) {
          if (this.sender.tap !== null)
            this.sender.tap.notFired(owner as Connection, path, this.tree.perms.wire(this.tree.permissions(id)));
          continue;
        }
      }
      fired[end++] = watch;
    }
    this.cut(end, from, path);
  }

  /** Makes a segment of the watches from index `from` on that `wanted` accepts. */
  private keep(from: number, path: string, wanted: (watch: Watch) => boolean): void {
    const fired = this.fired;
    let end = from;
    for (let i = from; i < fired.length; i++) {
      const watch = fired[i] as Watch;
      if (wanted(watch)) fired[end++] = watch;
    }
    this.cut(end, from, path);
  }

  /** Ends a segment that begins at `from` and ends at `end`. */
  private cut(end: number, from: number, path: string): void {
    const fired = this.fired;
    this.unseen += fired.length - end;
    fired.length = end;
    if (end > from) this.segment(path);
  }

  private segment(path: string): void {
    this.paths.push(path);
    this.ends.push(this.fired.length);
  }
}
