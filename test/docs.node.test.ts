import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kindOf, testFiles } from "./support/kinds.mjs";
import { World } from "./support/world.ts";

const test = suite("documents");

test("docs/options.md is what the table of options says", () => {
  const dir = mkdtempSync("build/out/docs-");
  const { status, stderr } = spawnSync("node", ["build/options.mjs", "docs", `${dir}/options.md`], {
    encoding: "utf8",
  });
  assert.is(status, 0, stderr);
  assert.is(readFileSync("docs/options.md", "utf8"), readFileSync(`${dir}/options.md`, "utf8"), "make docs");
  rmSync(dir, { recursive: true });
});

test("docs/status.md names what the status tree has", () => {
  const text = readFileSync("docs/status.md", "utf8");
  const world = new World();
  const names = (path: string): string[] =>
    world.request("0", `DIRECTORY /tool/xenstored${path}|`).reply.split("|").slice(0, -1);
  const link = world.request("0", "READ /tool/xenstored/domain/1/connection|").reply;
  const wanted = [
    ...names(""),
    ...names(`/connection/${link}`),
    ...names("/domain/1"),
    ...names("/outage"),
    ...names("/slow"),
  ];
  assert.ok(wanted.length > 30);
  for (const name of wanted) assert.match(text, new RegExp(`[\`/]${name}[\`/]`), name);
  // And nothing that it has not.
  const known = new Set([
    "connection",
    "domain",
    ...wanted,
    ...names("/collector"),
    ...names("/traffic"),
    ...names("/outage"),
    "requests",
    "replies",
    "events",
    "longest-ms",
  ]);
  for (const [, name] of text.matchAll(/`(?:…\/|collector\/|outage\/|slow\/|traffic\/)([a-z-]+)`/g))
    assert.ok(known.has(name as string), `${name} is only in the document`);
});

const read = (path: string): string => readFileSync(path, "utf8");
const lines = (path: string): number => read(path).trimEnd().split("\n").length;

/** Every document of the repository. */
const documents = [
  ...readdirSync(".").filter((name) => name.endsWith(".md")),
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).map((name) => join("docs", name)),
  "engine/README.md",
  "test/README.md",
].filter((path) => path.endsWith(".md"));

test("README.md opens with the two commands, and is short; so is ARCHITECTURE.md", () => {
  assert.ok(lines("README.md") <= 130, `README.md: ${lines("README.md")} lines`);
  assert.ok(lines("ARCHITECTURE.md") <= 200, `ARCHITECTURE.md: ${lines("ARCHITECTURE.md")} lines`);
  const opening = read("README.md").split("\n## ")[0] as string;
  assert.match(opening, /^make run .*\nmake test /m);
  for (const need of ["Debian 12 or 13", "Node 20", "npm", "gcc", "make", "root"]) assert.match(opening, need);
});

test("links between documents lead to files", () => {
  assert.ok(documents.length > 20);
  let found = 0;
  for (const path of documents)
    for (const [, target] of read(path).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^https?:/.test(target as string)) continue;
      found++;
      assert.ok(existsSync(join(dirname(path), target as string)), `${path}: ${target}`);
    }
  assert.ok(found > 50);
});

test("README.md leads to every document", () => {
  const reached = new Set(["README.md"]);
  // A set goes on with what is added meanwhile.
  for (const path of reached)
    for (const [, target] of read(path).matchAll(/\]\(([^)#\s:]+\.md)[^)]*\)/g))
      reached.add(join(dirname(path), target as string));
  for (const path of documents) assert.ok(reached.has(path), `no link leads to ${path}`);
});

test("docs/control.md has each control command, and no other", () => {
  const names = new World()
    .request("0", "CONTROL help|")
    .reply.split("\n")
    .map((line) => /^[a-z][a-z-]*(?= )/.exec(line)?.[0])
    .filter((name) => name !== undefined);
  assert.ok(names.length >= 20);
  const rows = [...read("docs/control.md").matchAll(/^\| `([a-z-]+)/gm)].map(([, name]) => name as string);
  assert.equal([...new Set(rows)].sort(), [...names].sort());
});

test("docs/metrics.md has each metric, and no other", () => {
  const source = read("src/control/metrics.ts");
  const [ofAll, ofDomains] = source.split("const activities") as [string, string];
  const named = (text: string): string[] =>
    [...text.matchAll(/\[\s*"([a-z_]+)",\s+"[A-Z]/g)].map(([, name]) => name as string);
  const heads = [...source.matchAll(/head\("([a-z_]+)"/g)].map(([, name]) => name as string);
  const own = read("tools/xenstore-exporter").matchAll(/# TYPE xenstored_([a-z_]+) /g);
  const ofExporter = [...own].map(([, name]) => name as string);
  const known = [...named(ofAll), ...named(ofDomains).map((name) => `domain_${name}`), ...heads, ...ofExporter];
  assert.ok(known.length > 30);
  const told = [...read("docs/metrics.md").matchAll(/`xenstored_([a-z_]+)`/g)].map(([, name]) => name as string);
  assert.equal([...new Set(told)].sort(), [...new Set(known)].sort());
});

test("each invariant of ARCHITECTURE.md names tests that are there", () => {
  const section = read("ARCHITECTURE.md").split("\n## Invariants\n")[1]?.split("\n## ")[0] as string;
  const rows = [...section.matchAll(/^\| (\d+) \|.*\| ([^|]*) \|$/gm)];
  assert.ok(rows.length >= 20);
  for (const [n, [, number, tests]] of rows.entries()) {
    assert.is(Number(number), n + 1);
    const paths = [...(tests as string).matchAll(/`([^`]+)`/g)].map(([, path]) => path as string);
    assert.ok(paths.length > 0, `invariant ${number}`);
    for (const path of paths) assert.ok(existsSync(path) && kindOf(path) !== undefined, `invariant ${number}: ${path}`);
  }
});

test("test/README.md has every test file, and every test file can be run by itself", () => {
  const table = read("test/README.md").split("\n## What is tested where\n")[1]?.split("\n## ")[0] as string;
  const patterns = [...table.matchAll(/^\|[^|]*\|([^|]*)\|/gm)].flatMap(([, cell]) =>
    [...(cell as string).matchAll(/`([^`]+)`/g)].map(([, pattern]) => pattern as string),
  );
  const files = testFiles();
  assert.ok(files.length > 100);
  const matches = (pattern: string, file: string): boolean =>
    new RegExp(`^test/${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`).test(file);
  for (const file of files) {
    assert.ok(
      patterns.some((pattern) => matches(pattern, file)),
      `test/README.md does not name ${file}`,
    );
    assert.ok(kindOf(file) !== undefined, `make test-one does not know ${file}`);
  }
  for (const pattern of patterns)
    assert.ok(
      files.some((file) => matches(pattern, file)),
      `test/README.md: there is no ${pattern}`,
    );
});

test.run();
