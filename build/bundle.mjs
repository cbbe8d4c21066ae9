// The daemon as one script for the engine, and the table that leads from its
// lines back to the TypeScript: build/out/xenstored.js, .js.map and .lines.
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

// One line per generated line that stems from a source: the engine's stack
// traces know lines, not columns.
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
