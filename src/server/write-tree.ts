import { saveWhole } from "../control/save.ts";
import { treeText } from "../observe/tree-text.ts";
import type { Server } from "./server.ts";

/** The tree, for somebody to look at. */
export function writeTree(s: Server): void {
  const { update } = s.host;
  const { treeFile } = s.config;
  try {
    saveWhole(update, () => treeText(s.tree, (piece) => update.save(piece)));
    const why = update.write(treeFile);
    s.log.line(why === "" ? `the tree is in ${treeFile}` : `${treeFile}: ${why}`);
  } catch (thrown) {
    if (s.host.memoryEnded()) s.log.line(`${treeFile}: no memory`);
    else s.log.bug(treeFile, thrown);
  }
}
