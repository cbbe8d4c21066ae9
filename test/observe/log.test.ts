import * as assert from "uvu/assert";
import { Level, Log } from "../../src/observe/log.ts";
import { FakeHost } from "../support/host.ts";
import { group } from "../support/rows.ts";

const { test, run } = group("log");

function begin(): { host: FakeHost; log: Log } {
  const host = new FakeHost();
  host.clock = 100_000;
  return { host, log: new Log(host) };
}

test("a line of a kind is written once in ten seconds", () => {
  const { host, log } = begin();
  assert.is(log.limited("a", "first"), true);
  host.clock += 9_999;
  assert.is(log.limited("a", "second"), false);
  assert.is(log.limited("b", "of another kind"), true);
  host.clock += 1;
  assert.is(log.limited("a", "third"), true);
  assert.equal(host.lines, ["first", "of another kind", "third"]);
});

test("many kinds at once make no more lines than there is room for kinds, and what is left out is counted", () => {
  const { host, log } = begin();
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 300; n++) log.limited(`kind ${n}`, "x");
    host.clock += 400;
  }
  assert.is(host.lines.length, 256);
  host.clock += 10_000;
  log.limited("later", "y");
  assert.equal(host.lines.slice(256), [`${20 * 44} lines left out: more than 256 kinds in 10 seconds`, "y"]);
});

test("warnings, however many, hide no error", () => {
  const { host, log } = begin();
  for (let n = 0; n < 300; n++) log.limited(`kind ${n}`, "x");
  log.bug("READ of domain 1", new Error("no such row"));
  assert.match(host.lines.at(-1) as string, /^READ of domain 1: Error: no such row/);
  assert.is(log.limited("another", "z", Level.error), true);
});

run();
