import { HeaderField, PathKind } from "../host.ts";
import type { Transaction } from "../store/transaction.ts";
import { canonical, isSpecial } from "./access.ts";
import type { Connection } from "./connection.ts";
import type { RequestContext } from "./request-context.ts";

/** From `locate`: no node has the path, which may not even be a valid one. */
const NO_NODE = -1;

/** From `locate`: the request names no path that its operation and its client may use; the error is EINVAL. */
export const NO_PATH = -2;

/**
 * The row of the node that a request of PATH_TYPES names (in a transaction its handle there), NO_NODE or NO_PATH.
 * `path` is what the payload begins with. A special path is NO_PATH. Rights are not checked.
 */
export function locate(s: RequestContext, c: Connection, path: string, t: Transaction | null): number {
  const { header, tree } = s;
  const row = header[HeaderField.row] as number;
  // In most requests the host has found the node already.
  if (row >= 0 && t === null && tree.stale === 0 && path.length <= c.pathMax) return row;
  let whole = path;
  if (header[HeaderField.path] !== PathKind.absolute || path.length > c.pathMax) whole = canonical(c, path);
  if (whole === "") return NO_PATH;
  if (t !== null) return t.findAt(whole, row);
  // The host tells of a parent only where it has not found the node itself.
  return (header[HeaderField.parent] as number) >= 0 ? NO_NODE : tree.find(whole);
}

/** As `locate`, for the operations that accept special paths as well. */
export function locateOrSpecial(s: RequestContext, c: Connection, path: string, t: Transaction | null): number {
  return isSpecial(path) ? (t ?? s.tree).find(path) : locate(s, c, path, t);
}
