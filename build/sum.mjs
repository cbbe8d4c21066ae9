// Adds up build/out/results/*.json. The last line is the sum only. A suite without a result counts as a failure.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const QUICK = [
  "types",
  "lint",
  "unit",
  "engine",
  "model",
  "native",
  "rings",
  "socket",
  "relay",
  "pyxs",
  "monitor",
  "man",
  "recipes",
];
const SUITES =
  process.argv[2] === "quick"
    ? QUICK
    : [
        ...QUICK,
        "translate",
        "untranslated",
        "sanitized",
        "fuzz",
        "packages",
        "web",
        "guest-pv",
        "guest-pvh",
        "guest-dom0",
      ];

console.log(`\n${"suite".padEnd(12)} passed failed skipped`);
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const suite of SUITES) {
  const file = join("build/out/results", `${suite}.json`);
  let found = { passed: 0, failed: 1, skipped: 0 };
  let note = "left no result";
  if (existsSync(file)) {
    const read = JSON.parse(readFileSync(file, "utf8"));
    const whole = Object.keys(sum).every((key) => Number.isInteger(read[key]) && read[key] >= 0);
    if (whole) found = read;
    // A suite that ran no test counts as a failure, too.
    if (whole && read.passed + read.failed + read.skipped === 0) found = { passed: 0, failed: 1, skipped: 0 };
    note = !whole ? "its result cannot be read" : found !== read ? "ran nothing" : "";
  }
  for (const key of Object.keys(sum)) sum[key] += found[key];
  const cells = [found.passed, found.failed, found.skipped].map((n) => String(n).padStart(7)).join("");
  console.log(`${suite.padEnd(12)}${cells}  ${note}`);
}
console.log("");
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ""}`);
process.exitCode = sum.failed ? 1 : 0;
