// make test-one T=FILE [N=NAME] [TARGET=WHERE]: builds what one test needs, and runs it (kinds.mjs).
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundle, OUT } from "./bundle.mjs";
import { kindOf, wrong } from "./kinds.mjs";

/** One line for the person who asked, and the end. */
function die(line) {
  console.error(`test-one: ${line}`);
  process.exit(2);
}

// A make of its own: the slots of the calling one are in descriptors that a child of Node has not.
const { MAKEFLAGS: _flags, MFLAGS: _same, MAKELEVEL: _level, ...environment } = process.env;
const { N: name = "", TARGET = "" } = environment;
const path = (environment.T ?? "").replace(/^\.\//, "").replace(/\/+$/, "");
const why = wrong(path, name, TARGET);
if (why !== "") die(why);

const kind = kindOf(path);
const target = TARGET || kind.targets?.(path)[0];
const needed = kind.build(path, target);
if (needed.length > 0) {
  const { status } = spawnSync("make", ["--silent", ...needed], { stdio: "inherit", env: environment });
  if (status !== 0) process.exit(status ?? 1);
}

const job = kind.run(path, name, target);
/** Of this run alone: two of them may run side by side. */
const bundled = job.bundle && (await suite());
const command = job.command ?? [process.execPath, ...bundled];
const { status, stdout } = spawnSync(command[0], command.slice(1), {
  encoding: "utf8",
  maxBuffer: 1 << 28,
  // What a scenario or a fuzzer says is shown as it comes.
  stdio: ["inherit", job.command && !kind.name ? "inherit" : "pipe", "inherit"],
  env: { ...environment, ...(job.env ?? {}), FORCE_COLOR: "0", NO_COLOR: "1" },
});
if (bundled) rmSync(bundled.at(-1));
if (name && kind.ran?.(stdout) === false) die(`no test of ${path} has a name that ${name} finds`);
process.stdout.write(stdout ?? "");
process.exitCode = status ?? 1;

async function suite() {
  mkdirSync(join(OUT, "test"), { recursive: true });
  const file = await bundle(`one-${process.pid}`, [path], job.bundle);
  return job.bundle.engine ? ["test/engine/run.mjs", "build/out/xenstored.js", file] : [file];
}
