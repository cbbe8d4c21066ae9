// Starts one Xen with its Dom0 under QEMU. Everything that boots the lab goes through here.
import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { gunzipSync } from "node:zlib";

export const OUT = "build/out";
const DOM0 = join(OUT, "dom0");
const IMAGES = { pv: join(OUT, "xenstore-ts-stubdom.gz"), pvh: join(OUT, "xenstore-ts-stubdom-pvh.gz") };
const GUESTS = { "guest-pv.gz": join(OUT, "test-guest.gz"), "guest-pvh.gz": join(OUT, "test-guest-pvh.gz") };

/** One line for the person who asked, and the end. */
export const die = (line) => {
  console.error(`lab: ${line}`);
  process.exit(2);
};

/** Milliseconds between interrupts that come from outside. */
const NUDGE_EVERY = 200;

export const STORES = { stub: "our stub domain", dom0: "our daemon in Dom0", c: "C xenstored", ocaml: "oxenstored" };
const XENS = ["4.20", "4.17"];

/** What a run was asked for, checked: { image, memory, store, param, xen }. WHERE=dom0 is our own daemon, in Dom0. */
export function options(env = process.env) {
  const image = env.IMAGE || "pv";
  const where = env.WHERE || "stub";
  const store = env.STORE || where;
  const xen = env.XEN || process.env.XEN || XENS[0];
  const memory = Number(env.MEMORY || 16);
  if (!["stub", "dom0"].includes(where)) die(`WHERE=${where} is not known: it is stub or dom0`);
  if (!XENS.includes(xen)) die(`XEN=${xen} is not known: it is ${XENS.join(" or ")}`);
  if (!(image in IMAGES)) die(`IMAGE=${image} is not known: it is pv or pvh`);
  if (!(store in STORES)) die(`STORE=${store} is not known: it is ${Object.keys(STORES).join(", ")}`);
  if (!Number.isInteger(memory) || memory < 1 || memory > 256)
    die(`MEMORY=${env.MEMORY} is not a number of MB from 1 to 256`);
  return { image, store, memory, param: env.PARAM || "", xen };
}

/** Refuses a memory that the image itself does not fit in: the domain builder would only say that it is out of memory. */
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

/** Puts what this boot adds to Dom0 into a second archive behind the first, and returns the file. */
function initrd(dir, { mode, image, store, memory, param, xen, env = {}, files, python = false }) {
  const lab = join(dir, "root/lab");
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(join(lab, "bin"), { recursive: true });
  const quote = (value) => `'${String(value).replaceAll("'", "'\\''")}'`;
  const vars = { MODE: mode, STORE: store, IMAGE: image, MEMORY: memory, PARAM: param, XEN: xen, ...env };
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

function qemu(archive, { quiet, serial, xen: version, ram = 1024, dom0 = 512, more = [] }) {
  const level = quiet ? "loglevel=4" : "loglevel=6";
  const xen = [
    `console=com1 com1=115200,8n1 dom0_mem=${dom0}M,max:${dom0}M dom0_max_vcpus=1 loglvl=all guest_loglvl=all`,
    // With lazy FPU switching, SSE registers leak between domains under this emulator.
    "spec-ctrl=eager-fpu",
  ].join(" ");
  return [
    ...["-accel", "tcg,thread=multi", "-M", "pc", "-cpu", "max,-smap", "-smp", "1", "-m", `${ram}`],
    ...["-display", "none", "-nodefaults", "-no-reboot", ...serial],
    ...["-kernel", join(DOM0, `xen-${version}`), "-append", xen],
    ...["-initrd", `${join(DOM0, "vmlinux")} console=hvc0 ${level},${archive}`],
    ...more,
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

/** A Dom0 with a person in front of it. Resolves with QEMU's exit status. */
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
 * A Dom0 that runs files.main and powers off. Each line that the script prints goes to onLine.
 * Resolves with { status, seconds, why, console }: status is the script's own, or null when there was none within `limit` seconds
 * of silence, or the machine went away; `why` says which. onLine's second argument writes a line to the script's terminal.
 * nudged: false for a script that reads its terminal.
 */
export function script(boot, onLine, { name, limit = 90, nudged = true }) {
  ready();
  const dir = join(OUT, "run", `${name}-${process.pid}`);
  const archive = initrd(dir, { ...boot, mode: "script" });
  const log = join(OUT, "run", `${name}.console`);
  const serial = ["-serial", `file:${log}`, "-chardev", "stdio,id=verdict,signal=off", "-serial", "chardev:verdict"];
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
    let silence;
    // QEMU 7.2 can forget that an interrupt is due when a PVH guest gives the processor back; then everything sleeps,
    // with Xen's timer pending. Any other interrupt wakes it.
    const nudge = setInterval(() => nudged && tell(""), NUDGE_EVERY);
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        why = `nothing was heard for ${limit} seconds`;
        stop();
      }, limit * 1000);
    };
    listen();
    createInterface({ input: child.stdout }).on("line", (raw) => {
      listen();
      const line = raw.replaceAll("\r", "");
      // What wakes the machine is echoed until somebody turns that off.
      if (line === "") return undefined;
      const end = /^@end (\d+)$/.exec(line);
      if (!end) return onLine(line, tell);
      status = Number(end[1]);
      stop();
    });
    let said = "";
    child.stderr.on("data", (data) => {
      said += data;
    });
    child.on("close", () => {
      clearTimeout(silence);
      clearInterval(nudge);
      process.off("exit", stop);
      rmSync(dir, { recursive: true, force: true });
      if (status === null && !why)
        why = said.trim().split("\n").at(-1) || "the machine went away before its script had ended";
      const tail =
        existsSync(log) && statSync(log).size
          ? readFileSync(log, "latin1").replaceAll("\r", "").trimEnd().split("\n").slice(-25)
          : [];
      resolve({ status, why, seconds: (Date.now() - started) / 1000, console: tail });
    });
  });
}
