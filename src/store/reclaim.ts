import type { History } from "./history.ts";
import type { Journal } from "./journal.ts";
import type { Listings } from "./listings.ts";
import { freeze } from "./old-listing.ts";
import { NOBODY, type Writer } from "./past.ts";
import type { PathIndex } from "./path-index.ts";
import { bytesOf, Flag, free, isDead, type Rows } from "./rows.ts";

/** What is done with removed subtrees needs of the tree. */
interface ReclaimedTree extends Rows {
  readonly index: PathIndex;
  readonly history: History;
  readonly listings: Listings;
  readonly journal: Journal | null;
  readonly sequence: number;
  stale: number;
  size: number;
  clock: number;
  deadRoot(id: number): number;
}

/**
 * Removed subtrees until their rows are free again. Their rows leave the index and the accounts in slices
 * ("swept"). A row that the history keeps is freed later.
 */
export class Reclaim {
  /** Roots of subtrees that are not completely swept. */
  private pending: number[] = [];
  /** By root: the number of the commit that removed it. */
  private readonly deaths = new Map<number, number>();
  /** By root: who removed it, if a snapshot was open. */
  private readonly removers = new Map<number, Writer>();
  /** The next row of the first subtree; -1: its sweep has not begun. */
  private cursor = -1;
  /** Rows in Journal.rows that the journal has not been told of. */
  private reclaimed = 0;

  constructor(private readonly tree: ReclaimedTree) {}

  /** Adds a subtree that the next commit removes. */
  add(root: number): void {
    this.pending.push(root);
    this.deaths.set(root, this.tree.sequence + 1);
  }

  /** Notes who removed it; needed only while a snapshot is open. */
  removedBy(root: number, by: Writer): void {
    this.removers.set(root, by);
  }

  /** Takes `add` and `removedBy` back. */
  undo(root: number): void {
    // Each separately: memory can have run out between the two.
    this.deaths.delete(root);
    this.removers.delete(root);
    if (this.pending[this.pending.length - 1] === root) this.pending.pop();
  }

  /** The number of the commit that removed a subtree not swept yet. */
  deathOf(root: number): number {
    return this.deaths.get(root) as number;
  }

  /**
   * Sweeps up to `budget` rows, children before parents. Returns whether there are more. Throws where memory ends; the
   * rows swept before that are free, and the next sweep goes on.
   */
  sweep(budget: number): boolean {
    const { journal } = this.tree;
    const rows = journal === null ? budget : Math.min(budget, journal.rows.length);
    // Each may have a node and a state.
    journal?.reserve(2 * rows);
    try {
      return this.sweepRows(rows);
    } finally {
      // Before any of the rows is used again.
      if (this.reclaimed > 0) journal?.released(this.reclaimed);
      this.reclaimed = 0;
    }
  }

  private sweepRows(budget: number): boolean {
    const { tree } = this;
    let left = budget;
    while (this.pending.length > 0) {
      const root = this.pending[0] as number;
      let n = this.cursor;
      if (n < 0) n = (tree.first[root] as number) < 0 ? root : deepest(tree, root);
      const death = this.deaths.get(root) as number;
      const by = this.removers.get(root) ?? NOBODY;
      for (;;) {
        if (left-- <= 0) {
          this.cursor = n;
          return true;
        }
        // Where memory ends in this row, the next sweep goes on with it.
        this.cursor = n;
        const sibling = tree.next[n] as number;
        const parent = tree.parent[n] as number;
        this.reclaim(n, root, death, by);
        if (n === root) break;
        n = sibling >= 0 ? deepest(tree, sibling) : parent;
      }
      this.cursor = -1;
      this.pending.shift();
      this.deaths.delete(root);
      this.removers.delete(root);
      tree.stale--;
    }
    return false;
  }

  /** The number of nodes that a domain owns, without those in removed subtrees. */
  owned(domid: number): number {
    const { tree } = this;
    let count = tree.owners.count(domid);
    if (tree.stale > 0) {
      const known = new Uint8Array(tree.parent.length);
      for (const id of tree.owners.nodes(domid)) if (isDead(tree, id, known, true)) count--;
    }
    return count;
  }

  /** The history needs a row no longer: frees it if it is swept. */
  release(id: number): void {
    const { tree } = this;
    const flags = tree.flags[id] as number;
    if (flags & Flag.swept) this.freeHeld(id);
    else tree.flags[id] = flags & ~Flag.held;
  }

  /** A new node takes the path of a row in a removed subtree: records for open snapshots that the old node existed. */
  reclaimEarly(path: string, row: number): void {
    const { tree } = this;
    const root = tree.deadRoot(row);
    if (root === row) return;
    const by = this.removers.get(root) ?? NOBODY;
    if (tree.history.removed(path, row, this.deaths.get(root) as number, by))
      tree.flags[row] = (tree.flags[row] as number) | Flag.held;
  }

  private reclaim(id: number, root: number, death: number, by: Writer): void {
    const { tree } = this;
    const journal = tree.journal;
    const path = tree.paths[id] as string;
    let flags = tree.flags[id] as number;
    // What can fail comes first.
    if (id !== root && tree.history.active && tree.index.find(path) === id) {
      if (this.keep(path, id, death, by)) flags |= Flag.held;
      // An old listing of the parent depends on this row's name, which is about to be freed: it is stored
      // as a whole.
      else freeze(tree.history, tree.paths[tree.parent[id] as number] as string);
    }
    tree.index.drop(id);
    const place = tree.place[id] as number;
    const { owner } = tree.perms.get(tree.permsOf[id] as number);
    tree.owners.remove(owner, place, tree.place, place < 0 ? 0 : bytesOf(tree, id));
    tree.size--;
    // The commit that removed the root told the journal of it.
    if (journal !== null && id !== root) journal.rows[this.reclaimed++] = id;
    // A transaction that remembers the row must see that it changed.
    tree.generation[id] = ++tree.clock;
    tree.flags[id] = flags | Flag.swept;
    if (!(flags & Flag.held)) this.freeHeld(id);
  }

  /** As History.removed; nothing is noted where memory ends. */
  private keep(path: string, id: number, death: number, by: Writer): boolean {
    const { history } = this.tree;
    const { mark } = history;
    try {
      return history.removed(path, id, death, by);
    } catch (thrown) {
      history.undo(mark);
      throw thrown;
    }
  }

  private freeHeld(id: number): void {
    const { tree } = this;
    if ((tree.flags[id] as number) & Flag.listed) tree.listings.forget(id);
    tree.perms.release(tree.permsOf[id] as number);
    free(tree, id);
  }
}

function deepest(tree: Rows, id: number): number {
  let n = id;
  for (;;) {
    const child = tree.first[n] as number;
    if (child < 0) return n;
    n = child;
  }
}
