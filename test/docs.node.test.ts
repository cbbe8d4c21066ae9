import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { World } from "./support/host.ts";

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
  const wanted = [...names(""), ...names(`/connection/${link}`), ...names("/domain/1"), ...names("/slow")];
  assert.ok(wanted.length > 30);
  for (const name of wanted) assert.match(text, new RegExp(`[\`/]${name}[\`/]`), name);
  // And nothing that it has not.
  const known = new Set([
    "connection",
    "domain",
    ...wanted,
    ...names("/collector"),
    ...names("/traffic"),
    "requests",
    "replies",
    "events",
    "longest-ms",
  ]);
  for (const [, name] of text.matchAll(/`(?:…\/|collector\/|slow\/|traffic\/)([a-z-]+)`/g))
    assert.ok(known.has(name as string), `${name} is only in the document`);
});

test.run();
