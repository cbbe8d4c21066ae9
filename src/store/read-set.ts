import type { Account } from "./account.ts";
import { Cost, textCost } from "./cost.ts";
import { type Children, Item, State } from "./item.ts";
import { baseName, parentPath } from "./path.ts";
import type { Tree } from "./tree.ts";

/** Up to this many items a linear search is cheaper than the Map. */
export const FEW = 8;

/**
 * What a transaction read: the store as it was at START, with the transaction's own changes. Implements the
 * reading part of View (view.ts).
 */
export abstract class ReadSet {
  /** Bytes of memory: items, values read and values written. */
  bytes = 0;
  /** The number of distinct paths looked up or changed, which is the number of items in use. */
  touched = 0;
  /** The transaction has only found nodes and read or written values, so validation and close take a short way. */
  protected plain = true;
  /** All items have their row. */
  protected rowed = true;
  /** The items; those from `touched` on are spare. A handle is an index here. */
  protected readonly items: Item[] = [];
  /** Used once there are more than FEW items. */
  protected readonly byPath = new Map<string, Item>();
  /** Changed items in the order in which the commit applies them; null: the change was taken out or moved behind. */
  protected readonly order: (Item | null)[] = [];
  /** Items with `cut`. */
  protected cuts = 0;
  /** Permission lists with a reference of this transaction. */
  protected readonly heldPerms: number[] = [];
  /** Commit number that it sees. */
  snapshot = 0;
  /** Tree.clock at START. A node whose generation is not newer is as the snapshot has it. */
  clock = 0;

  constructor(
    protected tree: Tree,
    protected account: Account,
  ) {}

  find(path: string): number {
    const items = this.items;
    const touched = this.touched;
    // As `known`, without the call: every request comes through here.
    if (touched <= FEW) {
      for (let i = 0; i < touched; i++) {
        const item = items[i] as Item;
        if (item.path !== path) continue;
        return (item.inSnapshot === 1 && item.state === State.base && this.cuts === 0) || this.exists(item) ? i : -1;
      }
    }
    const item = this.item(path);
    return this.exists(item) ? item.handle : -1;
  }

  /** As `find`, for a path whose row in the live store is `row`; -1: not known. */
  findAt(path: string, row: number): number {
    const tree = this.tree;
    const touched = this.touched;
    if (row < 0 || !this.rowed || touched >= FEW || tree.stale !== 0) return this.find(path);
    const items = this.items;
    for (let i = 0; i < touched; i++) {
      const item = items[i] as Item;
      if (item.row !== row) continue;
      // The row can have belonged to another node when the item was made.
      if (item.path !== path) break;
      return (item.inSnapshot === 1 && item.state === State.base && this.cuts === 0) || this.exists(item) ? i : -1;
    }
    // Before the item is made: otherwise a later lookup would find it without its row.
    if (this.cuts !== 0 || (((tree.generation[row] as number) - this.clock) | 0) > 0) return this.find(path);
    const item = this.add(path);
    item.row = row;
    item.inSnapshot = 1;
    return touched;
  }

  above(path: string): number {
    const seen = this.seenTo(path);
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) {
      const item = this.item(p);
      const there = item.state === State.base ? p.length <= seen && this.wasThere(item) : item.state !== State.absent;
      if (there) return item.handle;
    }
    return -1;
  }

  value(handle: number): string {
    const item = this.items[handle] as Item;
    if (item.value !== null) return item.value;
    if (item.state !== State.base) {
      this.readFresh(item);
      return "";
    }
    let readValue = item.readValue;
    if (readValue === null) {
      const tree = this.tree;
      const row = item.row;
      readValue =
        row >= 0 && tree.stale === 0 && (((tree.generation[row] as number) - this.clock) | 0) <= 0
          ? (tree.values[row] as string)
          : tree.history.valueAt(item.path, this.snapshot);
      item.readValue = readValue;
      const bytes = textCost(readValue.length);
      this.bytes += bytes;
      this.account.bytes += bytes;
    }
    return readValue;
  }

  permissions(handle: number): number {
    this.plain = false;
    const item = this.at(handle);
    if (item.permsSet) return item.perms;
    if (item.state !== State.base) {
      this.readFresh(item);
      return item.perms;
    }
    if (item.readPerms < 0) item.readPerms = this.hold(this.tree.history.permsAt(item.path, this.snapshot));
    return item.readPerms;
  }

  listing(handle: number): string {
    this.plain = false;
    const item = this.at(handle);
    let base = "";
    if (item.state !== State.base) {
      this.readFresh(item);
    } else {
      if (item.readListing === null) {
        item.readListing = this.tree.history.listingAt(item.path, this.snapshot);
        this.charge(textCost(item.readListing.length));
      }
      base = item.readListing;
    }
    return item.children === null ? base : this.withChanges(base, item.children);
  }

  listingVersion(handle: number): number {
    const { children } = this.at(handle);
    return this.snapshot + (children === null ? 0 : children.changes);
  }

  /** Where the name of a child starts in its path. */
  nameStart(handle: number): number {
    const { length } = this.at(handle).path;
    return length === 1 ? 1 : length + 1;
  }

  inherits(above: number, path: string): number {
    this.plain = false;
    const from = this.at(above);
    if (from.permsSet || from.state === State.recreated) {
      // The inherited list is this transaction's own. That no node lies between is what it read.
      this.missing(childOnTheWay(from.path, path));
      return from.perms;
    }
    const perms = from.state === State.fresh ? from.perms : this.tree.history.permsAt(from.path, this.snapshot);
    const top = this.item(childOnTheWay(from.path, path));
    // A node removed here still exists in the live store.
    const item = top.state === State.absent ? top : this.item(path);
    if (item.readAbove < 0) item.readAbove = this.hold(perms);
    // If another client removes `above`, the node would inherit from the next ancestor. If this transaction
    // changed that one, or would make `above` again, `above` must still exist at END.
    if (from.state === State.base && (from.children !== null || this.changedAbove(from.path))) from.readPresent = true;
    return perms;
  }

  missing(path: string): void {
    this.plain = false;
    const item = this.item(path);
    if (item.state === State.base && !this.hidden(path)) item.readMissing = true;
  }

  present(handle: number): void {
    this.plain = false;
    const item = this.at(handle);
    if (item.state === State.base) item.readPresent = true;
  }

  childBytes(handle: number): number {
    const item = this.at(handle);
    const live = item.state === State.base ? this.tree.find(item.path) : -1;
    const bytes = live < 0 ? 0 : this.tree.childBytes(live);
    return item.children === null ? bytes : bytes + item.children.bytes;
  }

  protected at(handle: number): Item {
    return this.items[handle] as Item;
  }

  /** The item of a path; undefined: there is none. */
  protected known(path: string): Item | undefined {
    const items = this.items;
    const touched = this.touched;
    if (touched > FEW) return this.byPath.get(path);
    for (let i = 0; i < touched; i++) {
      const item = items[i] as Item;
      if (item.path === path) return item;
    }
    return undefined;
  }

  /** The item of a path, made if there is none. */
  protected item(path: string): Item {
    const item = this.known(path);
    if (item !== undefined) return item;
    this.rowed = false;
    return this.add(path);
  }

  /** Adds an item. The path must have none. */
  protected add(path: string): Item {
    const items = this.items;
    const touched = this.touched;
    let item: Item;
    if (touched < items.length) item = items[touched] as Item;
    else items[touched] = item = new Item(path, touched);
    item.path = path;
    if (touched > FEW) this.byPath.set(path, item);
    else if (touched === FEW) for (const one of items) this.byPath.set(one.path, one);
    this.touched = touched + 1;
    const bytes = Cost.item + path.length;
    this.bytes += bytes;
    this.account.bytes += bytes;
    return item;
  }

  /** Whether the transaction sees the node. */
  protected exists(item: Item): boolean {
    if (item.state !== State.base) return item.state !== State.absent;
    return !this.hidden(item.path) && this.wasThere(item);
  }

  /** Whether the snapshot has the node, whatever the transaction changed. */
  protected wasThere(item: Item): boolean {
    if (item.inSnapshot === 0) item.inSnapshot = this.tree.history.rowAt(item.path, this.snapshot) >= 0 ? 1 : 2;
    return item.inSnapshot === 1;
  }

  /** Whether the transaction removed an ancestor and so hides the snapshot's node. */
  protected hidden(path: string): boolean {
    return this.cutAbove(path) !== 0;
  }

  /**
   * Length of the longest path, this one or an ancestor, for which `hidden` is false. Asking `hidden` for
   * each ancestor would cost the square of their number.
   */
  protected seenTo(path: string): number {
    return this.cutAbove(path) || path.length;
  }

  /** Length of the shortest ancestor that the transaction removed; 0: it removed none. */
  private cutAbove(path: string): number {
    let found = 0;
    if (this.cuts === 0) return found;
    // Of a long path, each ancestor would have to be copied and looked up.
    if (this.touched < path.length) return this.cutOfItems(path);
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) if (this.known(p)?.cut) found = p.length;
    return found;
  }

  /** The same, by a look at all items. */
  private cutOfItems(path: string): number {
    const { items, touched } = this;
    let found = 0;
    for (let i = 0; i < touched; i++) {
      const item = items[i] as Item;
      if (!item.cut) continue;
      const { length } = item.path;
      if (length >= path.length || (found !== 0 && length > found)) continue;
      if (path.charCodeAt(length) === 47 && path.startsWith(item.path)) found = length;
    }
    return found;
  }

  /** Whether the transaction changed an ancestor or the children of one. */
  protected changedAbove(path: string): boolean {
    if (this.order.length === 0) return false;
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) {
      const item = this.known(p);
      if (item !== undefined && (item.order >= 0 || item.children !== null)) return true;
    }
    return false;
  }

  /** The client read a default of a node made here, which depends on the node's absence in the snapshot. */
  protected readFresh(item: Item): void {
    this.plain = false;
    if (item.state === State.fresh) item.readMissing = true;
  }

  /** Adds to the transaction's and the client's bytes. */
  protected charge(bytes: number): void {
    this.bytes += bytes;
    this.account.bytes += bytes;
  }

  /** Takes a reference to a permission list until the transaction is closed, and returns the number. */
  protected hold(perms: number): number {
    // Most nodes made by one transaction have the same list.
    if (this.heldPerms[this.heldPerms.length - 1] === perms) return perms;
    this.tree.perms.hold(perms);
    this.heldPerms.push(perms);
    this.charge(Cost.held);
    return perms;
  }

  /** A listing with the transaction's own changes: removed names out, made names at the end. */
  protected withChanges(listing: string, { there }: Children): string {
    const changed = new Set<string>();
    const made: string[] = [];
    for (const [handle, is] of there) {
      const name = baseName(this.at(handle).path);
      changed.add(name);
      if (is) made.push(name);
    }
    const names = listing.split("\0");
    names.pop();
    const all = names.filter((name) => !changed.has(name));
    for (const name of made) all.push(name);
    return all.length > 0 ? `${all.join("\0")}\0` : "";
  }
}

/** The path one component below `from` in the direction of `path`. */
function childOnTheWay(from: string, path: string): string {
  const slash = path.indexOf("/", from.length === 1 ? 1 : from.length + 1);
  return slash < 0 ? path : path.slice(0, slash);
}
