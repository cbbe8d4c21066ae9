import { HeaderField } from "../../host.ts";
import { PAYLOAD_MAX } from "../../limits.ts";
import { type Found, versionOf } from "../../observe/status.ts";
import { Right } from "../../store/perms.ts";
import type { Transaction } from "../../store/transaction.ts";
import type { View } from "../../store/view.ts";
import { Errno } from "../../wire/errno.ts";
import { parseLoose, strings } from "../../wire/payload.ts";
import type { Connection } from "../connection.ts";
import { locate, locateOrSpecial, NO_PATH } from "../locate.ts";
import { allows, canonical, canonicalOrSpecial, refuse } from "../permission-checks.ts";
import type { Handler, RequestContext } from "../request-context.ts";
import { STATUS_PATH, StatusPath } from "../status.ts";

/**
 * READ `path|` -> the value, with no NUL added. Makes the handler for a server, whose fields are its
 * constants (dispatch.ts).
 */
export function reader(of: RequestContext): Handler {
  const { header, tree } = of;
  return (s, c, path, t) => {
    if (header[HeaderField.rest] !== 0) return Errno.EINVAL;
    // The test with which `locate` begins: most requests need no call.
    let node = header[HeaderField.row] as number;
    if (node < 0 || t !== null || tree.stale !== 0 || path.length > c.pathMax) {
      node = locate(s, c, path, t);
      if (node < 0) return elsewhere(s, c, t, node, path, tellValue);
    }
    if (!c.privileged && !allows(tree, c, (t ?? tree).permissions(node), Right.read)) return Errno.EACCES;
    return t === null ? (tree.values[node] as string) : t.value(node);
  };
}

/** DIRECTORY `path|` -> `(child|)*`, in order of creation. */
export function directory(s: RequestContext, c: Connection, path: string, t: Transaction | null): string | Errno {
  const tree = s.tree;
  const view: View = t ?? tree;
  if (s.header[HeaderField.rest] !== 0) return Errno.EINVAL;
  const node = locate(s, c, path, t);
  if (node < 0) return elsewhere(s, c, t, node, path, tellChildren);
  if (!c.privileged && !allows(tree, c, view.permissions(node), Right.read)) return Errno.EACCES;
  if (path.length === StatusPath.length && path === STATUS_PATH) return withStatus(s, c, view.listing(node));
  // Known without joining the names. A transaction must note the list itself.
  if (t === null && (tree.names[node] as number) > PAYLOAD_MAX) return Errno.E2BIG;
  return view.listing(node);
}

/** DIRECTORY_PART `path|offset|` -> `generation|(child|)*`, and one more NUL at the end of the list. */
export function directoryPart(
  s: RequestContext,
  c: Connection,
  payload: string,
  t: Transaction | null,
): string | Errno {
  const args = strings(payload);
  if (args.length !== 2) return Errno.EINVAL;
  const path = canonical(c, args[0] as string);
  if (path === "") return Errno.EINVAL;
  const view: View = t ?? s.tree;
  const node = view.find(path);
  const from = parseLoose(args[1] as string);
  if (node < 0) return elsewhere(s, c, t, node, path, ({ names }) => part(joined(names), versionOf(names), from));
  if (!c.privileged && !allows(s.tree, c, view.permissions(node), Right.read)) return Errno.EACCES;
  const names = view.listing(node);
  return part(path === STATUS_PATH ? withStatus(s, c, names) : names, view.listingVersion(node), from);
}

/** The reply with whole names from byte `from` on, as many as fit in a message. */
function part(names: string, version: number, from: number): string {
  const head = `${version}\0`;
  if (from < 0 || from >= names.length) return `${head}\0`;
  // One byte for the NUL at the end of the list.
  const room = PAYLOAD_MAX - head.length - 1;
  if (names.length - from <= room) return `${head}${names.slice(from)}\0`;
  return head + names.slice(from, names.lastIndexOf("\0", from + room - 1) + 1);
}

/** GET_PERMS `path|` -> `(perm|)+`, the owner's entry first. */
export function getPerms(s: RequestContext, c: Connection, path: string, t: Transaction | null): string | Errno {
  const tree = s.tree;
  if (s.header[HeaderField.rest] !== 0) return Errno.EINVAL;
  const node = locateOrSpecial(s, c, path, t);
  if (node < 0) return elsewhere(s, c, t, node, path, tellPermissions);
  const perms = t === null ? (tree.permsOf[node] as number) : t.permissions(node);
  if (!c.privileged && !allows(tree, c, perms, Right.read)) return Errno.EACCES;
  return tree.perms.wire(perms);
}

/**
 * Answers for a path that is not in the store: from the status tree, or with the error. A transaction does
 * not note reads of the status tree.
 */
function elsewhere(
  s: RequestContext,
  c: Connection,
  t: Transaction | null,
  missing: number,
  path: string,
  tell: Tell,
): string | Errno {
  if (missing === NO_PATH) return Errno.EINVAL;
  const whole = canonicalOrSpecial(c, path);
  const found = s.status.find(c, whole);
  if (found === null) return refuse(s.tree, c, t ?? s.tree, whole, Right.read);
  return typeof found === "number" ? found : tell(found, s, whole);
}

// Made once, not for each request.
type Tell = (found: Found, s: RequestContext, path: string) => string;
const tellValue: Tell = (found) => found.value;
const tellChildren: Tell = (found) => joined(found.names);
const tellPermissions: Tell = (_, s, path) => s.status.permissions(path);

function joined(names: readonly string[]): string {
  return names.map((name) => `${name}\0`).join("");
}

/** The children of STATUS_PATH: those of the store, and for privileged clients those of the status tree. */
function withStatus(s: RequestContext, c: Connection, listing: string): string {
  if (!c.privileged) return listing;
  const real = new Set(strings(listing));
  return listing + joined(s.status.names.filter((name) => !real.has(name)));
}
