// Runs the suites: `run.mjs unit|engine|model ...`. Every *.test.ts under test/
// becomes one bundle, run here (unit), in QuickJS (engine), or the model test.
// `socket` plays the rows of test/protocol against build/out/xenstored, `untranslated` against the build without translations,
// `sanitized` random histories against the one under sanitizers.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { bundle, OUT as out, ROOT as root } from "./bundle.mjs";
import { LONG, suites } from "./suites.mjs";

mkdirSync(join(out, "test"), { recursive: true });
mkdirSync(join(out, "results"), { recursive: true });

/** Suites that look at files run in Node alone. */
const nodeOnly = (path) => path.endsWith(".node.test.ts");
/** What needs the Linux daemon. */
const isSocket = (path) => relative(root, path).startsWith("test/socket/");
/** What needs a browser. */
const isWeb = (path) => relative(root, path).startsWith("test/web/");
const isModel = (path) => relative(root, path).startsWith("test/model/");

/** uvu tells its counts on the console, once for each process. */
function result(suite, text, status) {
  const count = (word) =>
    [...text.matchAll(new RegExp(`${word}:\\s+([0-9]+)`, "g"))].reduce((sum, [, n]) => sum + Number(n), 0);
  const total = count("Total");
  const passed = count("Passed");
  const failed = total - passed + (total === 0 || (status !== 0 && total === passed) ? 1 : 0);
  writeFileSync(
    join(out, "results", `${suite}.json`),
    `${JSON.stringify({ suite, passed, failed, skipped: count("Skipped") })}\n`,
  );
  return failed === 0;
}

const run = {
  async unit() {
    return node(
      "unit",
      await bundle(
        "unit",
        suites(join(root, "test")).filter((f) => !isModel(f) && !isSocket(f) && !isWeb(f)),
      ),
    );
  },
  async model() {
    return node("model", await bundle("model", suites(join(root, "test/model"))));
  },
  async socket() {
    const files = ["protocol", "xsa", "socket"]
      .flatMap((part) => suites(join(root, "test", part)))
      .filter((file) => process.env.LONG !== "off" || !LONG.includes(relative(root, file)));
    return node("socket", await bundle("socket", files, { sockets: true }));
  },
  /** The rows alone, on the daemon that was built without translations. */
  async untranslated() {
    process.env.DAEMON = "build/out/untranslated/xenstored";
    const files = ["protocol", "xsa"].flatMap((part) => suites(join(root, "test", part)));
    return node("untranslated", await bundle("untranslated", files, { sockets: true }));
  },
  /** The rows of the protocol, with clients that come through xenstore-relay. */
  async relay() {
    process.env.RELAY = "build/out/xenstore-relay";
    return node("relay", await bundle("relay", suites(join(root, "test/protocol")), { sockets: true }));
  },
  async sanitized() {
    process.env.DAEMON = "build/out/sanitized/xenstored";
    process.env.STEPS ??= "200";
    return node("sanitized", await bundle("sanitized", [join(root, "test/socket/histories.test.ts")]));
  },
  /** Two files at a time, the largest first: they wait for browsers most of the time. */
  async web() {
    const files = suites(join(root, "test/web")).sort((a, b) => statSync(b).size - statSync(a).size);
    let text = "";
    let status = 0;
    const lane = async () => {
      for (let file = files.shift(); file !== undefined; file = files.shift()) {
        const script = await bundle(`web-${basename(file, ".test.ts")}`, [file], { sockets: true });
        const ended = await beside(script);
        // A process that says nothing has not run its tests.
        if (ended.status !== 0 || !/^ {2}Total: +[1-9]/m.test(ended.text)) status = 1;
        text += ended.text;
      }
    };
    await Promise.all([lane(), lane()]);
    return result("web", text, status);
  },
  /** No tests: the pictures of the documents. */
  async pictures() {
    const script = await bundle("pictures", [join(root, "test/web/pictures.ts")], { sockets: true });
    return spawnSync(process.execPath, [script], { cwd: root, stdio: "inherit" }).status === 0;
  },
  async faults() {
    return node("faults", await bundle("faults", [join(root, "test/socket/faults.test.ts")], { sockets: true }));
  },
  async engine() {
    const files = suites(join(root, "test")).filter((f) => !nodeOnly(f) && !isModel(f) && !isSocket(f) && !isWeb(f));
    const script = await bundle("engine", files, { engine: true });
    return node("engine", join(root, "test/engine/run.mjs"), join(out, "xenstored.js"), script);
  },
};

/** Runs a script, beside others; prints what it said once it has ended. */
function beside(script) {
  const env = { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" };
  const child = spawn(process.execPath, [script], { cwd: root, stdio: ["ignore", "pipe", "inherit"], env });
  let text = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (data) => {
    text += data;
  });
  return new Promise((done) => {
    child.once("close", (code) => {
      process.stdout.write(text);
      done({ text, status: code ?? 1 });
    });
  });
}

function node(suite, ...args) {
  console.log(`${suite}:`);
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" },
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return result(suite, stdout, status);
}

let good = true;
for (const suite of process.argv.slice(2)) {
  if (!(suite in run)) throw new Error(`no suite ${suite}`);
  if (!(await run[suite]())) good = false;
}
process.exit(good ? 0 : 1);
