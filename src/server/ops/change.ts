import { HeaderField } from "../../host.ts";
import { DOMID_ANY } from "../../limits.ts";
import { Quota } from "../../quota/quotas.ts";
import { Cost, nodeCost, valueCost } from "../../store/cost.ts";
import { countedLength, parentPath, validNames } from "../../store/path.ts";
import { entryDomid, parseList, Right, STALE } from "../../store/perms.ts";
import { Flag } from "../../store/rows.ts";
import type { Transaction } from "../../store/transaction.ts";
import type { View } from "../../store/view.ts";
import { UNWATCHED_MASK } from "../../store/watch.ts";
import { Errno } from "../../wire/errno.ts";
import { OK } from "../../wire/payload.ts";
import type { Connection } from "../connection.ts";
import { Feature } from "../domains.ts";
import { locate, locateOrSpecial, NO_PATH } from "../locate.ts";
import { allows, canonical, canonicalOrSpecial, OWNER, refuse } from "../permission-checks.ts";
import { nodeSize } from "../quota-checks.ts";
import type { Handler, RequestContext } from "../request-context.ts";
import { StatusPath } from "../status.ts";

/** WRITE `path|value` -> OK. Missing parents are made. Makes the handler for a server, as reader() in read.ts. */
export function writer(of: RequestContext): Handler {
  const { header, tree, host, events } = of;
  const { history } = tree;
  const { unwatched } = tree.watches;
  const { rest } = host;
  const mask = UNWATCHED_MASK;
  return (s, c, path, t) => {
    if ((header[HeaderField.rest] as number) < 0) return Errno.EINVAL;
    let node = header[HeaderField.row] as number;
    if (node < 0 || t !== null || tree.stale !== 0 || path.length > c.pathMax) {
      node = locate(s, c, path, t);
      if (node < 0) return node === NO_PATH ? Errno.EINVAL : create(s, c, t, path, rest());
    }
    const value = rest();
    if (!c.privileged) {
      const error = mayWrite(s, c, t, node, value);
      if (error !== Errno.none) return error;
    }
    if (t !== null) {
      t.setValue(node, value);
    } else if (history.active) {
      tree.setValue(node, value);
      events.wrote(node, -1);
    } else {
      // Usually the cache says that no watch is here or above, which saves two calls.
      const up = tree.parent[node] as number;
      const heard = up < 0 || unwatched[up & mask] !== up || ((tree.flags[node] as number) & Flag.watched) !== 0;
      // First, because it can fail: then there is nothing to roll back or commit.
      if (heard) events.wrote(node, -1);
      tree.putValue(node, value);
    }
    return OK;
  };
}

/** Checks whether an unprivileged domain may set a node's value: Errno.none, or the error. */
function mayWrite(s: RequestContext, c: Connection, t: Transaction | null, node: number, value: string): Errno {
  const view: View = t ?? s.tree;
  const perms = view.permissions(node);
  if (!allows(s.tree, c, perms, Right.write)) return Errno.EACCES;
  const size = nodeSize(s.tree, perms, value.length + view.childBytes(node));
  if (size > c.nodeSizeMax) return s.checks.exceeded(c, t, Quota.nodeSize, size);
  if (size > c.nodeSizeSeen) s.checks.sizeSeen(c, size);
  if (t !== null) return Errno.none;
  const bytes = valueCost(value.length) - valueCost((s.tree.values[node] as string).length);
  return bytes > 0 ? s.memory.room(c, s.tree.perms.get(perms).owner, t, bytes) : Errno.none;
}

/** MKDIR `path|` -> OK, also where the node exists. */
export function mkdir(s: RequestContext, c: Connection, path: string, t: Transaction | null): string | Errno {
  const view: View = t ?? s.tree;
  if (s.header[HeaderField.rest] !== 0) return Errno.EINVAL;
  const node = locate(s, c, path, t);
  if (node < 0) return node === NO_PATH ? Errno.EINVAL : create(s, c, t, path, null);
  if (!c.privileged && !allows(s.tree, c, view.permissions(node), Right.write)) return Errno.EACCES;
  view.present(node);
  return OK;
}

/** RM `path|` -> OK. Removes the whole subtree. OK also where the node does not exist, but its parent does. */
export function rm(s: RequestContext, c: Connection, path: string, t: Transaction | null): string | Errno {
  const view: View = t ?? s.tree;
  if (s.header[HeaderField.rest] !== 0) return Errno.EINVAL;
  const node = locate(s, c, path, t);
  if (node === NO_PATH || path === "/") return Errno.EINVAL;
  if (node < 0) return removeMissing(s, c, view, canonical(c, path));
  if (!c.privileged && !allows(s.tree, c, view.permissions(node), Right.write)) return Errno.EACCES;
  if (t === null) s.events.willRemove(node);
  view.remove(node);
  return OK;
}

/** RM succeeds where the node is missing and its parent is not. */
function removeMissing(s: RequestContext, c: Connection, view: View, path: string): string | Errno {
  const error = refuse(s.tree, c, view, path, Right.write);
  if (error !== Errno.ENOENT) return error;
  if (s.status.covers(path)) return Errno.EROFS;
  const up = parentPath(path);
  const parent = view.find(up);
  if (parent < 0) {
    view.missing(up);
    return Errno.ENOENT;
  }
  view.present(parent);
  return OK;
}

/** SET_PERMS `path|(perm|)+` -> OK. The first entry names the owner. */
export function setPerms(s: RequestContext, c: Connection, path: string, t: Transaction | null): string | Errno {
  const tree = s.tree;
  const view: View = t ?? tree;
  if ((s.header[HeaderField.rest] as number) <= 0) return Errno.EINVAL;
  const node = locateOrSpecial(s, c, path, t);
  if (node === NO_PATH) return Errno.EINVAL;
  const given = parseList(s.host.rest());
  if (given === null) return Errno.EINVAL;
  const entries = given.entries;
  if (!c.privileged && entries.length > s.quotas.limit(c.domid, Quota.nodePermissions))
    return s.checks.exceeded(c, null, Quota.nodePermissions, entries.length);
  if (!c.privileged) c.peaks.see(Quota.nodePermissions, entries.length);
  if (node < 0) {
    const whole = canonicalOrSpecial(c, path);
    const error = refuse(tree, c, view, whole, Right.write | OWNER);
    return error === Errno.ENOENT && s.status.covers(whole) ? Errno.EROFS : error;
  }
  view.present(node);
  if (!c.privileged) {
    const old = view.permissions(node);
    if (!allows(s.tree, c, old, Right.write | OWNER)) return Errno.EACCES;
    if (entryDomid(entries[0] as number) !== s.tree.perms.get(old).owner) return Errno.EPERM;
  }
  let stale: number[] | null = null;
  for (let i = 0; i < entries.length; i++) {
    const domid = entryDomid(entries[i] as number);
    const counts =
      domid === c.domid || (domid === DOMID_ANY ? (c.features & Feature.domidAny) !== 0 : s.domains.exists(domid));
    if (counts) continue;
    // The entry must give no rights to a later domain with this number.
    if (stale === null) stale = entries.slice();
    stale[i] = (entries[i] as number) | STALE;
  }
  if (!c.privileged && (stale !== null || !tree.perms.knows(given.key))) {
    // Its owner pays for the list, who need not be the caller.
    const { owner } = tree.perms.get(view.permissions(node));
    const error = s.memory.room(c, owner, t, Cost.list + entries.length * Cost.listEntry);
    if (error !== Errno.none) return error;
  }
  const perms = stale === null ? s.tree.perms.keyed(entries, given.key) : s.tree.perms.intern(stale);
  const before = t === null ? s.tree.permissions(node) : Errno.none;
  view.setPerms(node, perms);
  if (t === null) s.events.wrote(node, before);
  return OK;
}

/** Makes the node that `locate` did not find, and its missing parents. value null: MKDIR. */
function create(
  s: RequestContext,
  c: Connection,
  t: Transaction | null,
  given: string,
  value: string | null,
): string | Errno {
  // `locate` has checked its length.
  const path = given.charCodeAt(0) === 47 ? given : c.base + given;
  const view: View = t ?? s.tree;
  const header = s.header;
  let above = header[HeaderField.parent] as number;
  let start = header[HeaderField.name] as number;
  let perms: number;
  // The host looked up the prefix before the last slash. It is a path if it is the parent and the rest is a name.
  if (above >= 0 && s.tree.stale === 0 && start === s.tree.nameStart(above) && validNames(path.slice(start))) {
    perms = s.tree.permsOf[above] as number;
  } else {
    above = view.above(path);
    start = t === null ? s.tree.nameStart(above) : t.nameStart(above);
    // The ancestor exists, so its path is valid.
    if (!validNames(path.slice(start))) return Errno.EINVAL;
    perms = view.inherits(above, path);
  }
  if (!c.privileged) {
    view.missing(path);
    if (!allows(s.tree, c, perms, Right.write)) return Errno.EACCES;
    const error = roomFor(s, c, t, above, start, path, perms, value === null ? 0 : value.length);
    if (error !== Errno.none) return error;
    perms = s.tree.perms.inherit(perms, c.domid);
  }
  // The length rules out nearly every other path.
  if (start === StatusPath.start && s.status.covers(path)) return Errno.EROFS;
  const node = view.createPath(above, path, perms, value, start);
  if (t === null) s.events.wrote(node, -1);
  return OK;
}

/**
 * Checks the quotas for a new node with its missing parents: Errno.none, or the error. `from`: where the
 * names to be made begin in `path`; `bytes`: length of the value.
 */
function roomFor(
  s: RequestContext,
  c: Connection,
  t: Transaction | null,
  above: number,
  from: number,
  path: string,
  perms: number,
  bytes: number,
): Errno {
  const most = c.nodeSizeMax;
  const own = nodeSize(s.tree, perms, bytes);
  if (own > most) return s.checks.exceeded(c, t, Quota.nodeSize, own);
  if (own > c.nodeSizeSeen) s.checks.sizeSeen(c, own);
  if (path.length > c.peaks.get(Quota.pathMax)) c.peaks.see(Quota.pathMax, countedLength(path));
  let levels = 1;
  let memory = 0;
  let start = from;
  for (let slash = path.indexOf("/", from); slash >= 0; slash = path.indexOf("/", start)) {
    levels++;
    memory += 2 * slash - start;
    start = slash + 1;
  }
  memory += nodeCost(path, start, bytes);
  if (t === null) {
    const end = path.indexOf("/", from);
    const name = (end < 0 ? path.length : end) - from;
    const size = nodeSize(s.tree, s.tree.permissions(above), s.tree.value(above).length + s.tree.childBytes(above));
    if (size + name + 1 > most) return s.checks.exceeded(c, t, Quota.nodeSize, size + name + 1);
    if (size + name + 1 > c.nodeSizeSeen) s.checks.sizeSeen(c, size + name + 1);
    const error = s.memory.room(c, c.domid, t, memory + levels * Cost.node);
    if (error !== Errno.none) return error;
  } else if (t.removes) {
    // The nodes that it removed may make room: only the commit can check.
    return Errno.none;
  }
  const count = s.tree.reclaim.owned(c.domid) + (t === null ? 0 : t.created) + levels;
  if (count > s.quotas.limit(c.domid, Quota.nodes)) return s.checks.exceeded(c, t, Quota.nodes, count);
  c.peaks.see(Quota.nodes, count);
  return Errno.none;
}
