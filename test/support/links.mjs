import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The relative links of the documents (*.md) below a folder that lead to no file, as "DOCUMENT: TARGET"; `found`: how many links there are. */
export function lostLinks(root) {
  const lost = [];
  let found = 0;
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }).filter((one) => one.endsWith(".md")))
    for (const [, target] of readFileSync(join(root, name), "utf8").matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue;
      found++;
      if (!existsSync(join(root, dirname(name), target))) lost.push(`${name}: ${target}`);
    }
  return Object.assign(lost, { found });
}
