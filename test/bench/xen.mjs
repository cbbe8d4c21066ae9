// `make bench-xen`: round trips from Dom0 through /dev/xen/xenbus in nested Xen, each store in a boot of its own.
//   PASSES=2  REQUESTS=4000  STORES='c pv'
import { mkdirSync, writeFileSync } from "node:fs";
import { checkImage, options, script } from "../../build/qemu.mjs";
import { chart } from "./chart.mjs";

const OUT = "build/out/bench";
const PASSES = Number(process.env.PASSES || 2);
const REQUESTS = process.env.REQUESTS || "4000";
const BARE = { pv: "build/out/bare-stub.gz", pvh: "build/out/bare-stub-pvh.gz" };
/** The bare stub has no store behind: only what needs none is asked. */
const CASES = ["write", "read"];

const stores = [
  { key: "c", title: "C xenstored in Dom0", env: { STORE: "c" }, cases: CASES },
  { key: "ocaml", title: "oxenstored in Dom0", env: { STORE: "ocaml" }, cases: CASES },
  { key: "pv", title: "xenstore-ts, PV", env: { IMAGE: "pv" }, cases: CASES },
  { key: "pvh", title: "xenstore-ts, PVH", env: { IMAGE: "pvh" }, cases: CASES },
  { key: "bare-pv", title: "bare C stub, PV", env: { IMAGE: "pv" }, stub: BARE.pv, cases: CASES },
  { key: "bare-pvh", title: "bare C stub, PVH", env: { IMAGE: "pvh" }, stub: BARE.pvh, cases: CASES },
];

const only = (process.env.STORES ?? "").split(/\s+/).filter(Boolean);
const chosen = stores.filter(({ key }) => only.length === 0 || only.includes(key));
const records = [];

async function boot({ key, env, stub, cases = [] }, more) {
  if (stub) process.env.STUB = stub;
  const wanted = options(env);
  checkImage(wanted);
  const others = [];
  const end = await script(
    {
      ...wanted,
      env: { CASES: cases.join(" "), REQUESTS, ...more },
      files: { main: "test/bench/xen.sh" },
    },
    (line) => {
      const found = /^@ (\S+) (\{.*\})$/.exec(line);
      if (found) records.push({ store: key, case: found[1], ...JSON.parse(found[2]) });
      else others.push(line);
    },
    { name: "bench", limit: 120 },
  );
  delete process.env.STUB;
  // What is no figure is a complaint.
  if (end.status !== 0 || others.length > 0)
    console.log([`bench-xen: ${key}: ${end.why || "said"}`, ...others.slice(-8)].join("\n"));
}

for (let pass = 1; pass <= PASSES; pass++) {
  for (const store of chosen) {
    console.log(`bench-xen: pass ${pass} of ${PASSES}, ${store.title}`);
    await boot(store);
  }
}
for (const image of ["pv", "pvh"].filter((key) => chosen.some((store) => store.key === key))) {
  console.log(`bench-xen: what fits in 8 MB, ${image}`);
  await boot({ key: image, env: { IMAGE: image, MEMORY: "8" } }, { NODES: "200000" });
}

/** Median of a round trip in microseconds, the least of the passes: what else the machine does can only add. */
const trip = (key, name) =>
  Math.min(...records.filter((r) => r.store === key && r.case === name).map((r) => r.p50 * 1e6));
const print = (value) => (Number.isFinite(value) ? value.toFixed(0) : "-");
const lines = ["| store | WRITE, us | READ, us |", "|---|---|---|"];
for (const { key, title } of stores)
  lines.push(`| ${title} | ${print(trip(key, "write"))} | ${print(trip(key, "read"))} |`);

const missed = [];
lines.push("", "| figure | WRITE | READ | goal | |", "|---|---|---|---|---|");
const goal = (title, shares, most) => {
  // A store that did not answer has no figure, and a share of nothing is none.
  const met = shares.every((share) => share > 0 && share <= most);
  if (!met) missed.push(title);
  lines.push(`| ${title} | ${shares.map((s) => s.toFixed(2)).join(" | ")} | ${most} | ${met ? "met" : "**missed**"} |`);
};
const shares = (key, of) => CASES.map((name) => trip(key, name) / trip(of, name));
goal("PV, of C xenstored in Dom0", shares("pv", "c"), 0.65);
goal("PV, of the bare stub", shares("pv", "bare-pv"), 1.25);
goal("PVH, of C xenstored in Dom0", shares("pvh", "c"), 0.85);
goal("PVH, of the bare stub", shares("pvh", "bare-pvh"), 1.2);
lines.push("", "| nodes in a stub domain of 8 MB | goal | |", "|---|---|---|");
for (const image of ["pv", "pvh"]) {
  const nodes = records.find((r) => r.store === image && r.case === "nodes")?.nodes ?? Number.NaN;
  if (!(nodes >= 25000)) missed.push(`nodes, ${image}`);
  lines.push(`| ${image.toUpperCase()}: ${nodes} | 25000 | ${nodes >= 25000 ? "met" : "**missed**"} |`);
}

mkdirSync(OUT, { recursive: true });
const text = `${lines.join("\n")}\n`;
writeFileSync(`${OUT}/xen.jsonl`, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
writeFileSync(`${OUT}/xen.md`, text);
const bars = stores.map(({ key, title }) => ({
  name: title,
  values: { write: trip(key, "write"), read: trip(key, "read") },
}));
writeFileSync(
  `${OUT}/xen.svg`,
  chart(
    [{ title: "One request at a time", unit: "microseconds", cases: bars }],
    { write: "WRITE", read: "READ" },
    { title: "A round trip from Dom0 in nested Xen" },
  ),
);
console.log(`\n${text}`);
if (missed.length) console.log(`missed: ${missed.join("; ")}`);
console.log(`Every boot by itself, the tables and the chart: ${OUT}/xen.jsonl, xen.md, xen.svg`);
