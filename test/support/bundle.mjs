// Bundles suites into one file, for Node or for QuickJS.
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const OUT = join(ROOT, "build/out");

/** The same rows, with another player. */
const overSockets = {
  name: "sockets",
  setup(build) {
    build.onResolve({ filter: /support\/rows\.ts$/ }, () => ({ path: join(ROOT, "test/support/socket-rows.ts") }));
  },
};

/** Stands for uvu: registers only the tests whose names the expression finds. */
const only = (expression) => ({
  name: "only",
  setup(build) {
    const wrapper = join(ROOT, "test/support/uvu-only.mjs");
    build.onResolve({ filter: /^uvu$/ }, ({ importer }) => (importer === wrapper ? undefined : { path: wrapper }));
    build.initialOptions.define = { ...build.initialOptions.define, TEST_NAME: JSON.stringify(expression) };
  },
});

/**
 * Makes build/out/test/NAME.js of test files. `engine`: for QuickJS; `sockets`: rows are played over sockets; `names`: a
 * regular expression for the names of the tests.
 */
export async function bundle(name, files, { engine = false, sockets = false, names } = {}) {
  const outfile = join(OUT, "test", `${name}.js`);
  await build({
    stdin: {
      contents: files.map((file) => `import ${JSON.stringify(`./${relative(ROOT, file)}`)};`).join("\n"),
      resolveDir: ROOT,
    },
    outfile,
    bundle: true,
    format: engine ? "iife" : "esm",
    platform: engine ? "neutral" : "node",
    mainFields: ["module", "main"],
    conditions: ["import"],
    target: "es2022",
    external: ["node:*", "playwright-core"],
    plugins: [...(sockets ? [overSockets] : []), ...(names === undefined ? [] : [only(names)])],
    logLevel: "warning",
  });
  return outfile;
}
