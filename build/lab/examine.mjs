// Examines a machine that stands still. The questions that disturb it least come first.
import { closeSync, fstatSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Three times Ctrl-A switches the console between Xen and Dom0. */
const SWITCH = "\x01\x01\x01";
/** The mark that test/guest/ring.c writes at the end of Dom0's ring page. */
const MARK = Buffer.from([..."xenstore of dom0"].map((letter) => letter.charCodeAt(0) | 0x80));
const PAGE = 4096;
/** The title of forgotten()'s findings. */
export const SLEEPERS = "processors that sleep though an interrupt is due";
const REGISTERS = /\b(?:RIP|RFL|HLT|CPL|CR3)=\S+/g;
/** Xen's debug keys, and the lines of their output to keep. */
const KEYS = [
  { key: "q", keep: /General information|nr_pages|VCPU\d|pause_count|pause flags/i, most: 24 },
  { key: "e", keep: /information for domain|\[[^\]]*1[^\]]*\]|s=3 .*d=[01] /, most: 40 },
  { key: "a", keep: /CPU\d|ex=/, most: 24 },
  { key: "r", keep: /CPU|unit|run:|\d+: \[/i, most: 24 },
];

/**
 * Resolves with lines about what the machine and its domains wait for. machine: { monitor, write, log, dir, megabytes,
 * heard }. write() sends to Xen's console, log is the file with its output, heard() returns the number of lines that the
 * script has printed.
 */
export async function examine(machine) {
  const lines = [];
  const say = (title, found) => lines.push(`${title}:`, ...(found.length ? found : ["nothing"]).map((l) => `  ${l}`));
  const before = machine.heard();
  let alive = "";
  const look = (what) => {
    if (!alive && machine.heard() !== before) alive = what;
  };
  const part = async (title, find) => {
    try {
      say(title, await find());
    } catch (error) {
      say(title, [error.message]);
    }
    look(title);
  };
  await part("processors", () => processors(machine.monitor));
  const first = [];
  await part("Dom0's ring", async () => first.push(...(await rings(machine))) && first);
  await part("interrupt controllers", () => controllers(machine.monitor));
  await part(SLEEPERS, () => forgotten(machine.monitor));
  await part("Xen's console", () => answer(machine, SWITCH, 500));
  for (const { key, keep, most } of KEYS)
    await part(`Xen, key ${key}`, async () => shorten(await answer(machine, key, 700), keep, most));
  await part("Dom0's processes", async () => {
    await answer(machine, SWITCH, 300);
    const said = await answer(machine, "\n", 5000, "@examined");
    return said
      .filter((line) => line.startsWith("@ "))
      .map((line) => line.slice(2, 160))
      .slice(0, 60);
  });
  await part("Dom0's ring afterwards", () => rings(machine));
  lines.push(alive ? `the machine came alive: ${alive}` : "the machine did not come alive by any of this");
  return lines;
}

async function processors(monitor) {
  const said = await monitor.ask("info registers -a");
  return said.split(/(?=CPU#\d+)/).map((one) => `${/^CPU#\d+/.exec(one)} ${(one.match(REGISTERS) ?? []).join(" ")}`);
}

async function controllers(monitor) {
  const found = [];
  for (const id of (await processors(monitor)).keys()) {
    const said = (await monitor.ask(`info lapic ${id}`)).split("\n");
    found.push(
      ...said.filter((line) => /^(ISR|IRR|APR)/.test(line)).map((line) => `CPU#${id} ${line.replace("\t", "")}`),
    );
  }
  return found;
}

/**
 * Finds processors that sleep although an interrupt is pending. QEMU before September 2025 can lose an interrupt: when a PVH
 * guest exits (do_vmexit), it clears a bit of interrupt_request without its lock, and loses a bit that another thread sets
 * at that moment. The interrupt stays pending in the controller, until the next interrupt of any kind. It was seen with one
 * processor, for 180 seconds. Checks twice, because an interrupt that has just become pending is taken at once.
 */
export async function forgotten(monitor) {
  const sleeping = async () => {
    const due = await controllers(monitor);
    return (await processors(monitor)).filter(
      (one, id) =>
        /HLT=1/.test(one) &&
        enabled(one) &&
        due.some((line) => line.startsWith(`CPU#${id} IRR`) && !line.includes("none")),
    );
  };
  const first = await sleeping();
  await sleep(500);
  const second = await sleeping();
  return first.filter((one) => second.includes(one));
}

/** Whether the processor takes interrupts: bit 9 of its flags. */
const enabled = (registers) => (Number.parseInt(/RFL=([0-9a-f]+)/.exec(registers)?.[1] ?? "0", 16) & 0x200) !== 0;

/** The indexes of Dom0's ring page, which is found in the machine's memory by its mark. */
async function rings({ monitor, dir, megabytes }) {
  const file = resolve(dir, "memory");
  const said = await monitor.ask(`pmemsave 0 ${megabytes << 20} "${file}"`);
  if (said) return [said];
  try {
    return pagesWithMark(file).map(({ at, page }) => {
      const [reqCons, reqProd, rspCons, rspProd, , connection, error] = [0, 4, 8, 12, 16, 20, 24].map((field) =>
        page.readUInt32LE(2048 + field),
      );
      const wait = [
        reqProd === reqCons ? "" : `${(reqProd - reqCons) >>> 0} bytes of requests are not taken`,
        rspProd === rspCons ? "" : `${(rspProd - rspCons) >>> 0} bytes of replies are not taken`,
      ];
      const where = `frame 0x${(at / PAGE).toString(16)}: req_cons ${reqCons} req_prod ${reqProd} rsp_cons ${rspCons} rsp_prod ${rspProd}`;
      return `${where} connection ${connection} error ${error}; ${wait.filter(Boolean).join(", ") || "nothing waits"}`;
    });
  } finally {
    rmSync(file, { force: true });
  }
}

function pagesWithMark(file) {
  const found = [];
  const memory = openSync(file, "r");
  const chunk = Buffer.alloc(4 << 20);
  const size = fstatSync(memory).size;
  for (let start = 0; start < size; start += chunk.length) {
    const got = readSync(memory, chunk, 0, chunk.length, start);
    for (let at = 0; at + PAGE <= got; at += PAGE)
      if (chunk.compare(MARK, 0, MARK.length, at + PAGE - MARK.length, at + PAGE) === 0)
        found.push({ at: start + at, page: Buffer.from(chunk.subarray(at, at + PAGE)) });
  }
  closeSync(memory);
  return found;
}

/** Sends to Xen's console. Resolves with its output until it is quiet for `quiet` milliseconds, or until a line has `end`. */
async function answer({ write, log }, text, quiet, end) {
  const start = readFileSync(log).length;
  write(text);
  let size = start;
  const last = Date.now() + 10_000;
  for (let changed = Date.now(); Date.now() - changed < quiet && Date.now() < last; ) {
    await sleep(100);
    const now = readFileSync(log);
    if (now.length !== size) changed = Date.now();
    size = now.length;
    if (end && now.includes(end, start)) break;
  }
  return readFileSync(log, "latin1").slice(start).replaceAll("\r", "").split("\n").filter(Boolean);
}

function shorten(lines, keep, most) {
  const kept = lines
    .filter((line) => keep.test(line))
    .map((line) => line.replace(/^\(XEN\) /, "").replace(/^\[[^\]]*\] /, ""));
  return kept.length > most ? [...kept.slice(0, most), `and ${kept.length - most} lines more`] : kept;
}
