import { saveWhole } from "../control/save.ts";
import type { Host } from "../host.ts";
import type { Log } from "../observe/log.ts";
import { treeText } from "../observe/tree-text.ts";
import type { Tree } from "../store/tree.ts";

/** Writes the tree as text to Config.treeFile, and logs the result. */
export function writeTree(host: Host, tree: Tree, treeFile: string, log: Log): void {
  const { update } = host;
  try {
    saveWhole(update, () => treeText(tree, (piece) => update.save(piece)));
    const why = update.write(treeFile);
    log.line(why === "" ? `the tree is in ${treeFile}` : `${treeFile}: ${why}`);
  } catch (thrown) {
    if (host.memoryEnded()) log.line(`${treeFile}: no memory`);
    else log.bug(treeFile, thrown);
  }
}
