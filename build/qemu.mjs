// Starts a Xen with a Dom0 under QEMU. Every boot of the lab uses this module.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { machineClock } from "./lab/clock.mjs";
import { examine, forgotten } from "./lab/examine.mjs";
import { monitor } from "./lab/monitor.mjs";

export const OUT = "build/out";
const DOM0 = join(OUT, "dom0");
const IMAGES = { pv: join(OUT, "xenstore-ts-stubdom.gz"), pvh: join(OUT, "xenstore-ts-stubdom-pvh.gz") };
const GUESTS = { "guest-pv.gz": join(OUT, "test-guest.gz"), "guest-pvh.gz": join(OUT, "test-guest-pvh.gz") };

/** Prints one line and ends the process. */
export const die = (line) => {
  console.error(`lab: ${line}`);
  process.exit(2);
};

/** Milliseconds that an examination may take: an emulator that hangs answers nothing. */
const EXAMINATION = 120_000;

/** Seconds of silence before a check whether the emulator has lost an interrupt. */
const FORGOTTEN = 20;

/** Memory of the machine, in MiB. */
const RAM = 1024;

export const STORES = { stub: "our stub domain", dom0: "our daemon in Dom0", c: "C xenstored", ocaml: "oxenstored" };
const XENS = ["4.20", "4.17"];

/** Checks the variables of a run: { image, memory, store, param, xen, smp }. WHERE=dom0 is this project's daemon in Dom0. */
export function options(env = process.env) {
  const image = env.IMAGE || "pv";
  const where = env.WHERE || "stub";
  const store = env.STORE || where;
  const xen = env.XEN || process.env.XEN || XENS[0];
  const memory = Number(env.MEMORY || 16);
  const smp = Number(env.SMP || process.env.SMP || 1);
  if (!["stub", "dom0"].includes(where)) die(`WHERE=${where} is not known: it is stub or dom0`);
  if (!XENS.includes(xen)) die(`XEN=${xen} is not known: it is ${XENS.join(" or ")}`);
  if (!(image in IMAGES)) die(`IMAGE=${image} is not known: it is pv or pvh`);
  if (env.WHERE === "dom0" && env.IMAGE) die(`IMAGE=${image} is for a domain: the daemon of WHERE=dom0 has no image`);
  if (!(store in STORES)) die(`STORE=${store} is not known: it is ${Object.keys(STORES).join(", ")}`);
  if (!Number.isInteger(memory) || memory < 1 || memory > 256)
    die(`MEMORY=${env.MEMORY} is not a number of MB from 1 to 256`);
  if (smp !== 1 && smp !== 2) die(`SMP=${env.SMP || process.env.SMP} is not known: it is 1 or 2`);
  return { image, store, memory, param: env.PARAM || "", xen, smp };
}

/** Ends with a message if the image does not fit in its memory: the domain builder would only report "out of memory". */
export function checkImage({ image, store, memory }) {
  if (store !== "stub") return;
  const file = process.env.STUB || IMAGES[image];
  if (!existsSync(file)) die(`${file} is not there: make image`);
  const size = unpackedSize(file);
  if (size > memory << 20)
    die(`${file} takes ${(size / 2 ** 20).toFixed(1)} MB unpacked and does not fit in MEMORY=${memory}`);
}

// The memory that an ELF image occupies ends where its last loadable segment ends.
function unpackedSize(file) {
  let elf = readFileSync(file);
  if (elf[0] === 0x1f && elf[1] === 0x8b) elf = gunzipSync(elf);
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46) die(`${file} is not an ELF image`);
  const wide = elf[4] === 2;
  const table = wide ? Number(elf.readBigUInt64LE(32)) : elf.readUInt32LE(28);
  const [step, count] = wide
    ? [elf.readUInt16LE(54), elf.readUInt16LE(56)]
    : [elf.readUInt16LE(42), elf.readUInt16LE(44)];
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (let at = table; at < table + step * count; at += step) {
    if (elf.readUInt32LE(at) !== 1) continue;
    const start = wide ? Number(elf.readBigUInt64LE(at + 24)) : elf.readUInt32LE(at + 12);
    const size = wide ? Number(elf.readBigUInt64LE(at + 40)) : elf.readUInt32LE(at + 20);
    low = Math.min(low, start);
    high = Math.max(high, start + size);
  }
  return high - low;
}

/** Makes the initrd of a boot: Dom0's archive, and behind it one with the files of this boot. Returns its path. */
function initrd(dir, { mode, image, store, memory, param, xen, smp, env = {}, files, python = false }) {
  const lab = join(dir, "root/lab");
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(join(lab, "bin"), { recursive: true });
  const quote = (value) => `'${String(value).replaceAll("'", "'\\''")}'`;
  const vars = { MODE: mode, STORE: store, IMAGE: image, MEMORY: memory, PARAM: param, XEN: xen, SMP: smp, ...env };
  writeFileSync(
    join(lab, "env"),
    Object.entries(vars)
      .map(([name, value]) => `${name}=${quote(value)}\n`)
      .join(""),
  );
  const add = (file, name = basename(file)) => existsSync(file) && copyFileSync(file, join(lab, name));
  if (store === "stub") add(process.env.STUB || IMAGES[image], "stub.gz");
  if (store === "stub") add(join(OUT, "xenstored.prog"), "program");
  if (store === "dom0") for (const file of ["xenstored", "xenstored-domains.so"]) add(join(OUT, file));
  for (const [name, file] of Object.entries(GUESTS)) add(file, name);
  for (const tool of readdirSync(join(OUT, "lab"))) add(join(OUT, "lab", tool), join("bin", tool));
  for (const [name, file] of Object.entries(files)) add(file, name);
  const archive = join(dir, "initrd.cpio");
  execFileSync("sh", [
    "-eu",
    "-c",
    'out=$PWD/$1; dir=$2; shift 2; cat "$@" >"$out"; cd "$dir"; find . | cpio --quiet -o -H newc -R 0:0 >>"$out"',
    "sh",
    archive,
    join(dir, "root"),
    join(DOM0, "initrd.cpio"),
    ...(python ? [join(DOM0, "python.cpio")] : []),
  ]);
  return archive;
}

function qemu(archive, { quiet, serial, xen: version, store, smp, ram = RAM, dom0 = 512, disk }) {
  const level = quiet ? "loglevel=4" : "loglevel=6";
  const from = disk ?? { xen: join(DOM0, `xen-${version}`), kernel: join(DOM0, "vmlinux"), words: "", drives: [] };
  // With two processors Dom0 has the first and pins the stub to the second (images/dom0/lab.sh); a daemon in Dom0 has both.
  const vcpus = store === "stub" ? 1 : smp;
  const xen = [
    `console=com1 com1=115200,8n1 dom0_mem=${dom0}M,max:${dom0}M dom0_max_vcpus=${vcpus} dom0_vcpus_pin loglvl=all guest_loglvl=all`,
    // With lazy FPU switching, SSE registers leak between domains under this emulator.
    "spec-ctrl=eager-fpu",
  ].join(" ");
  return [
    ...["-accel", "tcg,thread=multi", "-M", "pc", "-cpu", "max,-smap", "-smp", `${smp}`, "-m", `${ram}`],
    ...["-display", "none", "-nodefaults", "-no-reboot", ...serial],
    ...["-kernel", from.xen, "-append", xen],
    ...["-initrd", `${from.kernel} console=hvc0 ${level} ${from.words},${archive}`],
    ...from.drives.flatMap((file) => ["-drive", `file=${file},if=virtio,format=raw,cache=unsafe`]),
  ];
}

export function ready() {
  try {
    execFileSync("qemu-system-x86_64", ["--version"], { stdio: "ignore" });
  } catch {
    die("qemu-system-x86_64 is not on this machine: make tools");
  }
  for (const file of [...XENS.map((version) => `xen-${version}`), "vmlinux", "initrd.cpio"])
    if (!existsSync(join(DOM0, file))) die(`${join(DOM0, file)} is not there: make lab`);
}

/** Boots a Dom0 with a shell on this terminal. Resolves with QEMU's exit status. */
export function interactive(boot) {
  ready();
  const dir = join(OUT, "run", `shell-${process.pid}`);
  const archive = initrd(dir, { ...boot, mode: "shell" });
  const child = spawn("qemu-system-x86_64", qemu(archive, { ...boot, serial: ["-serial", "mon:stdio"] }), {
    stdio: "inherit",
  });
  return new Promise((resolve) => {
    child.on("exit", (code) => {
      rmSync(dir, { recursive: true, force: true });
      resolve(code ?? 1);
    });
  });
}

/**
 * Boots a Dom0 that runs files.main and powers off; or the host on boot.disk ({ xen, kernel, initrd, words, drives }: files, words
 * for the kernel), which starts anew when its script has ended, and with that ends the emulator. onLine(line, tell) is called for each line that the script prints;
 * tell(line) writes to the script's terminal. Resolves with:
 *   status     of the script; null: the machine was silent for `limit` seconds by its own clock, or ended
 *   why        the reason for null
 *   seconds    the duration
 *   console    the last lines of Xen's console
 *   examined   findings in a machine that stood still
 *   forgotten  how often the machine was woken because the emulator had lost an interrupt
 *   began      whether Dom0's userland came up
 */
export function script(boot, onLine, { name, limit = 90 }) {
  ready();
  const dir = join(OUT, "run", `${name}-${process.pid}`);
  if (boot.disk) mkdirSync(dir, { recursive: true });
  const archive = boot.disk ? boot.disk.initrd : initrd(dir, { ...boot, mode: "script" });
  const log = join(OUT, "run", `${name}.console`);
  const at = (socket) => join(dir, socket);
  const serial = [
    ...["-chardev", `socket,id=console,path=${at("console")},server=on,wait=off,logfile=${log},logappend=off`],
    ...["-serial", "chardev:console", "-qmp", `unix:${at("monitor")},server=on,wait=off`],
    ...["-chardev", "stdio,id=verdict,signal=off", "-serial", "chardev:verdict"],
  ];
  const started = Date.now();
  const child = spawn("qemu-system-x86_64", qemu(archive, { ...boot, quiet: true, serial }), {
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {});
  const tell = (line) => child.stdin.write(`${line}\n`);
  const stop = () => child.kill("SIGKILL");
  process.once("exit", stop);
  return new Promise((resolve) => {
    let status = null;
    let why = "";
    let examined = [];
    let tail;
    let heard = 0;
    let began = false;
    const clock = machineClock(child.pid);
    let last = 0;
    let woken = 0;
    let looked = 0;
    let looking = false;
    const silence = setInterval(async () => {
      const now = clock();
      if (looking) return;
      if (now - last < limit && now - Math.max(last, looked) >= FORGOTTEN) {
        looked = now;
        looking = true;
        if (await wakeForgotten(dir)) woken++;
        looking = false;
        return;
      }
      if (now - last < limit) return;
      clearInterval(silence);
      why = `nothing was heard for ${limit} seconds${status === null ? "" : ", after its script had ended"}`;
      status = null;
      tail = lastLines(log);
      examined = await standstill({ dir, log, megabytes: Number(boot.ram ?? RAM), heard: () => heard });
      stop();
    }, 1000);
    createInterface({ input: child.stdout }).on("line", (raw) => {
      heard++;
      last = clock();
      const line = raw.replaceAll("\r", "");
      if (line === "@start") {
        began = true;
        return undefined;
      }
      const end = /^@end (\d+)$/.exec(line);
      if (!end) return onLine(line, tell);
      // A script that ends because of the examination counts as silent, too.
      if (!why) status = Number(end[1]);
      if (!boot.disk) stop();
    });
    let said = "";
    child.stderr.on("data", (data) => {
      said += data;
    });
    child.on("close", () => {
      clearInterval(silence);
      process.off("exit", stop);
      rmSync(dir, { recursive: true, force: true });
      if (status === null && !why)
        why = said.trim().split("\n").at(-1) || "the machine went away before its script had ended";
      resolve({
        status,
        why,
        seconds: (Date.now() - started) / 1000,
        console: tail ?? lastLines(log),
        examined,
        forgotten: woken,
        began,
      });
    });
  });
}

function lastLines(file) {
  const text = existsSync(file) ? readFileSync(file, "latin1").replaceAll("\r", "").trimEnd() : "";
  return text ? text.split("\n").slice(-25) : [];
}

/**
 * Wakes the machine by an interrupt if the emulator has lost one (forgotten() in lab/examine.mjs), and only then. Returns
 * whether it did. A store that misses an event looks different: no interrupt is pending.
 */
async function wakeForgotten(dir) {
  try {
    const asked = await monitor(join(dir, "monitor"));
    const found = await forgotten(asked);
    asked.end();
    if (found.length === 0) return false;
    const console = connect(join(dir, "console"));
    console.on("error", () => {});
    await new Promise((resolve) => console.end("\n", resolve));
    return true;
  } catch {
    // The machine has just ended.
    return false;
  }
}

/** Examines a machine that stands still, through the sockets in its directory. */
async function standstill(machine) {
  const console = connect(join(machine.dir, "console"));
  console.on("error", () => {});
  try {
    const asked = await monitor(join(machine.dir, "monitor"));
    const found = examine({ ...machine, monitor: asked, write: (text) => console.write(text) });
    return await Promise.race([found, sleep(EXAMINATION, ["the examination took too long"], { ref: false })]);
  } catch (error) {
    return [`it could not be examined: ${error.message}`];
  } finally {
    console.destroy();
  }
}
