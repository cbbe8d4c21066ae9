import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commands, NOT_RUN, runnable } from "./debian/commands.mjs";

/** The commands of docs/admin: a real host runs them (test/debian/2-pv.sh). Here: that none is forgotten. */
const test = suite("commands for administrators");

test("the pages have commands, and most of them are run", () => {
  const all = commands();
  const run = runnable();
  assert.ok(run.length >= 40, `${run.length} of ${all.length}`);
  assert.ok(new Set(run.map(({ page }) => page)).size >= 4);
  for (const { command } of run) assert.not.match(command, /\b(?:FILE|OUT|DOMID|NAME|VALUE)\b/, command);
});

test("what is not run has a reason, and each reason is needed", () => {
  for (const [pattern, why] of NOT_RUN) {
    assert.ok(why.length > 10);
    assert.ok(
      commands().some(({ command }) => pattern.test(command)),
      `${pattern} matches nothing`,
    );
  }
});

test("symptoms, at least fifteen, each with where to look and what to do", () => {
  const rows = readFileSync("docs/admin/troubleshoot.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| symptom"));
  assert.ok(rows.length >= 15);
  for (const row of rows) assert.is(row.split(" | ").length, 3, row);
});

test.run();
