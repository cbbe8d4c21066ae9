// `make measure`: the figures of the README, each from a boot of its own, with C xenstored measured in the same run.
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkImage, OUT, options, script } from "../../build/qemu.mjs";

const PASSES = Number(process.env.PASSES || 3);
const records = [];

async function boot(env, what, limit) {
  const wanted = options({ ...env });
  checkImage(wanted);
  const found = {};
  const others = [];
  const end = await script(
    { ...wanted, env: { WHAT: what, LAUNCH_LIMIT: limit ?? 30 }, files: { main: "test/bench/measure.sh" } },
    (line) => {
      const [mark, key, value] = line.split(" ");
      if (mark === "@") found[key] = /^\d+$/.test(value) ? Number(value) : value;
      else others.push(line);
    },
    { name: "measure", limit: 180 },
  );
  const record = {
    image: wanted.store === "stub" ? wanted.image : wanted.store,
    memory: wanted.memory,
    what,
    ...found,
    status: end.status,
  };
  records.push(record);
  if (end.status !== 0 && !limit)
    console.log([`measure: ${record.image} ${what}: ${end.why || "failed"}`, ...others].join("\n"));
  return record;
}

/** The lowest of the medians of several boots: what else the machine does can only add. */
const best = (rows, key) => Math.min(...rows.map((row) => row[key] ?? Number.NaN));

const trips = { c: [], pv: [], pvh: [] };
for (let pass = 1; pass <= PASSES; pass++) {
  console.log(`measure: round trips, pass ${pass} of ${PASSES}`);
  trips.c.push(await boot({ STORE: "c" }, "trips"));
  for (const image of ["pv", "pvh"]) trips[image].push(await boot({ IMAGE: image }, "trips"));
}
const table = [];
for (const [name, rows] of Object.entries(trips)) {
  const [write, read] = [best(rows, "xenbus_write_us"), best(rows, "xenbus_read_us")];
  const ratio = (value, key) => (value / best(trips.c, key)).toFixed(2);
  table.push([`${name}: WRITE / READ through /dev/xen/xenbus, us`, `${write} / ${read}`]);
  if (name !== "c")
    table.push([
      `${name}: as a share of C xenstored's`,
      `${ratio(write, "xenbus_write_us")} / ${ratio(read, "xenbus_read_us")}`,
    ]);
  else
    table.push([
      `${name}: WRITE / READ through the socket, us`,
      `${best(rows, "socket_write_us")} / ${best(rows, "socket_read_us")}`,
    ]);
  if (name !== "c") table.push([`${name}: init-xenstore-domain, start to exit, ms`, best(rows, "launch_ms")]);
}
for (const image of ["pv", "pvh"]) {
  console.log(`measure: what fits, ${image}`);
  const filled = await boot({ IMAGE: image, MEMORY: "8" }, "fill");
  table.push([
    `${image}: nodes that fit in 8 MB, and the refusal`,
    `${filled.nodes ?? "-"}, ${filled.refused_with ?? "-"}`,
  ]);
  let smallest = "-";
  for (const memory of [2, 3, 4, 5, 6, 8, 12, 16]) {
    const { served } = await boot({ IMAGE: image, MEMORY: String(memory) }, "serve", 15);
    if (served !== 1000) continue;
    smallest = memory;
    break;
  }
  table.push([`${image}: smallest --memory that serves 1,000 nodes, MB`, smallest]);
  const file = join(OUT, image === "pv" ? "xenstore-ts-stubdom.gz" : "xenstore-ts-stubdom-pvh.gz");
  table.push([`${image}: image, bytes gzipped`, statSync(file).size]);
}

mkdirSync(join(OUT, "bench"), { recursive: true });
writeFileSync(join(OUT, "bench/guest.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
const width = Math.max(...table.map(([name]) => name.length));
console.log(`\n${table.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n")}`);
console.log("\nEvery boot by itself: build/out/bench/guest.jsonl");
process.exitCode = table.some(([, value]) => /NaN|^-|undefined/.test(String(value))) ? 1 : 0;
