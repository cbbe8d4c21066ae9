// `make profile-xen`: what a round trip from Dom0 takes in nested Xen, counted by trips.c in the emulator. Unlike times,
// it is nearly the same in each run, whatever else the machine does.
//   STORES='pv bare-pv'  CASES='read write'
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { die, options, script } from "../../build/qemu.mjs";

const OUT = "build/out/bench";
const CASES = (process.env.CASES || "read write").split(/\s+/);
/** The plugin reports after each thousand round trips. */
const REQUESTS = "3000";
/** sched_op, by which a PV domain falls asleep, in the page of hypercalls of 32 bytes each. */
const SCHED_OP = 29 * 32;

const stores = [
  { key: "pv", title: "xenstore-ts, PV", image: "pv", file: "xenstore-ts-stubdom" },
  { key: "pvh", title: "xenstore-ts, PVH", image: "pvh", file: "xenstore-ts-stubdom-pvh" },
  { key: "bare-pv", title: "bare C stub, PV", image: "pv", file: "bare-stub" },
  { key: "bare-pvh", title: "bare C stub, PVH", image: "pvh", file: "bare-stub-pvh" },
];
const only = (process.env.STORES ?? "").split(/\s+/).filter(Boolean);
const chosen = stores.filter(({ key }) => only.length === 0 || only.includes(key));

/** Functions and variables of an image: [address, name], by address. */
function symbolsOf(file) {
  const text = execFileSync("nm", ["-n", `build/out/${file}.elf`], { encoding: "utf8", maxBuffer: 1 << 26 });
  return text
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/))
    .filter(([, kind, name]) => /[tT]/.test(kind) && !/\.[0-9a-f]{8}$/.test(name))
    .map(([address, , name]) => [Number.parseInt(address, 16), name]);
}

function nameAt(symbols, address) {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (symbols[middle][0] <= address) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? symbols[low - 1][1] : "?";
}

/** What the plugin wrote: { who: { store: {...}, ... }, functions: rows by name }. */
function parse(text, symbols) {
  const who = {};
  const functions = new Map();
  for (const line of text.trim().split("\n")) {
    const [kind, first, ...rest] = line.split(" ");
    if (kind === "who") {
      who[first] = Object.fromEntries(rest.map((pair) => pair.split("=")).map(([name, n]) => [name, Number(n)]));
    } else if (kind === "block") {
      const [size, times, cold] = rest.map(Number);
      const name = nameAt(symbols, Number.parseInt(first, 16));
      const row = functions.get(name) ?? { name, instructions: 0, blocks: 0, cold: 0 };
      row.instructions += size * times;
      row.blocks++;
      row.cold += cold;
      functions.set(name, row);
    }
  }
  return { who, functions: [...functions.values()].sort((a, b) => b.instructions - a.instructions) };
}

async function count(store, name) {
  const symbols = symbolsOf(store.file);
  const symbol = (wanted) => symbols.find(([, known]) => known === wanted)?.[0];
  const idle = store.image === "pv" ? symbol("hypercall_page") + SCHED_OP : symbol("idle_hlt");
  const raw = `${OUT}/trips-${store.key}-${name}.txt`;
  rmSync(raw, { force: true });
  process.env.STUB = `build/out/${store.file}.gz`;
  const end = await script(
    {
      ...options({ IMAGE: store.image }),
      env: { CASES: name, REQUESTS },
      files: { main: "test/bench/xen.sh" },
      more: ["-plugin", `${OUT}/trips.so,out=${raw},idle=0x${idle.toString(16)}`],
    },
    () => {},
    { name: "profile", limit: 180 },
  );
  delete process.env.STUB;
  if (end.status !== 0) die(`${store.key}, ${name}: ${end.why || "the script failed"}`);
  return parse(readFileSync(raw, "utf8"), symbols);
}

mkdirSync(OUT, { recursive: true });
const COLUMNS = ["instructions", "different", "cold", "code-pages", "data-pages", "exits", "rdtsc"];
const lines = [
  `| store | case | ${COLUMNS.join(" | ")} | Xen's instructions | Dom0's |`,
  `|---|---|${COLUMNS.map(() => "---|").join("")}---|---|`,
];
for (const store of chosen) {
  for (const name of CASES) {
    console.log(`profile-xen: ${store.title}, ${name.toUpperCase()}`);
    const { who, functions } = await count(store, name);
    const own = COLUMNS.map((column) => who.store[column]);
    const dom0 = who.kernel.instructions + who.user.instructions;
    lines.push(`| ${store.title} | ${name.toUpperCase()} | ${own.join(" | ")} | ${who.xen.instructions} | ${dom0} |`);
    const rows = functions.map((f) => `${f.instructions}\t${f.blocks}\t${f.cold}\t${f.name}\n`);
    writeFileSync(`${OUT}/profile-${store.key}-${name}.txt`, `instructions\tblocks\tcold\tfunction\n${rows.join("")}`);
  }
}
const text = `${lines.join("\n")}\n`;
writeFileSync(`${OUT}/profile.md`, text);
console.log(`\n${text}\nBy function: ${OUT}/profile-STORE-CASE.txt`);
