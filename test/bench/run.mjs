// `make bench`: our Linux program, C xenstored and oxenstored, one after the other in each pass of each case.
//   CASES='read write-*'  PASSES=3  SECONDS=0.3 of load  DAEMONS='ours c'
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { chart } from "./chart.mjs";
import { daemons, measure, simulated } from "./daemons.mjs";
import { figures, judge, rows } from "./goals.mjs";
import { table } from "./report.mjs";

const OUT = "build/out/bench";
const words = (text) => (text ?? "").split(/\s+/).filter(Boolean);
const PASSES = Number(process.env.PASSES || 3);
const LOAD = Number(process.env.SECONDS || 0.3);
/** A run that takes longer than this is not made again in the next pass. */
const DEAR = 4;
const LIMIT = 120;

if (!(PASSES >= 1) || !(LOAD > 0)) {
  console.error("bench: PASSES= wants a number of passes, and SECONDS= one of seconds");
  process.exit(2);
}

const patterns = words(process.env.CASES).map((glob) => new RegExp(`^${glob.replaceAll("*", ".*")}$`));
const wanted = rows.filter((row) => patterns.length === 0 || patterns.some((p) => p.test(row.name)));
const only = words(process.env.DAEMONS);
const chosen = daemons.filter((d) => only.length === 0 || only.includes(d.key));
if (wanted.length === 0 || chosen.length === 0) {
  const [what, names] =
    wanted.length === 0
      ? ["CASES", rows.filter((row) => row.of === row.name && !row.name.endsWith("-8")).map((row) => row.name)]
      : ["DAEMONS", daemons.map((daemon) => daemon.key)];
  console.error(`bench: no ${what}= is called that; there are: ${names.join(" ")}`);
  process.exit(2);
}

const UNITS = { cpu: "seconds per 100,000 requests", added: "megabytes added", start: "milliseconds" };
const isChosen = (key) => chosen.some((daemon) => daemon.key === key);

const records = [];
const runs = (name, daemon) => records.filter((r) => r.case === name && r.daemon === daemon);
const dear = new Set();

for (let pass = 1; pass <= PASSES; pass++) {
  for (const { name, figure, of } of wanted) {
    if (of !== name && wanted.some((row) => row.name === of)) continue;
    const said = [];
    for (const daemon of chosen) {
      const key = `${of} ${daemon.key}`;
      if (dear.has(key) || (simulated(name) && !daemon.simulated)) continue;
      const started = Date.now();
      const found = await measure(daemon, of, { seconds: LOAD, limit: LIMIT });
      if (Date.now() - started > DEAR * 1000 && !of.startsWith("hostile-")) dear.add(key);
      records.push({ case: of, daemon: daemon.key, pass, ...found });
      said.push(`${daemon.key} ${found.error ?? figures[figure].of([found]).toFixed(figures[figure].digits)}`);
    }
    if (said.length) console.log(`bench: ${pass} of ${PASSES}, ${name}: ${said.join(", ")}`);
  }
}

mkdirSync(OUT, { recursive: true });
writeFileSync(`${OUT}/bench.jsonl`, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
const { text, missed } = table(wanted, runs);
const machine = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} CPUs, ${cpus()[0]?.model ?? "unknown"}`;
writeFileSync(`${OUT}/bench.md`, `${text}\nDaemon and client on one CPU, the least of ${PASSES} passes; ${machine}.\n`);
/** Panels of the chart: title, and the kinds of figures that it shows. */
const PANELS = [
  ["CPU of the daemon per request", "cpu"],
  ["Memory", "added"],
  ["Start, from exec to the first reply", "start"],
];
const panels = PANELS.flatMap(([title, figure]) => {
  const cases = wanted
    .filter((row) => row.figure === figure && runs(row.of, "ours").length > 0)
    .map((row) => {
      const { value, peers } = judge(row, runs);
      const values = Object.fromEntries(Object.entries({ ours: value, ...peers }).filter(([key]) => isChosen(key)));
      return { name: row.name, values };
    })
    // What adds nothing has no place on such a scale.
    .filter(({ values }) => Object.values(values).some((value) => value > 0));
  return cases.length > 0 ? [{ title, unit: UNITS[figure], cases }] : [];
});
if (panels.length > 0) {
  const titles = Object.fromEntries(chosen.map((d) => [d.key, d.title]));
  const missing = `it did not end within ${LIMIT} s, or cannot be measured here`;
  writeFileSync(`${OUT}/bench.svg`, chart(panels, titles, { title: `xenstored, ${machine}`, missing }));
}
console.log(`\n${text}`);
if (missed.length) console.log(`missed: ${missed.join(" ")}`);
console.log(`Every run by itself, the table and the chart: ${OUT}/bench.jsonl, bench.md, bench.svg`);
