import { following } from "../store/rows.ts";
import type { Tree } from "../store/tree.ts";

/** Approximate size of a piece, in bytes. */
const PIECE = 16_384;

/** Escapes a string as OCaml does: unprintable characters as three decimal digits. */
function escaped(text: string): string {
  return text.replace(/[^ -~]|["\\]/g, (one) => {
    const short = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", '"': '\\"', "\\": "\\\\" }[one];
    return short ?? `\\${String(one.charCodeAt(0)).padStart(3, "0")}`;
  });
}

/**
 * Writes the tree as oxenstored does on SIGUSR1: a line `path{perms} = value` for each node, parents before
 * children. `save` gets pieces of about PIECE bytes.
 */
export function treeText(tree: Tree, save: (piece: string) => void): void {
  let text = "";
  const root = tree.find("/");
  for (let n = root; n >= 0; n = following(tree, n, root)) {
    const perms = tree.perms.wire(tree.permissions(n)).split("\0").slice(0, -1).join(",");
    text += `${tree.paths[n]}{${perms}} = ${escaped(tree.values[n] as string)}\n`;
    if (text.length < PIECE) continue;
    save(text);
    text = "";
  }
  save(text);
}
