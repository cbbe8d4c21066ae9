import { PATH_MAX } from "../limits.ts";
import { Quota } from "../quota/quotas.ts";
import { countedLength, validPath, validSpecial } from "../store/path.ts";
import { Right } from "../store/perms.ts";
import type { Tree } from "../store/tree.ts";
import type { View } from "../store/view.ts";
import type { Watch } from "../store/watch.ts";
import { Errno } from "../wire/errno.ts";
import type { Connection } from "./connection.ts";

/** Right of the owner alone; asked for beside the bits of Right. */
export const OWNER = 4;

/** Whether a connection that is not privileged has a right by a permission list. */
export function allows(tree: Tree, connection: Connection, perms: number, right: number): boolean {
  const list = tree.perms.get(perms);
  const domid = connection.domid;
  const target = connection.target;
  if (list.owner >= 0 && (list.owner === domid || list.owner === target)) return true;
  return (list.rights(domid, target) & right) === right;
}

/** Whether the owner of a watch on a special node may be told of it. */
export function readsSpecial(tree: Tree, watch: Watch, name: string): boolean {
  return !watch.filtered || allows(tree, watch.owner as Connection, tree.permissions(tree.find(name)), Right.read);
}

/** An event must not tell of a node that its watcher could not find out about by reading. oldPerms -1: they did not change. */
export function mayLearnOf(tree: Tree, connection: Connection, id: number, oldPerms: number): boolean {
  if (allows(tree, connection, tree.permissions(id), Right.read)) return true;
  if (oldPerms >= 0 && allows(tree, connection, oldPerms, Right.read)) return true;
  const parent = tree.parent[id] as number;
  return parent >= 0 && allows(tree, connection, tree.permissions(parent), Right.read);
}

/**
 * The absolute form of a path in a request; "": it is empty, special, or longer
 * than the connection may use. Characters are not looked at: what is in the index
 * is valid, what is not is checked by `refuse` or by who creates it.
 */
export function canonical(connection: Connection, text: string): string {
  const first = text.charCodeAt(0);
  let path = text;
  if (first !== 47) {
    if (text.length === 0 || first === 64) return "";
    path = connection.base + text;
  }
  if (path.length <= connection.pathMax || countedLength(path) <= connection.pathMax) return path;
  connection.refusals.count(Quota.pathMax);
  return "";
}

/** Whether a path in a request names a special node (`@releaseDomain`), and is not too long for one. */
export function isSpecial(text: string): boolean {
  return text.charCodeAt(0) === 64 && text.length <= PATH_MAX;
}

/** As `canonical`, with special paths allowed. */
export function canonicalOrSpecial(connection: Connection, text: string): string {
  return isSpecial(text) ? text : canonical(connection, text);
}

/** Whether a path that is not in the index is one that could be. */
export function wellFormed(path: string): boolean {
  return path.charCodeAt(0) === 64 ? validSpecial(path) : validPath(path);
}

/**
 * The error for a path that does not exist: only who has the right on the nearest
 * existing ancestor learns that it does not.
 */
export function refuse(tree: Tree, connection: Connection, view: View, path: string, right: number): Errno {
  if (!wellFormed(path)) return Errno.EINVAL;
  view.missing(path);
  if (connection.privileged) return Errno.ENOENT;
  const above = view.above(path);
  if (above < 0) return Errno.EACCES;
  return allows(tree, connection, view.inherits(above, path), right) ? Errno.ENOENT : Errno.EACCES;
}
