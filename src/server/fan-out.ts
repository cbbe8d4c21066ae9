import { parentPath } from "../store/path.ts";
import type { Perms } from "../store/perms.ts";
import { Flag } from "../store/rows.ts";
import type { Tree } from "../store/tree.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";

/** Changes from which on the watches that one connection has on them are put in order once for all of them. */
const MANY = 64;

/** Who is told of some changes. Changes of which the same are told have the same one. */
export type Audience = ReadonlySet<Connection>;

/** The watches of one connection on one path. */
class Own {
  /** Connection.heard when these and all above were found missed; -1: they were not. */
  deaf = -1;
  /** They were given up. */
  gaveUp = false;
  /** With those above, in order of registration; null: that is not kept. */
  all: readonly Watch[] | null = null;
  /** Some, here or above, have a depth. */
  readonly bounded: boolean;

  constructor(
    /** Of the path, below the root. */
    readonly level: number,
    readonly watches: readonly Watch[],
    /** Those of the same connection that are the nearest above; null: there are none. */
    readonly above: Own | null,
  ) {
    this.bounded = above?.bounded || watches.some((watch) => watch.depth >= 0);
  }

  /** Whether each of them gets one event later anyway; `heard` is its owner's. */
  isDeaf(heard: number): boolean {
    for (let own: Own | null = this; own !== null && own.deaf !== heard; own = own.above)
      for (const watch of own.watches) if (!watch.missed) return false;
    for (let own: Own | null = this; own !== null && own.deaf !== heard; own = own.above) own.deaf = heard;
    return true;
  }

  /** Those that a change so many levels below the root concerns, in order of registration. */
  of(level: number): readonly Watch[] {
    if (this.all !== null) return this.all;
    if (this.above === null && !this.bounded) return this.watches;
    const found: Watch[] = [];
    for (let own: Own | null = this; own !== null; own = own.above) {
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
 * A watched path and its watches, as they were when the changes were made. It refers to the next watched path above it,
 * whose watches are not repeated here.
 */
class WatchedPath {
  private readonly own = new Map<Connection, Own>();
  /** Whose watches these and those above are, and a number that stands for them. */
  readonly owners: ReadonlySet<Connection>;
  readonly crowd: number;
  /** Watches here and above, and whether some have a depth. */
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
      this.own.set(owner, new Own(level, list, above === null ? null : above.of(owner)));
      if (above !== null && !above.owners.has(owner)) more = true;
    }
    this.bounded = above?.bounded || watches.some((watch) => watch.depth >= 0);
    this.count = watches.length + (above === null ? 0 : above.count);
    this.owners = above !== null && !more ? above.owners : new Set([...(above?.owners ?? []), ...lists.keys()]);
    this.crowd = above !== null && !more ? above.crowd : crowd;
  }

  /** Connections that have watches here. */
  get parts(): number {
    return this.own.size;
  }

  /** The nearest watches of a connection, here or above; null: it has none. */
  of(owner: Connection): Own | null {
    for (let at: WatchedPath | null = this; at !== null; at = at.above) {
      const own = at.own.get(owner);
      if (own !== undefined) return own;
    }
    return null;
  }
}

/** Who is told of a change, by which of their watches. Changes that are alike have one. */
export class FanOut {
  /** Changes that have it. */
  uses = 0;

  constructor(
    private readonly at: WatchedPath,
    readonly audience: Audience,
    /** Levels of the changes below the root, where that matters; else -1. */
    readonly level: number,
  ) {}

  /** Whether watches on what is above a path can be among them. */
  above(path: string): boolean {
    return this.at.above !== null || this.at.path !== path;
  }

  /** Events of each change, at most. */
  get events(): number {
    return this.at.count;
  }

  /** Watches that are put in order once for all changes. */
  get ordered(): number {
    return this.uses >= MANY ? this.at.count : 0;
  }

  /** The watches of a connection that a change concerns, in order of registration, but those that get one event later. */
  watchesOf(c: Connection): readonly Watch[] {
    const own = this.audience.has(c) ? this.at.of(c) : null;
    if (own === null || (c.missed > 0 && !c.privileged && own.isDeaf(c.heard))) return [];
    const found = own.of(this.level);
    if (this.uses >= MANY && !own.bounded) own.all = found;
    return found;
  }

  /** Gives all of them up that are guests' and on the path or above it: `miss` is told of each. */
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
 * The fan-outs of a commit, a death or a recovery whose events are too many to be listed. Each watched path, each set of
 * connections that may know of a change and each pair of the two is made once.
 */
export class FanOuts {
  /** Watched paths, the connections' parts of them, and watches on them. */
  paths = 0;
  parts = 0;
  watches = 0;
  /** Those that were made. */
  fanOuts = 0;
  /** By row or path: the nearest watched path, itself or above it. Rows keep their numbers until the tree commits. */
  private readonly nearest = new Map<number | string, WatchedPath | null>();
  /** Its level below the root. */
  private readonly levels = new Map<number | string, number>();
  /** By path: that which was made last. */
  private readonly made = new Map<WatchedPath, FanOut>();
  /** By what decides who is told, and by who is. */
  private readonly byPerms = new Map<string, Audience>();
  private readonly byMembers = new Map<string, Audience>();
  /** Numbers of lists, which the commit may let go, so that another has its number in the table. */
  private readonly lists = new Map<Perms, number>();

  constructor(
    private readonly tree: Tree,
    /** Whether a guest may know of a change. */
    private readonly sees: (c: Connection, id: number, oldPerms: number) => boolean,
  ) {}

  /** Watches, rows and lists may be others from here on. What was made stays as it is. */
  forget(): void {
    for (const known of [this.nearest, this.levels, this.made, this.byPerms, this.byMembers, this.lists]) known.clear();
  }

  /** That of a change as Events.wrote has it; null: nobody is told. */
  of(id: number, oldPerms: number): FanOut | null {
    const at = this.nearestTo(id);
    if (at === null) return null;
    return this.fanOut(at, this.audience(at, id, oldPerms), this.levels.get(id) as number);
  }

  /** That of a path, whether or not there is such a node, for those who are to be told; null: nobody is. */
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
