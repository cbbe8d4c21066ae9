// Plays the rows through the relay that the scenario runs in Dom0.
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { suites } from "../../support/suites.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const OUT = join(ROOT, "build/out/test");

/** The rows of test/protocol and test/xsa with the player for guests in place of their own. */
async function load() {
  mkdirSync(OUT, { recursive: true });
  const outfile = join(OUT, `guest-rows-${process.pid}.mjs`);
  const player = join(ROOT, "test/support/guest-rows.ts");
  const files = ["protocol", "xsa"].flatMap((part) => suites(join(ROOT, "test", part)));
  await build({
    stdin: {
      contents: [
        ...files.map((file) => `import ${JSON.stringify(file)};`),
        `export * from ${JSON.stringify(player)};`,
      ].join("\n"),
      resolveDir: ROOT,
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    plugins: [
      { name: "guests", setup: (b) => b.onResolve({ filter: /support\/rows\.ts$/ }, () => ({ path: player })) },
    ],
    logLevel: "warning",
  });
  return import(pathToFileURL(resolve(outfile)).href);
}

/** What listens to the scenario's lines, for one boot. */
export default function player(said) {
  const guests = [];
  let relay = null;
  return (line, tell) => {
    if (relay?.take(line)) return;
    const guest = /^guest (\d+) (\d+) (\d+)$/.exec(line);
    if (guest) guests.push({ domid: Number(guest[2]), port: Number(guest[3]) });
    else if (line === "!ready")
      load()
        .then((rows) => {
          relay = new rows.Relay(tell);
          return rows.play(relay, guests, said);
        })
        .catch((thrown) => said(`not ok the rows: ${thrown.message}`))
        .finally(() => tell("!end"));
    else said(line);
  };
}
