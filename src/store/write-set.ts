import { Cost, textCost } from "./cost.ts";
import { Children, type Item, State } from "./item.ts";
import { parentPath } from "./path.ts";
import { ReadSet } from "./read-set.ts";
import type { View } from "./view.ts";

/** The order is compacted once it has this many elements more than twice the items. */
const STALE_PLACES = 16;

/**
 * What a transaction changed, besides what it read. Nothing of it is in the store before the commit.
 * Implements the changing part of View (view.ts).
 */
export abstract class WriteSet extends ReadSet implements View {
  /** Nodes made in it that it has not removed again. */
  created = 0;
  /** Elements that compaction took out of the order. */
  protected gone = 0;

  setValue(handle: number, value: string): void {
    const item = this.items[handle] as Item;
    const bytes = textCost(value.length) - (item.value === null ? 0 : textCost(item.value.length));
    this.bytes += bytes;
    this.account.bytes += bytes;
    item.value = value;
    item.implicit = false;
    if (item.order >= 0) return;
    // As `change`, without the call.
    const order = this.order;
    item.order = order.length;
    item.rank = item.order + this.gone;
    order[item.order] = item;
  }

  setPerms(handle: number, perms: number): void {
    this.plain = false;
    const item = this.at(handle);
    item.perms = this.hold(perms);
    item.permsSet = true;
    item.implicit = false;
    if (item.order < 0) this.change(item);
  }

  createPath(above: number, path: string, perms: number, value: string | null): number {
    this.plain = false;
    let parent = this.at(above);
    const seen = this.seenTo(path);
    let slash = path.indexOf("/", parent.path.length === 1 ? 1 : parent.path.length + 1);
    while (slash >= 0) {
      parent = this.make(parent, path.slice(0, slash), perms, seen, true);
      slash = path.indexOf("/", slash + 1);
    }
    const item = this.make(parent, path, perms, seen, false);
    item.value = value;
    if (value !== null) this.charge(textCost(value.length));
    return item.handle;
  }

  remove(handle: number): void {
    this.plain = false;
    const item = this.at(handle);
    const parent = this.item(parentPath(item.path));
    this.present(parent.handle);
    const below = `${item.path}/`;
    for (let i = 0; i < this.touched; i++) {
      const other = this.items[i] as Item;
      if (!other.path.startsWith(below)) continue;
      const cut = other.cut;
      this.reset(other);
      if (cut) {
        // A watcher above gets an event by name for each removed node, as if they were removed one by one.
        other.state = State.absent;
        other.cut = true;
        this.cuts++;
        continue;
      }
      // A later change of this path must come after this removal.
      if (other.order >= 0) this.order[other.order] = null;
      other.order = -1;
    }
    this.reset(item);
    item.state = State.absent;
    item.cut = true;
    this.cuts++;
    item.implicit = false;
    if (item.order < 0) this.change(item);
    this.noteChild(parent, item, false);
  }

  /** Adds an item at its first change. */
  protected change(item: Item): void {
    this.putLast(item);
    item.rank = item.order + this.gone;
  }

  /** Puts an item at the end of the order, which is compacted once it has many unused elements. */
  protected putLast(item: Item): void {
    const order = this.order;
    if (order.length > 2 * this.touched + STALE_PLACES) {
      let kept = 0;
      for (const one of order) {
        if (one === null) continue;
        one.order = kept;
        order[kept++] = one;
      }
      this.gone += order.length - kept;
      order.length = kept;
    }
    item.order = order.length;
    order.push(item);
  }

  /** Makes one node. `seen`: as seenTo() returns for the path to be made. `onTheWay`: it is a missing parent. */
  protected make(parent: Item, path: string, perms: number, seen: number, onTheWay: boolean): Item {
    const item = this.item(path);
    // A node that was removed before gets an event, also as a missing parent.
    item.implicit = onTheWay && item.order < 0;
    if (item.state === State.absent) {
      // A child made again is applied after what was made meanwhile.
      this.order[item.order] = null;
      this.putLast(item);
    }
    item.state = item.state === State.absent || path.length > seen ? State.recreated : State.fresh;
    item.perms = this.hold(perms);
    if (item.order < 0) this.change(item);
    this.noteChild(parent, item, true);
    this.created++;
    return item;
  }

  /** Notes that a child was made or removed. */
  protected noteChild(parent: Item, child: Item, made: boolean): void {
    let of = parent.children;
    if (of === null) {
      of = parent.children = new Children();
      this.charge(Cost.children);
    }
    const size = child.path.length - parent.path.length;
    // The root's path ends with a slash, which stands for the name's NUL here.
    const bytes = parent.path.length === 1 ? size + 1 : size;
    of.bytes += made ? bytes : -bytes;
    of.changes++;
    // Moves it to the end.
    if (!of.there.delete(child.handle)) this.charge(Cost.child);
    of.there.set(child.handle, made);
  }

  /** Restores the children of a state by an earlier program, which saved each change with a sign before the name. */
  protected takeChildren(parent: Item, changes: readonly string[]): void {
    const above = parent.path.length === 1 ? "" : parent.path;
    parent.children = null;
    for (const change of changes)
      this.noteChild(parent, this.item(`${above}/${change.slice(1)}`), change.charCodeAt(0) === 43);
  }

  /** Undoes all changes of one path. */
  protected reset(item: Item): void {
    if (item.state === State.fresh || item.state === State.recreated) this.created--;
    if (item.value !== null) this.charge(-textCost(item.value.length));
    item.state = State.base;
    item.value = null;
    item.perms = -1;
    item.permsSet = false;
    if (item.children !== null) this.charge(-Cost.children - item.children.there.size * Cost.child);
    item.children = null;
    if (item.cut) {
      item.cut = false;
      this.cuts--;
    }
  }
}
