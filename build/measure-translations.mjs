// Measures the size and the gain of each translated function (engine/README.md):
//   node build/measure-translations.mjs FUNCTIONS IMAGE.elf WITHOUT_SNAPSHOT CLIENT DIRECTORY
// Bytes: the difference in size of the gzipped image without the function. Instructions: the additional instructions of a
// request in the Linux program when the function is interpreted, counted by callgrind. To interpret a function, its hash in
// the table of translations is zeroed; nothing is compiled again.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const [list, image, withoutSnapshot, client, directory] = process.argv.slice(2);

/** Cases of the bench client. A request's cost is the difference between REQUESTS and 2 * REQUESTS of them, by REQUESTS. */
const CASES = ["read", "write", "write-new", "transaction", "watch", "set-perms", "get-perms", "directory-10"];
const REQUESTS = 500;

/** The layout of struct translation, in bytes: its size, and the offset of the function. */
const ROW = { size: 24, run: 16 };

const names = readFileSync(list, "utf8")
  .split("\n")
  .map((line) => line.replace(/#.*/, "").trim())
  .filter((line) => line !== "" && !line.endsWith(":"));

/**
 * Finds the symbols of an executable, by their offset in it or in a copy without symbols. The number in a translation's
 * symbol is its index in the list.
 */
function executable(path, copy = path) {
  const bytes = readFileSync(copy);
  const sections = execFileSync("readelf", ["-SW", copy], { encoding: "utf8" });
  const loaded = [...sections.matchAll(/ (\.text|\.rodata|\.data\.rel\.ro) +PROGBITS +(\w+) (\w+) (\w+)/g)].map(
    ([, , address, offset, size]) => [address, offset, size].map((hex) => Number.parseInt(hex, 16)),
  );
  const place = (address) => {
    const at = loaded.find(([start, , size]) => address >= start && address < start + size);
    return at && at[1] + address - at[0];
  };
  const symbols = execFileSync("nm", ["-S", path], { encoding: "utf8", maxBuffer: 1 << 26 });
  const found = [...symbols.matchAll(/^(\w+) (\w+) \w (\S+)$/gm)].map(([, address, size, name]) => ({
    name,
    address: Number.parseInt(address, 16),
    at: place(Number.parseInt(address, 16)),
    size: Number.parseInt(size, 16),
  }));
  const translations = new Map(names.map((name) => [name, []]));
  for (const symbol of found) {
    const number = /^translated_(?:fast_)?(\d+)_/.exec(symbol.name)?.[1];
    if (number === undefined) continue;
    const name = names[number];
    // The form that engine/translate/main.mjs gives the name.
    if (!symbol.name.split(".")[0].endsWith(`_${name?.replace(/^\S* /, "").replace(/\W+/g, "_")}`))
      throw new Error(`${symbol.name} is not ${name}: ${path} was made from another list`);
    translations.get(name).push(symbol);
  }
  return { bytes, table: found.find(({ name }) => name === "translations"), translations };
}

const gzipped = (bytes) => execFileSync("gzip", ["-9nc"], { input: bytes, maxBuffer: 1 << 26 }).length;

/** The size in bytes of each function in the gzipped image. */
function sizes() {
  const file = join(directory, "image");
  execFileSync("objcopy", ["--strip-all", image, file]);
  const bytes = readFileSync(file);
  const whole = gzipped(bytes);
  const without = (parts) => {
    const left = [];
    let from = 0;
    for (const { at, size } of parts.sort((a, b) => a.at - b.at)) {
      left.push(bytes.subarray(from, at));
      from = at + size;
    }
    return whole - gzipped(Buffer.concat([...left, bytes.subarray(from)]));
  };
  const { translations } = executable(image, file);
  return new Map([...translations].map(([name, parts]) => [name, without(parts)]));
}

let programs = 0;
/** Makes the Linux program without the translation of one function, or with all of them. Returns its path. */
function program({ bytes, table, translations }, without) {
  const file = join(directory, `xenstored-${++programs}`);
  const patched = Buffer.from(bytes);
  for (const { address } of translations.get(without) ?? [])
    for (let at = table.at; at < table.at + table.size; at += ROW.size)
      if (patched.readBigUInt64LE(at + ROW.run) === BigInt(address)) patched.fill(0, at, at + 8);
  writeFileSync(file, patched, { mode: 0o755 });
  writeFileSync(`${file}.heap_snapshot`, execFileSync(file, ["--write-heap-snapshot"], { maxBuffer: 1 << 26 }));
  execFileSync("objcopy", ["--update-section", `.heap_snapshot=${file}.heap_snapshot`, file]);
  return file;
}

const ended = (child) => new Promise((resolve) => child.once("exit", resolve));

/** Plays requests on a new daemon. Resolves with the instructions in engine_turn() and the calls of translations. */
async function run(file, name, requests) {
  const rundir = `${file}.run`;
  rmSync(rundir, { recursive: true, force: true });
  mkdirSync(rundir);
  const counts = join(rundir, "counts");
  const callgrind = ["--tool=callgrind", `--callgrind-out-file=${counts}`, "--collect-atstart=no"];
  const daemon = spawn("valgrind", [...callgrind, "--toggle-collect=engine_turn", file, "-N", "--rundir", rundir], {
    stdio: "ignore",
  });
  const end = ended(daemon);
  const socket = join(rundir, "socket");
  for (let i = 0; i < 3000 && !existsSync(socket); i++) await wait(20);
  const load = spawn(client, ["run", socket, "0", name, "600", String(requests)], { stdio: "ignore" });
  const status = await ended(load);
  daemon.kill();
  await end;
  if (status !== 0) throw new Error(`${name}: the client failed`);
  return counted(readFileSync(counts, "utf8"));
}

/** Parses callgrind's output. A function's name is given only with the first use of its number. */
function counted(text) {
  const names = new Map([...text.matchAll(/\((\d+)\) (translated_\S+)/g)].map(([, number, name]) => [number, name]));
  const calls = new Map();
  for (const [, number, times] of text.matchAll(/^cfn=\((\d+)\).*\ncalls=(\d+)/gm))
    calls.set(names.get(number), (calls.get(names.get(number)) ?? 0) + Number(times));
  return { instructions: Number(/^(?:summary|totals): (\d+)/m.exec(text)[1]), calls };
}

/** Measures one request of a case. */
async function count(file, name) {
  const [one, two] = [await run(file, name, REQUESTS), await run(file, name, 2 * REQUESTS)];
  const often = (part) => (two.calls.get(part) ?? 0) - (one.calls.get(part) ?? 0) > REQUESTS / 100;
  return { each: (two.instructions - one.instructions) / REQUESTS, often };
}

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const bytes = sizes();
const daemon = executable(withoutSnapshot);
const whole = program(daemon);
const all = new Map();
for (const name of CASES) all.set(name, await count(whole, name));

/** A function's row of the table. A case whose requests do not call it has no number. */
async function row(name) {
  const parts = daemon.translations.get(name);
  const called = CASES.filter((row) => parts.some((part) => all.get(row).often(part.name)));
  const without = called.length ? program(daemon, name) : undefined;
  const more = new Map();
  for (const row of called) more.set(row, Math.round((await count(without, row)).each - all.get(row).each));
  return [`\`${name}\``, bytes.get(name), ...CASES.map((row) => more.get(row) ?? "")];
}
const rows = new Map();
const left = [...names];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let name = left.shift(); name; name = left.shift()) rows.set(name, await row(name));
  }),
);
const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
line(["function", "bytes", ...CASES]);
line(["---", ...Array(CASES.length + 1).fill("--:")]);
line([
  "all of them",
  [...bytes.values()].reduce((a, b) => a + b, 0),
  ...[...all.values()].map(({ each }) => Math.round(each)),
]);
for (const name of names) line(rows.get(name));
rmSync(directory, { recursive: true });
