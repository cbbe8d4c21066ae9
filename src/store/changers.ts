import type { History } from "./history.ts";
import { News, touches, Writer } from "./past.ts";
import { parentPath } from "./path.ts";

/**
 * Adds the domains that changed any of this of a path since the snapshot, or made or removed the node, or removed it with
 * an ancestor. `above`: or gave an ancestor other permissions. Not everybody can be told.
 */
export function changers(
  history: History,
  path: string,
  snapshot: number,
  news: number,
  above: boolean,
  into: Set<number>,
): void {
  if (changersOf(history, path, snapshot, news | News.node, into)) return;
  const upwards = above ? News.node | News.perms : News.node;
  for (let p = parentPath(path); p !== ""; p = parentPath(p))
    if (changersOf(history, p, snapshot, upwards, into)) return;
}

/** Returns whether there is a record of such a change. */
function changersOf(history: History, path: string, snapshot: number, news: number, into: Set<number>): boolean {
  let found = false;
  for (let r = history.heads.get(path) ?? null; r !== null && r.sequence > snapshot; r = r.older) {
    if (((touches[r.kind] as number) & news) === 0) continue;
    found = true;
    const { by } = r;
    if (by instanceof Writer) into.add(by.domid);
    else for (const { domid } of by) into.add(domid);
  }
  return found;
}
