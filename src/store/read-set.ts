import type { Account } from "./account.ts";
import { Cost, textCost } from "./cost.ts";
import { type Children, Item, State } from "./item.ts";
import { baseName, parentPath } from "./path.ts";
import type { Tree } from "./tree.ts";

/** Items that are looked for one by one: up to here that is cheaper than a Map. */
export const FEW = 8;

/** What a transaction was told: the store as it was at START, through the changes that it made itself. */
export abstract class ReadSet {
  /** What it keeps: paths it looked at, what it was told, what it changed. */
  bytes = 0;
  /** Distinct paths looked at or changed. */
  touched = 0;
  /** Nothing was asked of it but to find nodes and to read and write their values. */
  protected plain = true;
  /** All its items know their rows. */
  protected rowed = true;
  /** The first `touched` count; others are kept to be used again. */
  protected readonly items: Item[] = [];
  /** Filled once there are more than FEW. */
  protected readonly byPath = new Map<string, Item>();
  protected readonly order: (Item | null)[] = [];
  protected cuts = 0;
  protected readonly heldPerms: number[] = [];
  snapshot = 0;
  /** Tree.clock at START: a node whose generation is not after it is as the snapshot has it. */
  clock = 0;

  constructor(
    protected tree: Tree,
    protected account: Account,
  ) {}

  find(path: string): number {
    const items = this.items;
    const touched = this.touched;
    // As `known`, without the call: every request comes this way.
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

  /** As `find`, of a path that the live store has at `row`; -1: that is not known. */
  findAt(path: string, row: number): number {
    const tree = this.tree;
    const touched = this.touched;
    if (row < 0 || !this.rowed || touched >= FEW || tree.stale !== 0) return this.find(path);
    const items = this.items;
    for (let i = 0; i < touched; i++) {
      const item = items[i] as Item;
      if (item.row !== row) continue;
      // The row can have been another node's.
      if (item.path !== path) break;
      return (item.inSnapshot === 1 && item.state === State.base && this.cuts === 0) || this.exists(item) ? i : -1;
    }
    // Before it is noted as looked for, so that it is not found without its row.
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
      // What is inherited is sure; that nothing lies between is not.
      this.missing(childOnTheWay(from.path, path));
      return from.perms;
    }
    const perms = from.state === State.fresh ? from.perms : this.tree.history.permsAt(from.path, this.snapshot);
    const top = this.item(childOnTheWay(from.path, path));
    // What is removed here is still in the way in the live store.
    const item = top.state === State.absent ? top : this.item(path);
    if (item.readAbove < 0) item.readAbove = this.hold(perms);
    // If `above` goes meanwhile, the next one must be neither changed here nor made again by what was made below it.
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

  /** What is known of a path; undefined: nothing yet. */
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

  protected item(path: string): Item {
    const item = this.known(path);
    if (item !== undefined) return item;
    this.rowed = false;
    return this.add(path);
  }

  /** An item of a path of which nothing is known. */
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

  protected exists(item: Item): boolean {
    if (item.state !== State.base) return item.state !== State.absent;
    return !this.hidden(item.path) && this.wasThere(item);
  }

  /** Whether the snapshot has it. */
  protected wasThere(item: Item): boolean {
    if (item.inSnapshot === 0) item.inSnapshot = this.tree.history.rowAt(item.path, this.snapshot) >= 0 ? 1 : 2;
    return item.inSnapshot === 1;
  }

  /** Whether the transaction removed an ancestor, so that the snapshot's node is not seen. */
  protected hidden(path: string): boolean {
    if (this.cuts === 0) return false;
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) {
      if (this.known(p)?.cut) return true;
    }
    return false;
  }

  /**
   * How long a path above this one, or the path itself, is at most of which `hidden` is false: to ask that for each of
   * them would take the square of their number.
   */
  protected seenTo(path: string): number {
    let seen = path.length;
    if (this.cuts === 0) return seen;
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) {
      if (this.known(p)?.cut) seen = p.length;
    }
    return seen;
  }

  protected changedAbove(path: string): boolean {
    if (this.order.length === 0) return false;
    for (let p = parentPath(path); p !== ""; p = parentPath(p)) {
      const item = this.known(p);
      if (item !== undefined && (item.order >= 0 || item.children !== null)) return true;
    }
    return false;
  }

  /** What a node made here has by default was told: it depends on there having been none. */
  protected readFresh(item: Item): void {
    this.plain = false;
    if (item.state === State.fresh) item.readMissing = true;
  }

  protected charge(bytes: number): void {
    this.bytes += bytes;
    this.account.bytes += bytes;
  }

  protected hold(perms: number): number {
    // Most nodes that it makes have the same.
    if (this.heldPerms[this.heldPerms.length - 1] === perms) return perms;
    this.tree.perms.hold(perms);
    this.heldPerms.push(perms);
    this.charge(Cost.held);
    return perms;
  }

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

/** The path one component below `from`, on the way to `path`. */
function childOnTheWay(from: string, path: string): string {
  const slash = path.indexOf("/", from.length === 1 ? 1 : from.length + 1);
  return slash < 0 ? path : path.slice(0, slash);
}
