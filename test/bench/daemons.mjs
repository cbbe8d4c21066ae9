// The three daemons that are compared, each on a unix socket below a directory of its own.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const OUT = resolve("build/out");
const DEBIAN = join(OUT, "trixie");
const TOOLS = join(DEBIAN, "usr/lib/xen-4.20");
/** Both on one CPU: what is measured is work, not how quickly another CPU wakes. */
export const CPU = process.env.BENCH_CPU ?? "0";
/** A load beside one good client must not take its time on that CPU. */
const BESIDE = cpus().length > 1 ? String(Number(CPU) === 0 ? 1 : 0) : CPU;
export const CLIENT = join(OUT, "bench/client");

// Socket paths are short by nature: the directory must not be a deep one.
const root = mkdtempSync(join(tmpdir(), "xs-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));

/** With the loader and the libraries of the release that the programs come from, whatever this machine is. */
const debian = (program, ...args) => [
  join(DEBIAN, "usr/lib64/ld-linux-x86-64.so.2"),
  ...["--library-path", join(DEBIAN, "usr/lib/x86_64-linux-gnu"), "--preload", join(OUT, "bench/standin.so")],
  join(TOOLS, "bin", program),
  ...args,
];

export const daemons = [
  {
    key: "ours",
    title: "xenstore-ts",
    command: (dir) => [join(OUT, "xenstored"), "-N", "--rundir", dir],
    simulated: (dir) => [join(OUT, "xenstored"), "-N", "--rundir", dir, "--simulate-domains", join(dir, "domains")],
    socket: (dir) => join(dir, "socket"),
  },
  {
    key: "c",
    title: "C xenstored",
    command: (dir) => debian("xenstored", "-N", "--pid-file", join(dir, "pid")),
    socket: (dir) => join(dir, "var/run/xenstored/socket"),
  },
  {
    key: "ocaml",
    title: "oxenstored",
    command: (dir) =>
      debian("oxenstored", "--no-fork", "--config-file", join(dir, "conf"), "--pid-file", join(dir, "pid")),
    socket: (dir) => join(dir, "var/run/xenstored/socket"),
  },
];

let made = 0;

/** A fresh directory for one life of a daemon. */
function home(daemon) {
  const dir = join(root, String(++made));
  mkdirSync(dir);
  if (daemon.key === "ours") return dir;
  for (const name of [
    "proc/xen",
    "run/xen",
    "run/xenstored",
    "var/run/xen",
    "var/run/xenstored",
    "var/log/xen",
    "usr/lib",
  ])
    mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(join(dir, "proc/xen/xsd_port"), "1");
  writeFileSync(join(dir, "proc/xen/xsd_kva"), Buffer.alloc(4096));
  symlinkSync(TOOLS, join(dir, "usr/lib/xen-4.20"));
  writeFileSync(join(dir, "conf"), readFileSync(join(DEBIAN, "etc/xen/oxenstored.conf")));
  return dir;
}

/** A daemon for a test: its socket, and what ends it. */
export async function started(key) {
  const daemon = daemons.find((one) => one.key === key);
  const dir = home(daemon);
  const [program, ...args] = daemon.command(dir);
  const child = spawn(program, args, { stdio: "ignore", env: { ...process.env, STANDIN_ROOT: dir } });
  const ended = new Promise((done) => child.on("close", done));
  const socket = daemon.socket(dir);
  for (let i = 0; i < 2000 && !existsSync(socket); i++) {
    if (child.exitCode !== null) throw new Error(`${daemon.title} ended with ${child.exitCode}`);
    await sleep(5);
  }
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  return { socket, stop };
}

const pinned = (command, cpu = CPU) => ["taskset", "-c", cpu, ...command];

/** Cases with simulated domains, which the peers do not have. */
export const simulated = (name) => /^(domains|hostile)-/.test(name);

/** Runs the client; resolves with what it found, or with { error }. */
function client(args, env, limit, cpu = CPU) {
  const [program, ...rest] = pinned([CLIENT, ...args], cpu);
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"], env });
  const timer = setTimeout(() => child.kill("SIGKILL"), limit * 1000);
  let out = "";
  let err = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    err += data;
  });
  return new Promise((done) =>
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) done(JSON.parse(out));
      else done({ error: signal ? `nothing within ${limit} s` : err.trim().split("\n").at(-1) || `status ${code}` });
    }),
  );
}

/** One case in one life of a daemon. */
export async function measure(daemon, name, { seconds, limit, wrap = [] }) {
  const dir = home(daemon);
  const env = { ...process.env, STANDIN_ROOT: dir, STORE_DOMAINS: join(dir, "domains") };
  const command = (simulated(name) ? daemon.simulated : daemon.command)(dir);
  const socket = daemon.socket(dir);
  try {
    if (name === "start") return await client(["start", socket, ...pinned(command)], env, limit);
    const [program, ...args] = pinned([...wrap, ...command]);
    let said = "";
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env });
    child.stderr.on("data", (data) => {
      said += data;
    });
    const ended = new Promise((done) => child.on("close", done));
    for (let i = 0; i < 1000 && !existsSync(socket) && child.exitCode === null; i++) await sleep(wrap.length ? 50 : 5);
    await sleep(20);
    const result =
      child.exitCode === null
        ? await client(
            ["run", socket, String(child.pid), name, String(seconds)],
            env,
            limit,
            name.startsWith("hostile-") ? BESIDE : CPU,
          )
        : { error: said.trim().split("\n").at(-1) };
    child.kill();
    const forced = setTimeout(() => child.kill("SIGKILL"), wrap.length ? 60000 : 3000);
    await ended;
    clearTimeout(forced);
    return result;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
