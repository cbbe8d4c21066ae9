import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";

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

test.run();
