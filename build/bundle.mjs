// Bundles the daemon into one script for the engine, build/out/xenstored.js, with its source map and with the table that
// maps its lines to lines of TypeScript, build/out/xenstored.lines.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { eachMapping, TraceMap } from "@jridgewell/trace-mapping";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "build/out");
mkdirSync(out, { recursive: true });

await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outfile: "build/out/xenstored.js",
  bundle: true,
  format: "iife",
  globalName: "xenstored",
  platform: "neutral",
  target: "es2022",
  charset: "ascii",
  legalComments: "none",
  sourcemap: "external",
  logLevel: "warning",
});

// One line for each generated line that comes from a source. The engine's stack traces have no columns.
const map = new TraceMap(readFileSync(join(out, "xenstored.js.map"), "utf8"));
const lines = [];
let last = 0;
eachMapping(map, (m) => {
  if (m.source === null || m.generatedLine === last) return;
  last = m.generatedLine;
  const source = relative(root, resolve(out, m.source));
  lines.push(`${m.generatedLine} ${source} ${m.originalLine}\n`);
});
writeFileSync(join(out, "xenstored.lines"), lines.join(""));
