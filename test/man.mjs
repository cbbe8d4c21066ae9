// The manual pages: mandoc finds nothing in them, and they have what the programs and the settings have.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PAGES = "build/out/man";
const count = { passed: 0, failed: 0 };
const read = (path) => readFileSync(path, "utf8");
function verdict(name, good, why) {
  count[good ? "passed" : "failed"]++;
  console.log(good ? `ok ${name}` : `not ok ${name}: ${String(why).trim().split("\n").slice(0, 12).join(" | ")}`);
}
function run(...command) {
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
  return { status, all: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}` };
}

/** The programs of the pages, and what prints their options. */
const PROGRAMS = {
  "xenstored-ts.8": [["build/out/xenstored", "--help"]],
  "xenstore-relay.8": [["build/out/xenstore-relay", "--help"]],
  "xenstore-ts.8": [
    ["tools/xenstore-ts", "--help"],
    ["tools/xenstore-ts", "enable", "--help"],
    ["tools/xenstore-ts", "giveback", "--help"],
  ],
  ...Object.fromEntries(
    ["exporter", "state", "top", "trace"].map((name) => [`xenstore-${name}.1`, [[`tools/xenstore-${name}`, "--help"]]]),
  ),
  "xenstore-web.1": [["build/out/xenstore-web", "--help"]],
};
/** Options that a program has and its --help does not name. */
const UNTOLD = { "xenstore-relay.8": ["--help", "--version"] };
/** Pages of others that these lead to. */
const FOREIGN = ["sh.1"];

const pages = readdirSync("docs/man").sort();
const options = (text) => [...text.matchAll(/(?<![\w-])--?[A-Za-z][\w-]*/g)].map(([name]) => name);
/** What --help lists: the heads of a list of options; without a list the options of the usage. */
function ofProgram(text) {
  const heads = [...text.matchAll(/^ {2,6}(-[^\n]*?)(?: {2,}.*)?$/gm)].map(([, head]) => head);
  return new Set(options(heads.length > 0 ? heads.join("\n") : text.replace(/usage: \S+/, "")));
}
/** `.It Fl E Ar n , Fl Fl entry-nb Ar n` -> -E --entry-nb */
const ofPage = (text) =>
  new Set(
    [...text.replaceAll("\\-", "-").matchAll(/^\.It (Fl .*)$/gm)].flatMap(([, head]) =>
      [...head.matchAll(/Fl (Fl )?([\w-]+)/g)].map(([, long, name]) => `${long ? "--" : "-"}${name}`),
    ),
  );
const differ = (a, b) => [...a].filter((name) => !b.has(name));

for (const page of pages) {
  const path = join(PAGES, page);
  const lint = run("mandoc", "-T", "lint", "-W", "warning", path);
  verdict(`mandoc finds nothing in ${page}`, lint.status === 0 && lint.all === "", lint.all);
  const text = read(path);
  const sections = [...text.matchAll(/^\.Sh (.*)$/gm)].map(([, name]) => name);
  const needed = [
    "NAME",
    "DESCRIPTION",
    "SEE ALSO",
    ...(page in PROGRAMS ? ["SYNOPSIS", "OPTIONS", "EXIT STATUS"] : []),
  ];
  const missing = needed.filter((name) => !sections.includes(name));
  verdict(`${page} has the sections of such a page`, missing.length === 0, missing);
  const left = text.match(/@\w+@|^\.\\" @.*$/gm) ?? [];
  verdict(`nothing is left to fill in ${page}`, left.length === 0, left);
  const lost = [...text.matchAll(/^\.Xr (\S+) (\d)/gm)]
    .map(([, name, section]) => `${name}.${section}`)
    .filter((name) => !pages.includes(name) && !FOREIGN.includes(name));
  verdict(`${page} leads to pages that there are`, lost.length === 0, lost);
  const html = join(PAGES, "html", `${page}.html`);
  const made = existsSync(html) ? read(html) : "";
  verdict(`${page} is there as HTML`, made.includes("</html>") && made.includes("DESCRIPTION"), made.length);
  if (!(page in PROGRAMS)) continue;
  const known = ofProgram(PROGRAMS[page].map((command) => run(...command).all).join("\n"));
  for (const name of UNTOLD[page] ?? []) known.add(name);
  const told = ofPage(text);
  const wrong = [
    ...differ(known, told).map((name) => `no ${name}`),
    ...differ(told, known).map((name) => `only ${name}`),
  ];
  verdict(`${page} has the program's options, and no other`, known.size > 1 && wrong.length === 0, wrong.join(" "));
}

const conf = read("packaging/xenstore-ts.conf").match(/^#?[A-Z]+(?==)/gm) ?? [];
const variables = new Set(conf.map((name) => name.replace("#", "")));
const told = new Set(
  [...read(join(PAGES, "xenstore-ts.conf.5")).matchAll(/^\.It Li ([A-Z]+)$/gm)].map(([, name]) => name),
);
const wrong = [...differ(variables, told), ...differ(told, variables)];
verdict("xenstore-ts.conf(5) has each setting, and no other", variables.size >= 5 && wrong.length === 0, wrong);

const commands = [...read("docs/control.md").matchAll(/^\| `([a-z-]+)/gm)].map(([, name]) => name);
const control = read(join(PAGES, "xenstore-control-ts.7")).replaceAll("\\-", "-");
const absent = commands.filter((name) => !control.includes(`\n.It \\fB${name}`));
verdict("xenstore-control-ts(7) has each command", commands.length > 20 && absent.length === 0, absent);

const overview = read(join(PAGES, "xenstore-ts.7"));
const unnamed = pages.filter(
  (page) => page !== "xenstore-ts.7" && !overview.includes(`.It Xr ${page.replace(/\.(\d)$/, " $1")}`),
);
verdict("xenstore-ts(7) leads to all others", unnamed.length === 0, unnamed);

const references = readdirSync("packaging", { recursive: true, encoding: "utf8", withFileTypes: true })
  .filter((entry) => entry.isFile())
  .flatMap((entry) => [
    ...read(join(entry.parentPath ?? entry.path, entry.name)).matchAll(/(xenstored?-[\w.-]+)\((\d)\)/g),
  ])
  .map(([, name, section]) => `${name}.${section}`);
const nowhere = references.filter((page) => !pages.includes(page));
verdict("settings and units name pages that there are", references.length > 4 && nowhere.length === 0, nowhere);

mkdirSync("build/out/results", { recursive: true });
writeFileSync("build/out/results/man.json", `${JSON.stringify({ suite: "man", ...count, skipped: 0 })}\n`);
console.log(`\n${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed ? 1 : 0;
