// `make run`: boots a Dom0 with the store. On a terminal it starts a shell; otherwise it runs the demonstration.
//   IMAGE=pv|pvh  MEMORY=megabytes  WHERE=stub|dom0  STORE=c|ocaml  XEN=4.20|4.17  SMP=1|2  PARAM='options for the store'
//   --check: looks at the variables alone, before anything is built
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { checkImage, die, interactive, OUT, options, ready, STORES, script } from "./qemu.mjs";

const GUESTS = "test/guest/guests.inc";
/** MB of the smallest domain (docs/admin/sizing.md); tests try less. */
const SMALLEST = 4;
const KNOWN = ["IMAGE", "MEMORY", "WHERE", "STORE", "XEN", "SMP", "PARAM"];

/** Whether two words differ by one letter: one more, one other, or two that changed places. */
function near(one, other) {
  if (Math.abs(one.length - other.length) > 1 || one === other) return false;
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const rests = [
    [1, 0],
    [0, 1],
    [1, 1],
  ];
  const swapped = one[at] === other[at + 1] && one[at + 1] === other[at];
  return (
    rests.some(([a, b]) => one.slice(at + a) === other.slice(at + b)) ||
    (swapped && one.slice(at + 2) === other.slice(at + 2))
  );
}

/** A variable that means nothing would be ignored silently. make passes those of its command line in MAKEOVERRIDES. */
function checkNames() {
  const line = (process.env.RUN_VARIABLES ?? "").split(/\s+/).filter(Boolean);
  const strange = line.find((name) => !KNOWN.includes(name));
  const similar = Object.keys(process.env).find((name) => KNOWN.some((known) => near(name, known)));
  const wrong = strange ?? similar;
  if (wrong !== undefined) die(`${wrong}= is not known: make run takes ${KNOWN.map((name) => `${name}=`).join(" ")}`);
}

checkNames();
const wanted = options();
if (wanted.store === "stub" && wanted.memory < SMALLEST)
  die(`MEMORY=${wanted.memory} is too little: the store's domain takes ${SMALLEST} MB at least`);
if (process.argv.includes("--check")) process.exit(0);
checkImage(wanted);
ready();
const stub = `our ${wanted.image.toUpperCase()} image, ${wanted.memory} MB`;
const name = `Xen ${wanted.xen}, ${wanted.store === "stub" ? stub : STORES[wanted.store]}${wanted.smp > 1 ? `, ${wanted.smp} processors` : ""}`;

if (process.stdin.isTTY && process.stdout.isTTY) {
  console.log(`Booting Dom0: ${name}. To leave at any time: Ctrl-A X`);
  const tools = readdirSync("tools").filter((file) => /^xenstore-(?!ts$)/.test(file));
  const files = {
    main: "test/guest/shell.sh",
    "shell.inc": "test/guest/shell.inc",
    "guests.inc": GUESTS,
    banner: `images/dom0/banner-${wanted.store === "stub" || wanted.store === "dom0" ? "own" : "other"}`,
    "bin/under-load": "images/dom0/under-load",
    ...Object.fromEntries(tools.map((file) => [`bin/${file}`, join("tools", file)])),
    "xenstored.prog": join(OUT, "xenstored.prog"),
  };
  process.exitCode = await interactive({ ...wanted, python: true, quiet: true, files });
} else {
  console.log(`Dom0 is booting: ${name}`);
  const files = { main: "test/guest/demo.sh", "guests.inc": GUESTS, "lib.sh": "test/guest/lib.sh" };
  const end = await script({ ...wanted, files }, (line) => console.log(line), { name: "demo" });
  if (end.status === null)
    console.log([`FAIL: ${end.why}`, ...end.examined, "The last lines of the machine:", ...end.console].join("\n"));
  else
    console.log(`${end.status === 0 ? "Everything was as it should be" : "FAIL"}, after ${end.seconds.toFixed(0)} s`);
  process.exitCode = end.status === 0 ? 0 : 1;
}
