// `make measure-create`: what `xl create` takes beside 0, 9 and 99 guests, and what the store does for each, in a boot
// of its own for each store.   GUESTS=100  STORES='c dom0 pv pvh'
import { mkdirSync, writeFileSync } from "node:fs";
import { checkImage, OUT, options, script } from "../../build/qemu.mjs";

const GUESTS = Number(process.env.GUESTS || 100);
const stores = [
  { key: "c", title: "C xenstored in Dom0", env: { STORE: "c" } },
  { key: "dom0", title: "xenstore-ts in Dom0", env: { STORE: "dom0" } },
  { key: "pv", title: "xenstore-ts, PV", env: { IMAGE: "pv", MEMORY: "32" } },
  { key: "pvh", title: "xenstore-ts, PVH", env: { IMAGE: "pvh", MEMORY: "32" } },
];
const only = (process.env.STORES ?? "").split(/\s+/).filter(Boolean);
const chosen = stores.filter(({ key }) => only.length === 0 || only.includes(key));

async function boot({ key, title, env }) {
  console.log(`measure-create: ${title}`);
  const wanted = options(env);
  checkImage(wanted);
  const found = { store: key };
  const others = [];
  const end = await script(
    {
      ...wanted,
      ram: 2048,
      dom0: 768,
      env: { GUESTS },
      files: {
        main: "test/bench/create.sh",
        ...Object.fromEntries(["lib.sh", "guests.inc", "crowd.inc"].map((file) => [file, `test/guest/${file}`])),
      },
    },
    (line) => {
      const [mark, name, value] = line.split(" ");
      if (mark === "@") found[name] = Number(value);
      else others.push(line);
    },
    { name: "create", limit: 180 },
  );
  if (end.status !== 0) console.log([`measure-create: ${key}: ${end.why || "failed"}`, ...others.slice(-8)].join("\n"));
  return found;
}

/** The mean of the creations FIRST to LAST that were made. */
function mean(found, first, last) {
  const times = [];
  for (let n = first; n <= last; n++) if (found[`create-${n}`] !== undefined) times.push(found[`create-${n}`]);
  return times.length > 0 ? (times.reduce((a, b) => a + b) / times.length).toFixed(0) : "-";
}

const records = [];
for (const store of chosen) records.push(await boot(store));
/** KiB for each of the last 90 guests. */
const each = (what) => (record) => {
  const [few, many] = [record[`${what}-10`], record[`${what}-100`]];
  return few === undefined || many === undefined ? "-" : ((many - few) / 90).toFixed(1);
};
const rows = [
  ["`xl create` of the 1st guest, ms", (r) => mean(r, 1, 1)],
  ["mean of the 2nd to 10th", (r) => mean(r, 2, 10)],
  ["mean of the 91st to 100th", (r) => mean(r, 91, 100)],
  ["INTRODUCE, median, us: 1 guest / 10 / 100", (r) => [1, 10, 100].map((n) => r[`introduce-${n}`] ?? "-").join(" / ")],
  ["RELEASE, the same", (r) => [1, 10, 100].map((n) => r[`release-${n}`] ?? "-").join(" / ")],
  ["memory that the daemon takes for each guest, KiB", each("taken")],
  ["of that in use, by its own count", each("used")],
];
const line = (cells) => `| ${cells.join(" | ")} |`;
const table = [
  line(["", ...chosen.map(({ title }) => title)]),
  line(["---", ...chosen.map(() => "---")]),
  ...rows.map(([name, of]) => line([name, ...records.map(of)])),
].join("\n");
mkdirSync(`${OUT}/bench`, { recursive: true });
writeFileSync(`${OUT}/bench/create.jsonl`, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
console.log(`\n${table}`);
process.exitCode = records.every((record) => record[`create-${GUESTS}`] !== undefined) ? 0 : 1;
