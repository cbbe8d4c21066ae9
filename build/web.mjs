// Builds xenstore-web, one executable file: the page, in one HTML file, and the program that serves it, as an application
// that Python runs from an archive (zipapp). The scripts for states and traces go in as they are, to be imported.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const web = join(root, "tools/web");
const stage = join(root, "build/out/web");
const out = join(root, "build/out/xenstore-web");

/** What esbuild makes of a file, its only output. */
async function bundled(entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: stage,
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

const sum = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const license = readFileSync(join(root, "node_modules/uplot/LICENSE"), "utf8").trim();
const script = `/*! uPlot (https://github.com/leeoniya/uPlot):\n${license}\n*/\n${await bundled("tools/web/page/main.ts")}`;
const style =
  readFileSync(join(root, "node_modules/uplot/dist/uPlot.min.css"), "utf8") +
  (await bundled("tools/web/page/page.css"));
if (/<\/?(?:script|style)/i.test(script + style)) throw new Error("the script or the style would end its element");
const page = readFileSync(join(web, "page/page.html"), "utf8")
  .replace("/* STYLE */", () => style)
  .replace("/* SCRIPT */", () => script);
const policy = [
  "default-src 'none'",
  `script-src ${sum(script)}`,
  `style-src ${sum(style)}`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

rmSync(stage, { recursive: true, force: true });
mkdirSync(join(stage, "xenstore_web"), { recursive: true });
writeFileSync(join(stage, "xenstore_web/page.html"), page);
writeFileSync(join(stage, "xenstore_web/policy.txt"), policy);
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const put = (from, to) => writeFileSync(join(stage, to), readFileSync(from, "utf8").replaceAll("@VERSION@", version));
for (const name of readdirSync(web).filter((one) => one.endsWith(".py")))
  put(join(web, name), name === "__main__.py" ? name : `xenstore_web/${name}`);
for (const name of ["state", "trace"]) put(join(root, `tools/xenstore-${name}`), `xenstore_${name}.py`);
// The archive has the times and modes of its files: always the same, so that the same sources make the same file.
for (const entry of readdirSync(stage, { recursive: true })) {
  const path = join(stage, entry);
  chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644);
  utimesSync(path, 1e9, 1e9);
}
const { status, stderr } = spawnSync(
  "python3",
  ["-m", "zipapp", stage, "-o", out, "-p", "/usr/bin/env python3", "-c"],
  { encoding: "utf8" },
);
if (status !== 0) throw new Error(`zipapp: ${stderr}`);
chmodSync(out, 0o755);
