import { PATH_MAX } from "../limits.ts";
import { Quota } from "../quota/quotas.ts";
import { countedLength, validPath, validSpecial } from "../store/path.ts";
import { Right } from "../store/perms.ts";
import type { Tree } from "../store/tree.ts";
import type { View } from "../store/view.ts";
import type { Watch } from "../store/watch.ts";
import { Errno } from "../wire/errno.ts";
import type { Connection } from "./connection.ts";

/** The owner's right to change permissions; passed beside the bits of Right. */
export const OWNER = 4;

/** Whether an unprivileged connection has the rights `right` (bits) by the permission list `perms`. */
export function allows(tree: Tree, connection: Connection, perms: number, right: number): boolean {
  const list = tree.perms.get(perms);
  const domid = connection.domid;
  const target = connection.target;
  if (list.owner >= 0 && (list.owner === domid || list.owner === target)) return true;
  return (list.rights(domid, target) & right) === right;
}

/** Whether the owner of a watch may get an event for the special node `name`. */
export function readsSpecial(tree: Tree, watch: Watch, name: string): boolean {
  return !watch.filtered || allows(tree, watch.owner as Connection, tree.permissions(tree.find(name)), Right.read);
}

/**
 * Whether an unprivileged connection may get an event for a node: it could learn of the change by reading
 * the node, the node before the change, or its parent. oldPerms -1: the permissions did not change.
 */
export function mayLearnOf(tree: Tree, connection: Connection, id: number, oldPerms: number): boolean {
  if (allows(tree, connection, tree.permissions(id), Right.read)) return true;
  if (oldPerms >= 0 && allows(tree, connection, oldPerms, Right.read)) return true;
  const parent = tree.parent[id] as number;
  return parent >= 0 && allows(tree, connection, tree.permissions(parent), Right.read);
}

/**
 * The absolute form of a path in a request; "": it is empty, special, or longer than path-max, which counts
 * as a refusal. Characters are not checked: a path in the index is valid, others are checked by `refuse` or
 * on creation.
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

/** Whether a path that is not in the index obeys the rules of characters and slashes. */
export function wellFormed(path: string): boolean {
  return path.charCodeAt(0) === 64 ? validSpecial(path) : validPath(path);
}

/**
 * The error for a path that does not exist: EINVAL for an invalid path, ENOENT for a client with the right
 * on the nearest existing ancestor, EACCES for others, who must not learn that it does not exist.
 */
export function refuse(tree: Tree, connection: Connection, view: View, path: string, right: number): Errno {
  if (!wellFormed(path)) return Errno.EINVAL;
  view.missing(path);
  if (connection.privileged) return Errno.ENOENT;
  const above = view.above(path);
  if (above < 0) return Errno.EACCES;
  return allows(tree, connection, view.inherits(above, path), right) ? Errno.ENOENT : Errno.EACCES;
}
