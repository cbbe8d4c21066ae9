import type { Perms } from "../store/perms.ts";
import { Flag, type Tree } from "../store/tree.ts";
import type { Watch } from "../store/watch.ts";
import type { Connection } from "./connection.ts";

/** Changes from which on the watches that one connection has on them are put in order once for all of them. */
const MANY = 64;

/** Who is told of some changes. */
export class Audience {
  /** Deliveries.share: the run of changes that it was met in last. */
  run = -1;
  /** Places of what keptEvents keeps of it, without watches above the changes and with them; -1: nothing yet. */
  readonly kept = [-1, -1];

  constructor(readonly members: ReadonlySet<Connection>) {}
}

/** The watches of one connection on one path. */
class Own {
  /** Connection.heard when these and all above were found missed; -1: they were not. */
  deaf = -1;
  /** They and those above were all given up. */
  gaveUp = false;
  /** With those above, in order of registration; null: that is not kept. */
  all: Watch[] | null = null;
  /** Some, here or above, have a depth. */
  readonly bounded: boolean;

  constructor(
    readonly path: string,
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

  /** Those that a change of a path concerns, in order of registration. */
  of(path: string): readonly Watch[] {
    if (this.all !== null) return this.all;
    if (this.above === null && !this.bounded) return this.watches;
    const found: Watch[] = [];
    for (let own: Own | null = this; own !== null; own = own.above) {
      const levels = this.bounded ? levelsBelow(own.path, path) : 0;
      for (const watch of own.watches) if (watch.depth < 0 || levels <= watch.depth) found.push(watch);
    }
    for (let i = 1; i < found.length; i++) {
      if ((found[i - 1] as Watch).serial < (found[i] as Watch).serial) continue;
      return found.sort((a, b) => a.serial - b.serial);
    }
    return found;
  }
}

/** A watched path as a commit found it. The watches of the paths above it are theirs, and are not repeated. */
class WatchedPath {
  private readonly own = new Map<Connection, Own>();
  /** Whose watches these and those above are, and a number that stands for them. */
  readonly owners: ReadonlySet<Connection>;
  readonly crowd: number;
  /** Watches here and above. */
  readonly count: number;

  constructor(
    readonly path: string,
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
      this.own.set(owner, new Own(path, list, above === null ? null : above.of(owner)));
      if (above !== null && !above.owners.has(owner)) more = true;
    }
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
  watchesOf(c: Connection, path: string): readonly Watch[] {
    const own = this.audience.members.has(c) ? this.at.of(c) : null;
    if (own === null || (c.missed > 0 && !c.privileged && own.isDeaf(c.heard))) return [];
    const found = own.of(path);
    if (this.uses >= MANY && !own.bounded) own.all = found as Watch[];
    return found;
  }

  /** Gives all of them up that a change concerns and that are a guest's: `miss` is told of each. */
  giveUp(path: string, miss: (c: Connection, watch: Watch) => void): void {
    for (const c of this.audience.members) {
      if (c.privileged) continue;
      const own = this.at.of(c);
      if (own === null || own.gaveUp) continue;
      for (const watch of own.of(path)) miss(c, watch);
      own.gaveUp = !own.bounded;
    }
  }
}

/**
 * The fan-outs of one commit whose events are too many to be listed. Each watched path, each set of connections that may
 * know of a change and what both have in common is found once.
 */
export class FanOuts {
  /** Watched paths, the connections' parts of them, and watches on them. */
  paths = 0;
  parts = 0;
  watches = 0;
  /** By row: the nearest watched path, the row itself or above it. Rows keep their numbers until the commit has ended. */
  private readonly nearest = new Map<number, WatchedPath | null>();
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

  /** That of a change as Events.wrote has it; null: nobody is told. */
  of(id: number, oldPerms: number): FanOut | null {
    const at = this.nearestTo(id);
    if (at === null) return null;
    const audience = this.audience(at, id, oldPerms);
    if (audience.members.size === 0) return null;
    let fanOut = this.made.get(at);
    if (fanOut === undefined || fanOut.audience !== audience) {
      fanOut = new FanOut(at, audience);
      this.made.set(at, fanOut);
    }
    fanOut.uses++;
    return fanOut;
  }

  private nearestTo(id: number): WatchedPath | null {
    const { parent, flags } = this.tree;
    const rows: number[] = [];
    let found: WatchedPath | null = null;
    for (let row = id; row >= 0; row = parent[row] as number) {
      const known = this.nearest.get(row);
      if (known !== undefined) {
        found = known;
        break;
      }
      rows.push(row);
    }
    for (let i = rows.length - 1; i >= 0; i--) {
      const row = rows[i] as number;
      if ((flags[row] as number) & Flag.watched) found = this.watched(row, found);
      this.nearest.set(row, found);
    }
    return found;
  }

  private watched(row: number, above: WatchedPath | null): WatchedPath {
    const path = this.tree.paths[row] as string;
    const watches: Watch[] = [];
    this.tree.watches.exactly(path, watches);
    const made = new WatchedPath(path, watches, above, this.paths);
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
    const audience = byMembers.get(names) ?? new Audience(new Set(members));
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

/** Levels of a path below one of its ancestors, or itself. */
function levelsBelow(ancestor: string, path: string): number {
  if (path === ancestor) return 0;
  return path.slice(ancestor === "/" ? 0 : ancestor.length).split("/").length - 1;
}
