import {
  changeBack,
  type HistoryRecord,
  join,
  News,
  type Once,
  Past,
  type PastState,
  type PathState,
  split,
  touches,
} from "./past.ts";
import { tombstone } from "./rows.ts";
import type { Tree } from "./tree.ts";

/** Saves the history for another program, oldest snapshot first. All removed subtrees must be swept. */
export function savePast(tree: Tree): PastState[] {
  const { history } = tree;
  const pasts: { snapshot: number; paths: PathState[] }[] = [];
  /** By open snapshot: the PathStates of its PastState. */
  const paths: PathState[][] = [];
  for (const { snapshot } of history.open) {
    if (pasts.at(-1)?.snapshot !== snapshot) pasts.push({ snapshot, paths: [] });
    paths.push((pasts.at(-1) as PastState).paths as PathState[]);
  }
  for (const [path, head] of history.heads) savePath(tree, path, head, paths);
  return pasts;
}

/**
 * Saves one path in one pass over its records, however many snapshots see them. Each snapshot gets only
 * what the next newer one does not have.
 */
function savePath(tree: Tree, path: string, head: HistoryRecord, paths: readonly PathState[][]): void {
  const { history } = tree;
  const once = new Cursor(tree, path);
  let gone = once.row < 0;
  let news = 0;
  let at = history.openBefore(head.sequence);
  for (let r: HistoryRecord | null = head; r !== null && at > 0; r = r.older) {
    once.back(r);
    news |= touches[r.kind] as number;
    const next = r.older === null ? 0 : history.openBefore(r.older.sequence);
    if (next === at) continue;
    const all = gone || (news & News.node) !== 0;
    paths[at - 1]?.push([path, once.told(all ? News.value | News.perms | News.listing : news), gone]);
    gone = once.row < 0;
    news = 0;
    at = next;
  }
}

/**
 * Restores one PastState. To be called once its snapshot is open, oldest snapshot first: a new commit
 * number stands for all changes between this snapshot and the next.
 */
export function restorePast(tree: Tree, paths: PastState["paths"]): void {
  const { history } = tree;
  const sequence = ++tree.sequence;
  for (const [path, once, gone] of paths) {
    const row = tree.find(path);
    if (row >= 0) tree.generation[row] = ++tree.clock;
    if (once === null) {
      history.push(path, Past.absent, 0, sequence);
      continue;
    }
    const [value, entries, listing] = once;
    const perms = entries === null ? -1 : tree.perms.intern(entries);
    if (listing !== null) history.push(path, Past.listing, listing, sequence);
    if (gone) {
      history.push(path, Past.removed, tombstone(tree, path, value ?? "", perms), sequence);
      continue;
    }
    if (value !== null) history.push(path, Past.value, value, sequence);
    if (perms < 0) continue;
    tree.perms.hold(perms);
    history.push(path, Past.perms, perms, sequence);
  }
}

/** The state of one path, moved back in time record by record. */
class Cursor {
  /** The row; -1: there was no such node. */
  row: number;
  private value: string | null = null;
  private perms = -1;
  private listing: string | null = null;
  /** The same list, split for single changes. */
  private names: string[] | null = null;

  constructor(
    private readonly tree: Tree,
    path: string,
  ) {
    this.row = tree.find(path);
  }

  /** Takes one change back. */
  back({ kind, old }: HistoryRecord): void {
    if (kind === Past.value) {
      this.value = old as string;
    } else if (kind === Past.perms) {
      this.perms = old as number;
    } else if (kind === Past.absent || kind === Past.removed) {
      this.row = kind === Past.absent ? -1 : (old as number);
      this.value = this.listing = this.names = null;
      this.perms = -1;
    } else if (kind === Past.listing) {
      this.listing = old as string;
      this.names = null;
    } else if (kind === Past.added || kind === Past.dropped) {
      if (this.names === null) this.names = split(this.children());
      changeBack(this.names, kind, old as string);
    }
  }

  /** The state with those fields that `news` (bits of News) names; null: there was no such node. */
  told(news: number): Once {
    const { tree, row, perms } = this;
    if (row < 0) return null;
    const { entries } = tree.perms.get(perms < 0 ? (tree.permsOf[row] as number) : perms);
    return [
      news & News.value ? (this.value ?? (tree.values[row] as string)) : null,
      news & News.perms ? entries : null,
      news & News.listing ? this.children() : null,
    ];
  }

  private children(): string {
    if (this.names !== null) return join(this.names);
    return this.listing ?? (this.row < 0 ? "" : this.tree.listing(this.row));
  }
}
