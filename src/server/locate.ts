import { HeaderField, PathKind } from "../host.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Connection } from "./connection.ts";
import { canonical, isSpecial } from "./permission-checks.ts";
import type { RequestContext } from "./request-context.ts";

/** From `locate`: no node has this path, which may be invalid. */
const NO_NODE = -1;

/** From `locate`: the path is empty, special or too long for this client; the reply is EINVAL. */
export const NO_PATH = -2;

/**
 * The row of the node that a request of PATH_TYPES names (in a transaction its handle there), NO_NODE or NO_PATH.
 * `path` is what the payload begins with. A special path is NO_PATH. Rights are not checked.
 */
export function locate(s: RequestContext, c: Connection, path: string, t: Transaction | null): number {
  const { header, tree } = s;
  const row = header[HeaderField.row] as number;
  // Usually the host has found the row.
  if (row >= 0 && t === null && tree.stale === 0 && path.length <= c.pathMax) return row;
  let whole = path;
  if (header[HeaderField.path] !== PathKind.absolute || path.length > c.pathMax) whole = canonical(c, path);
  if (whole === "") return NO_PATH;
  if (t !== null) return t.findAt(whole, row);
  // If the host found the parent, the node itself does not exist.
  return (header[HeaderField.parent] as number) >= 0 ? NO_NODE : tree.find(whole);
}

/** As `locate`, for the operations that accept special paths as well. */
export function locateOrSpecial(s: RequestContext, c: Connection, path: string, t: Transaction | null): number {
  return isSpecial(path) ? (t ?? s.tree).find(path) : locate(s, c, path, t);
}
