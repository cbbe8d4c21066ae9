import type { Naive } from "./naive.ts";

/** A request in a transaction, and what it did. */
export interface Logged {
  op: string;
  path: string;
  arg: string;
  reply: string;
  /** It changed something: RM of what is not there and MKDIR of what is do not. */
  wrote: boolean;
  /** Parents that it made, as the transaction saw it. */
  made: string[];
}

export interface Watching {
  path: string;
  token: string;
  depth: number;
}

/** The watches that Dom0 has, and the events that it is to hear of changes. */
export class Watches {
  readonly list: Watching[] = [];

  private changed(path: string): string[] {
    const list: string[] = [];
    for (const w of this.list) {
      const below = w.path === "/" ? path : path.slice(w.path.length);
      const inside = path === w.path || (path.startsWith(w.path === "/" ? "/" : `${w.path}/`) && path !== w.path);
      if (!inside) continue;
      const levels = path === w.path ? 0 : below.split("/").length - 1;
      if (w.depth < 0 || levels <= w.depth) list.push(`0 ${path}|${w.token}|`);
    }
    return list;
  }

  private exactly(path: string): string[] {
    return this.list.filter((w) => w.path === path).map((w) => `0 ${path}|${w.token}|`);
  }

  private removed(before: Naive, path: string): string[] {
    const list = before.postOrder(path);
    list.pop();
    return list.flatMap((p) => this.exactly(p));
  }

  /** Of one request. `before`: the store as it was. */
  eventsOf(before: Naive, op: string, path: string): string[] {
    if (op === "WRITE" || op === "SET_PERMS") return this.changed(path);
    if (op === "MKDIR") return before.find(path) === null ? this.changed(path) : [];
    if (op === "RM" && before.find(path) !== null) return [...this.removed(before, path), ...this.changed(path)];
    return [];
  }

  /** Of a commit of all that `log` has. */
  eventsOfCommit(log: readonly Logged[], before: Naive, after: Naive): string[] {
    interface Change {
      path: string;
      cut: boolean;
      /** Removed, and not made again yet. */
      absent: boolean;
      silent: boolean;
      /** Not only made: MKDIR of what came there meanwhile is no change. */
      written: boolean;
      /** When it is applied; events stand in the order of the first change. */
      order: number;
    }
    let changes: Change[] = [];
    let orders = 0;
    const note = (path: string): Change => {
      let change = changes.find((c) => c.path === path);
      if (change === undefined) {
        change = { path, cut: false, absent: false, silent: true, written: false, order: orders++ };
        changes.push(change);
      }
      return change;
    };
    const make = (path: string): Change => {
      const change = note(path);
      // Made again, it goes behind whatever was made meanwhile.
      if (change.absent) change.order = orders++;
      change.absent = false;
      return change;
    };
    for (const l of log) {
      if (!l.wrote) continue;
      if (l.op === "RM") {
        changes = changes.filter((c) => c.cut || !c.path.startsWith(`${l.path}/`));
        for (const c of changes)
          if (c.path.startsWith(`${l.path}/`)) Object.assign(c, { absent: true, written: false });
        Object.assign(note(l.path), { cut: true, absent: true, silent: false, written: false });
        continue;
      }
      for (const p of l.made) make(p);
      const change = make(l.path);
      change.silent = false;
      if (l.op !== "MKDIR") change.written = true;
    }
    const cuts = changes.filter((c) => c.cut).sort((x, y) => x.order - y.order);
    const removals = new Map<Change, string[]>();
    const gone = (path: string): boolean =>
      [...removals.keys()].some((c) => path === c.path || path.startsWith(`${c.path}/`));
    for (const c of cuts) {
      if (before.find(c.path) === null || gone(c.path)) continue;
      const below = before.postOrder(c.path).filter((p) => p !== c.path && !gone(p));
      removals.set(
        c,
        below.flatMap((p) => this.exactly(p)),
      );
    }
    const list: string[] = [];
    for (const c of changes) {
      const had = c.cut
        ? removals.has(c)
        : before.find(c.path) !== null && !cuts.some((o) => c.path.startsWith(`${o.path}/`));
      const has = after.find(c.path) !== null;
      list.push(...(removals.get(c) ?? []));
      if (!c.silent && (c.cut ? had || has : has && (c.written || !had))) list.push(...this.changed(c.path));
    }
    return list;
  }
}
