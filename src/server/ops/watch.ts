import { Quota } from "../../quota/quotas.ts";
import { Cost } from "../../store/cost.ts";
import { Watch } from "../../store/watch.ts";
import { Errno } from "../../wire/errno.ts";
import { OK, parseNumber, strings } from "../../wire/payload.ts";
import type { Connection } from "../connection.ts";
import { payForPlace } from "../connections.ts";
import { Feature } from "../domains.ts";
import { canonicalOrSpecial, wellFormed } from "../permission-checks.ts";
import type { RequestContext } from "../request-context.ts";

/** Special paths at which a depth of 1 asks for the form that names the domain. */
const INTRODUCE = "@introduceDomain";
const RELEASE = "@releaseDomain";

/** WATCH `path|token|[depth|]` -> OK, then one event. */
export function watch(s: RequestContext, c: Connection, payload: string): string | Errno {
  const args = strings(payload);
  if (args.length !== 2 && args.length !== 3) return Errno.EINVAL;
  const given = args[0] as string;
  const token = args[1] as string;
  const path = canonicalOrSpecial(c, given);
  if (path === "" || !(s.tree.watches.known(path) || wellFormed(path))) return Errno.EINVAL;
  let depth = -1;
  if (args.length === 3) {
    if (!(c.features & Feature.watchDepth)) return Errno.EINVAL;
    depth = parseNumber(args[2] as string);
    if (depth < 0 || (path.charCodeAt(0) === 64 && !depthAllowed(path, depth))) return Errno.EINVAL;
  }
  const key = `${path}\0${token}`;
  if (c.watches.has(key)) return Errno.EEXIST;
  if (!c.privileged && c.watches.size >= s.quotas.limit(c.domid, Quota.watches))
    return s.checks.exceeded(c, null, Quota.watches, c.watches.size + 1);
  if (!c.privileged) {
    const error = s.memory.room(c, c.domid, null, Cost.watch + Cost.place + 2 * (path.length + token.length + 2));
    if (error !== Errno.none) return error;
    c.peaks.see(Quota.watches, c.watches.size + 1);
  }
  const first = given.charCodeAt(0);
  const suffix = `\0${token}\0`;
  const set = new Watch(c, path, suffix, depth, first === 47 || first === 64 ? 0 : c.base.length, !c.privileged);
  // A failed request drops its events, but the tree's rollback does not cover watches: each step must undo
  // itself if memory runs out.
  s.events.first(set);
  s.tree.watches.add(set);
  try {
    s.journalWriter.watch(set);
    c.watches.set(key, set);
  } catch (thrown) {
    payForPlace(s.tree.watches.remove(set));
    s.journalWriter.drop(set.record);
    throw thrown;
  }
  if (s.trace.obj) s.trace.created("watch", set.serial);
  c.watched(set);
  return OK;
}

/** UNWATCH `path|token|` -> OK. Events already sent stay sent. */
export function unwatch(s: RequestContext, c: Connection, payload: string): string | Errno {
  const args = strings(payload);
  if (args.length !== 2) return Errno.EINVAL;
  const path = canonicalOrSpecial(c, args[0] as string);
  const key = `${path}\0${args[1]}`;
  const set = c.watches.get(key);
  if (set === undefined) return path !== "" && wellFormed(path) ? Errno.ENOENT : Errno.EINVAL;
  // First, because it can fail.
  s.journalWriter.drop(set.record);
  c.watches.delete(key);
  payForPlace(s.tree.watches.remove(set));
  if (s.trace.obj) s.trace.destroyed("watch", set.serial);
  c.unwatched(set);
  return OK;
}

/** RESET_WATCHES -> OK. Removes the caller's watches and transactions. */
export function resetWatches(s: RequestContext, c: Connection): string {
  s.connections.dropState(c);
  return OK;
}

function depthAllowed(path: string, depth: number): boolean {
  if (path === INTRODUCE || path === RELEASE) return depth === 1;
  return !path.startsWith(`${INTRODUCE}/`) && !path.startsWith(`${RELEASE}/`);
}
