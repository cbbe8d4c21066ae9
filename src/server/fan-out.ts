import { parentPath } from "../store/path.ts";
import type { Perms } from "../store/perms.ts";
import { Flag } from "../store/rows.ts";
import type { Tree } from "../store/tree.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";

/** From this many changes of one fan-out on, a connection's watches are sorted once for all of them. */
const MANY = 64;

/** The connections that get events for a change. Changes with equal members share one set. */
export type Audience = ReadonlySet<Connection>;

/** The watches of one connection on one path. */
class OwnWatches {
  /** The value of Connection.missedChanges when these watches and all above had `missed`; -1: they had not. */
  missedAt = -1;
  /** `giveUp` was called for these. */
  gaveUp = false;
  /** The watches with those above, in order of registration; null: not cached. */
  all: readonly Watch[] | null = null;
  /** Some watches, here or above, have a depth. */
  readonly bounded: boolean;

  constructor(
    /** The level of the path below the root. */
    readonly level: number,
    readonly watches: readonly Watch[],
    /** The same connection's watches on the nearest watched path above; null: none. */
    readonly above: OwnWatches | null,
  ) {
    this.bounded = above?.bounded || watches.some((watch) => watch.depth >= 0);
  }

  /** Whether each of the watches gets one event later anyway; `missedChanges` is that of their owner. */
  allMissed(missedChanges: number): boolean {
    for (let own: OwnWatches | null = this; own !== null && own.missedAt !== missedChanges; own = own.above)
      for (const watch of own.watches) if (!watch.missed) return false;
    for (let own: OwnWatches | null = this; own !== null && own.missedAt !== missedChanges; own = own.above)
      own.missedAt = missedChanges;
    return true;
  }

  /** The watches that a change at `level` concerns, in order of registration. */
  of(level: number): readonly Watch[] {
    if (this.all !== null) return this.all;
    if (this.above === null && !this.bounded) return this.watches;
    const found: Watch[] = [];
    for (let own: OwnWatches | null = this; own !== null; own = own.above) {
      for (const watch of own.watches) if (watch.depth < 0 || level - own.level <= watch.depth) found.push(watch);
    }
    for (let i = 1; i < found.length; i++) {
      if ((found[i - 1] as Watch).serial < (found[i] as Watch).serial) continue;
      return found.sort((a, b) => a.serial - b.serial);
    }
    return found;
  }
}

/**
 * A watched path and its watches, as they were when the changes were made. It refers to the next watched
 * path above and does not repeat that one's watches.
 */
class WatchedPath {
  private readonly own = new Map<Connection, OwnWatches>();
  /** The owners of the watches here and above, and a number for that set. */
  readonly owners: ReadonlySet<Connection>;
  readonly crowd: number;
  /** The number of watches here and above, and whether some have a depth. */
  readonly count: number;
  readonly bounded: boolean;

  constructor(
    readonly path: string,
    level: number,
    watches: readonly Watch[],
    readonly above: WatchedPath | null,
    crowd: number,
  ) {
    const lists = new Map<Connection, Watch[]>();
    for (const watch of watches) {
      const owner = watch.owner as Connection;
      const list = lists.get(owner);
      if (list === undefined) lists.set(owner, [watch]);
      else list.push(watch);
    }
    let more = above === null;
    for (const [owner, list] of lists) {
      this.own.set(owner, new OwnWatches(level, list, above === null ? null : above.of(owner)));
      if (above !== null && !above.owners.has(owner)) more = true;
    }
    this.bounded = above?.bounded || watches.some((watch) => watch.depth >= 0);
    this.count = watches.length + (above === null ? 0 : above.count);
    this.owners = above !== null && !more ? above.owners : new Set([...(above?.owners ?? []), ...lists.keys()]);
    this.crowd = above !== null && !more ? above.crowd : crowd;
  }

  /** The number of connections with watches here. */
  get parts(): number {
    return this.own.size;
  }

  /** A connection's watches here, or on the nearest path above where it has some; null: none. */
  of(owner: Connection): OwnWatches | null {
    for (let at: WatchedPath | null = this; at !== null; at = at.above) {
      const own = at.own.get(owner);
      if (own !== undefined) return own;
    }
    return null;
  }
}

/** The watches that a change fires. Similar changes share one. */
export class FanOut {
  /** The number of changes that share it. */
  uses = 0;

  constructor(
    private readonly at: WatchedPath,
    readonly audience: Audience,
    /** The level of the changes below the root, if some watches have a depth; else -1. */
    readonly level: number,
  ) {}

  /** Whether it can include watches above `path`. */
  above(path: string): boolean {
    return this.at.above !== null || this.at.path !== path;
  }

  /** The most events that one change causes. */
  get events(): number {
    return this.at.count;
  }

  /** The number of watches that are sorted once for all changes. */
  get ordered(): number {
    return this.uses >= MANY ? this.at.count : 0;
  }

  /**
   * The watches of a connection that a change fires, in order of registration; empty if they all get one
   * event later.
   */
  watchesOf(c: Connection): readonly Watch[] {
    const own = this.audience.has(c) ? this.at.of(c) : null;
    if (own === null || (c.missed > 0 && !c.privileged && own.allMissed(c.missedChanges))) return [];
    const found = own.of(this.level);
    if (this.uses >= MANY && !own.bounded) own.all = found;
    return found;
  }

  /** Calls `miss` for each watch of a guest, once for each path. */
  giveUp(miss: (c: Connection, watch: Watch) => void): void {
    for (const c of this.audience) {
      if (c.privileged) continue;
      for (let own = this.at.of(c); own !== null && !own.gaveUp; own = own.above) {
        for (const watch of own.watches) miss(c, watch);
        own.gaveUp = true;
      }
    }
  }
}

/**
 * The fan-outs of a commit, a death or a recovery with too many events to list. Each watched path, each set
 * of connections and each pair of the two is made once.
 */
export class FanOuts {
  /** The number of watched paths, of connections' parts of them, and of watches on them. */
  paths = 0;
  parts = 0;
  watches = 0;
  /** The number of fan-outs made. */
  fanOuts = 0;
  /**
   * By row or path: the nearest watched path, the path itself included. Rows keep their numbers until the
   * tree commits.
   */
  private readonly nearest = new Map<number | string, WatchedPath | null>();
  /** By row or path: the level below the root. */
  private readonly levels = new Map<number | string, number>();
  /** By watched path: the last fan-out. */
  private readonly made = new Map<WatchedPath, FanOut>();
  /** Audiences by the permissions that decide, and by their members. */
  private readonly byPerms = new Map<string, Audience>();
  private readonly byMembers = new Map<string, Audience>();
  /** Numbers of permission lists that stay valid after the commit frees a list and reuses its number. */
  private readonly lists = new Map<Perms, number>();

  constructor(
    private readonly tree: Tree,
    /** mayLearnOf() of permission-checks.ts. */
    private readonly sees: (c: Connection, id: number, oldPerms: number) => boolean,
  ) {}

  /** Drops the caches, because watches, rows and lists may change. Fan-outs stay valid. */
  forget(): void {
    for (const known of [this.nearest, this.levels, this.made, this.byPerms, this.byMembers, this.lists]) known.clear();
  }

  /** The fan-out of a change as in Events.wrote; null: no watch fires. */
  of(id: number, oldPerms: number): FanOut | null {
    const at = this.nearestTo(id);
    if (at === null) return null;
    return this.fanOut(at, this.audience(at, id, oldPerms), this.levels.get(id) as number);
  }

  /** The fan-out of a path, which need not exist, for a given audience; null: no watch fires. */
  ofPath(path: string, audience: Audience): FanOut | null {
    const at = this.nearestToPath(path);
    return at === null ? null : this.fanOut(at, audience, this.levels.get(path) as number);
  }

  private fanOut(at: WatchedPath, audience: Audience, levels: number): FanOut | null {
    if (audience.size === 0) return null;
    const level = at.bounded ? levels : -1;
    let fanOut = this.made.get(at);
    if (fanOut === undefined || fanOut.audience !== audience || fanOut.level !== level) {
      fanOut = new FanOut(at, audience, level);
      this.made.set(at, fanOut);
      this.fanOuts++;
    }
    fanOut.uses++;
    return fanOut;
  }

  private nearestTo(id: number): WatchedPath | null {
    const { parent, flags, paths } = this.tree;
    const rows: number[] = [];
    for (let row = id; row >= 0 && !this.nearest.has(row); row = parent[row] as number) rows.push(row);
    const last = rows[rows.length - 1] ?? id;
    let above = this.nearest.get(rows.length === 0 ? id : (parent[last] as number)) ?? null;
    let level = rows.length === 0 ? 0 : (this.levels.get(parent[last] as number) ?? -1);
    for (let i = rows.length - 1; i >= 0; i--) {
      const row = rows[i] as number;
      level++;
      if ((flags[row] as number) & Flag.watched) above = this.watched(paths[row] as string, level, above);
      this.levels.set(row, level);
      this.nearest.set(row, above);
    }
    return above;
  }

  private nearestToPath(path: string): WatchedPath | null {
    const all: string[] = [];
    for (let at = path; at !== "" && !this.nearest.has(at); at = parentPath(at)) all.push(at);
    const known = all.length === 0 ? path : parentPath(all[all.length - 1] as string);
    let above = this.nearest.get(known) ?? null;
    let level = this.levels.get(known) ?? -1;
    for (let i = all.length - 1; i >= 0; i--) {
      const at = all[i] as string;
      level++;
      if (this.tree.watches.watched(at)) above = this.watched(at, level, above);
      this.levels.set(at, level);
      this.nearest.set(at, above);
    }
    return above;
  }

  private watched(path: string, level: number, above: WatchedPath | null): WatchedPath {
    const watches: Watch[] = [];
    this.tree.watches.exactly(path, watches);
    const made = new WatchedPath(path, level, watches, above, this.paths);
    this.paths++;
    this.parts += made.parts;
    this.watches += watches.length;
    return made;
  }

  private audience(at: WatchedPath, id: number, oldPerms: number): Audience {
    const { tree, byPerms, byMembers } = this;
    const up = tree.parent[id] as number;
    const key = [
      at.crowd,
      this.list(tree.permissions(id)),
      this.list(oldPerms),
      up < 0 ? -1 : this.list(tree.permissions(up)),
    ];
    const decides = key.join(" ");
    const known = byPerms.get(decides);
    if (known !== undefined) return known;
    const members = [...at.owners].filter((c) => c.privileged || this.sees(c, id, oldPerms));
    const names = members.map((c) => c.link).join(" ");
    const audience = byMembers.get(names) ?? new Set(members);
    byMembers.set(names, audience);
    byPerms.set(decides, audience);
    return audience;
  }

  private list(perms: number): number {
    if (perms < 0) return -1;
    const list = this.tree.perms.get(perms);
    const known = this.lists.get(list);
    if (known !== undefined) return known;
    this.lists.set(list, this.lists.size);
    return this.lists.size - 1;
  }
}
