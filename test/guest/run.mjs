// Runs the scenarios of this folder in nested Xen: one boot for each group (a folder) and each kind of image.
//   node test/guest/run.mjs [pv|pvh|dom0...] [--store c|ocaml] [--group NAME [--script NAME.sh]] [--smp 1|2] [--memory N]
//     [--load N] [--soak] [--follow]
// dom0 is not an image: it is the Linux build of the daemon, run in Dom0. --smp, or SMP=, is for how many processors the
// machine has; a group's own SMP= may name both, and so may MEMORY= and --memory for the store's megabytes. SOAK_NAME= in a
// group's settings is NAME= of a soak. GUESTS=, KINDS=, NODES=, ROUNDS=, TIMES= and WRITES= are for the groups that have them. --load keeps N
// programs of the host busy beside it. --follow tells each line when it is said, on standard error. XEN=4.17: the older Xen.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SLEEPERS } from "../../build/lab/examine.mjs";
import { checkImage, OUT, options, script } from "../../build/qemu.mjs";
import { counting } from "../support/verdicts.mjs";

const HERE = "test/guest";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    store: { type: "string", default: "stub" },
    group: { type: "string" },
    script: { type: "string" },
    smp: { type: "string", default: process.env.SMP },
    memory: { type: "string" },
    load: { type: "string", default: "0" },
    soak: { type: "boolean" },
    follow: { type: "boolean" },
  },
});
const images = positionals.length ? positionals : values.store === "stub" ? ["pv", "pvh", "dom0"] : ["pv"];
/** Who serves: what --store says, or our daemon where it is not an image. */
const storeOf = (image) => (image === "dom0" ? "dom0" : values.store);

const LINUX_GUEST = { vmlinux: join(OUT, "dom0/vmlinux"), "linux.cpio": join(OUT, "linux/initrd.cpio") };

/** The daemon beside an image. */
const DAEMON_FILES = Object.fromEntries(["xenstored", "xenstored-domains.so"].map((name) => [name, join(OUT, name)]));

/** What runs in a Dom0 with Python. */
const SCRIPTS = Object.fromEntries(
  readdirSync("tools")
    .filter((name) => name.startsWith("xenstore-"))
    .map((name) => [name, join("tools", name)]),
);
SCRIPTS["xenstore-web"] = join(OUT, "xenstore-web");

/** What the shell of `make run` has besides. */
const SHELL_FILES = {
  banner: "images/dom0/banner-own",
  "shell.inc": join(HERE, "shell.inc"),
  "bin/under-load": "images/dom0/under-load",
  "xenstored.prog": join(OUT, "xenstored.prog"),
  ...Object.fromEntries(Object.entries(SCRIPTS).map(([name, file]) => [join("bin", name), file])),
};

/** Settings that a script reads, and whoever starts it may change. */
const OWN = ["GUESTS", "KINDS", "NODES", "ROUNDS", "TIMES", "WRITES"];

/** A group's own settings: KEY=VALUE lines of its file `boot`. */
function settings(group) {
  const files = readdirSync(join(HERE, group));
  const lines = files.includes("boot") ? readFileSync(join(HERE, group, "boot"), "utf8").split("\n") : [];
  const set = Object.fromEntries(
    lines.filter((line) => /^[A-Z0-9_]+=/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  if (values.soak)
    for (const [key, value] of Object.entries(set)) if (key.startsWith("SOAK_")) set[key.slice("SOAK_".length)] = value;
  return { ...set, files: files.filter((file) => file !== "boot").sort() };
}

async function boot({ image, group, smp, memory }) {
  const set = settings(group);
  const { PARAM, MAXMEM = "", LAUNCH, DAEMON, RAM, DOM0, LINUX, PYTHON, SHELL, PLAYER, MAKES, files } = set;
  // A group that runs as long as it is asked to says for how many minutes when nobody asks, and for how many in a soak.
  const [short, long = short] = (set.MINUTES ?? "0").split(" ");
  const minutes = Number((set.MINUTES && process.env.MINUTES) || (values.soak ? long : short));
  const limit = Number(set.LIMIT ?? 120);
  const wanted = options({
    IMAGE: image === "dom0" ? "pv" : image,
    STORE: storeOf(image),
    PARAM,
    MEMORY: memory,
    SMP: smp,
    XEN: process.env.XEN || set.XEN,
  });
  checkImage(wanted);
  const add = Object.fromEntries(
    files
      .filter((file) => !file.endsWith(".mjs"))
      .filter((file) => !values.script || !file.endsWith(".sh") || file === values.script)
      .map((file) => [file.endsWith(".sh") ? `t-${file}` : file, join(HERE, group, file)]),
  );
  const count = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  const said = counting(count, lines, values.follow);
  const player = PLAYER ? (await import(`./${group}/${PLAYER}`)).default(said) : said;
  const made = MAKES ? (await import(`./${group}/${MAKES}`)).default(image) : {};
  const several = memories(group).length > 1;
  const machine = `${smp === "2" ? ", 2 processors" : ""}${several ? `, ${memory} MB` : ""}`;
  const what = `${values.store === "stub" ? image : `${values.store} store`}${machine}, ${group}`;
  const once = () =>
    script(
      {
        ...wanted,
        ram: RAM,
        dom0: DOM0,
        python: Boolean(PYTHON),
        env: {
          LAUNCH: LAUNCH ?? "",
          MAXMEM,
          DURATION: minutes * 60,
          ...Object.fromEntries(OWN.map((name) => [name, process.env[name] ?? set[name] ?? ""])),
        },
        files: {
          main: join(HERE, "main.sh"),
          "lib.sh": join(HERE, "lib.sh"),
          "guests.inc": join(HERE, "guests.inc"),
          "linux.inc": join(HERE, "linux.inc"),
          "crowd.inc": join(HERE, "crowd.inc"),
          "failures.inc": join(HERE, "failures.inc"),
          "takeover.inc": join(HERE, "takeover.inc"),
          "xenstore-relay": join(OUT, "xenstore-relay"),
          "xenstore-ts-start": "packaging/start",
          ...(DAEMON ? DAEMON_FILES : {}),
          ...(LINUX ? LINUX_GUEST : {}),
          ...(PYTHON ? SCRIPTS : {}),
          ...(SHELL ? SHELL_FILES : {}),
          ...made,
          ...add,
        },
      },
      player,
      { name: `guest-${image}-${group}-${smp}${several ? `-${memory}` : ""}`, limit },
    );
  let end = await once();
  // Dom0's kernel sometimes dies under emulation before it has started anything: nothing was tested then.
  if (end.status === null && !end.began) {
    console.log(`${what}: Dom0 did not come up (${end.why}), once more`);
    end = await once();
  }
  if (end.status === null && lostInterrupt(end.examined)) {
    console.log(`${what}: the emulator lost an interrupt, and the machine could not be woken; once more`);
    console.log(end.examined.map((line) => `# ${line}`).join("\n"));
    for (const key of Object.keys(count)) count[key] = 0;
    lines.length = 0;
    end = await once();
  }
  if (end.status === null) {
    said(`not ok ${group}: ${end.why}`);
    lines.push(...end.examined.map((line) => `# ${line}`));
    lines.push(...end.console.map((line) => `# console: ${line}`));
  } else if (end.status !== 0 && count.failed === 0) said(`not ok ${group}: its script exited ${end.status}`);
  if (end.forgotten > 0)
    lines.push(`# the emulator had forgotten an interrupt ${end.forgotten} times, and the machine was woken`);
  console.log(`\n== ${what}: ${end.seconds.toFixed(0)} s`);
  console.log(lines.join("\n"));
  return count;
}

/** Whether a machine that stood still had a processor that slept though an interrupt was due: no real one does. */
function lostInterrupt(examined) {
  const at = examined.indexOf(`${SLEEPERS}:`);
  return at >= 0 && examined[at + 1] !== "  nothing";
}

const groups = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && (!values.group || entry.name === values.group))
  .map((entry) => entry.name)
  .filter((group) => values.group || values.soak || !("SOAK" in settings(group)));
if (groups.length === 0) {
  const all = readdirSync(HERE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  console.error(`run.mjs: there is no group ${values.group}; there are: ${all.map((entry) => entry.name).join(" ")}`);
  process.exit(2);
}
/** Whether a group's settings name the image and its store, or leave them open. */
function suits(image, group) {
  const { STORES = "stub dom0 c ocaml", IMAGES = image } = settings(group);
  return STORES.split(" ").includes(storeOf(image)) && (values.group || IMAGES.split(" ").includes(image));
}
/** How many processors a group's machines have: whoever asks says it, a soak takes both, else the group, for an image or all. */
function machines(image, group) {
  const { SMP = "1", [`SMP_${image.toUpperCase()}`]: own = SMP } = settings(group);
  return (values.smp ?? (values.soak ? "1 2" : own)).split(" ");
}

/** The megabytes that a group's store has, one machine for each. */
function memories(group) {
  return (values.memory ?? settings(group).MEMORY ?? process.env.MEMORY ?? "").split(" ");
}

let failed = 0;
mkdirSync(join(OUT, "results"), { recursive: true });
// Each ends with this program, however it ends.
const load = Array.from({ length: Number(values.load) }, () =>
  spawn("sh", ["-c", 'while kill -0 "$PPID" 2>/dev/null; do :; done']),
);
const jobs = images.flatMap((image) =>
  groups
    .filter((group) => suits(image, group))
    .flatMap((group) => machines(image, group).map((smp) => ({ image, group, smp })))
    .flatMap((job) => memories(job.group).map((memory) => ({ ...job, memory }))),
);
if (jobs.length === 0) {
  console.error(`run.mjs: nothing of ${values.group ?? "this"} runs on ${images.join(" ")}`);
  process.exit(2);
}
const totals = new Map(images.map((image) => [image, { passed: 0, failed: 0, skipped: 0 }]));
async function play(queue) {
  for (let job = queue.shift(); job; job = queue.shift()) {
    const count = await boot(job);
    for (const key of Object.keys(count)) totals.get(job.image)[key] += count[key];
  }
}
// An emulated processor keeps one of the machine's busy: two machines at a time, or one with two processors. Two of the
// latter beside each other take three times as long, for a processor that waits for the other one spins.
const [single, double] = ["1", "2"].map((smp) => jobs.filter((job) => job.smp === smp));
await Promise.all([play(single), play(single)]);
await play(double);
for (const [image, count] of totals) {
  const suite = `${values.soak ? "soak" : "guest"}-${values.store === "stub" ? image : values.store}`;
  // A run of one group only is somebody looking for something, not a result.
  if (!values.group) writeFileSync(join(OUT, "results", `${suite}.json`), `${JSON.stringify({ suite, ...count })}\n`);
  failed += count.failed;
}
for (const busy of load) busy.kill("SIGKILL");
process.exitCode = failed ? 1 : 0;
