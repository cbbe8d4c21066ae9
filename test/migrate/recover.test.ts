import * as assert from "uvu/assert";
import { SWEEP_SLICE } from "../../src/limits.ts";
import { PermsTable } from "../../src/store/perms-table.ts";
import { say } from "../support/contention.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("recovery");

test("nodes below a removed one in the highest row, not swept yet, are no obstacle", () => {
  const world = new World();
  for (const path of ["/a", "/b"]) assert.is(say(world, "0", `MKDIR ${path}|`), "OK|");
  // The rows of these are used again, the higher one first.
  for (const path of ["/a", "/b"]) assert.is(say(world, "0", `RM ${path}|`), "OK|");
  for (const path of ["/p", "/p/c"]) assert.is(say(world, "0", `MKDIR ${path}|`), "OK|");
  world.put("0", "RM /p|");
  const payload = world.host.next();
  assert.is(typeof payload, "string");
  const reply = world.program.serve(payload as string);
  assert.is(reply, "OK\0");
  world.host.reply(reply as string);
  world.host.boundary();
  world.recover();
  assert.is(world.failures, 0);
  world.clear();
  assert.is(say(world, "0", "READ /p/c|"), "!ENOENT");
  assert.is(say(world, "0", "CONTROL check|"), "OK|");
});

test("a removed subtree of more nodes than a slice is swept by the program that recovers, slice by slice", () => {
  const world = new World();
  const nodes = 3 * SWEEP_SLICE + 7;
  for (let n = 0; n < nodes; n++) world.request("0", `WRITE /big/${n}|${n}`);
  world.request("0", "WRITE /left|x");
  const [before] = world.host.journal.counts() as [number];
  world.put("0", "RM /big|");
  world.host.reply(world.program.serve(world.host.next() as string) as string);
  world.host.boundary();
  // It has no room for more at once.
  world.host.journal.most = 2 * SWEEP_SLICE;
  world.recover();
  assert.is(world.failures, 0);
  world.clear();
  assert.is(world.host.journal.counts()[0], before - nodes - 1);
  assert.is(say(world, "0", "READ /big/9|"), "!ENOENT");
  assert.is(say(world, "0", "READ /left|"), "x");
  assert.is(say(world, "0", "CONTROL check|"), "OK|");
});

test("a list that no node has any more is not made by the program that recovers", () => {
  const world = new World();
  for (let n = 0; n < 300; n++) assert.is(say(world, "0", `WRITE /n/${n}|`), "OK|");
  for (let n = 0; n < 300; n++) assert.is(say(world, "0", `SET_PERMS /n/${n}|n${100 + n}|r1|`), "OK|");
  for (let n = 1; n < 300; n++) assert.is(say(world, "0", `SET_PERMS /n/${n}|n100|r1|`), "OK|");
  const made: number[] = [];
  const { restore } = PermsTable.prototype;
  PermsTable.prototype.restore = function (id, text, used) {
    restore.call(this, id, text, used);
    if (this.lists[id] != null) made.push(id);
  };
  world.recover();
  PermsTable.prototype.restore = restore;
  assert.is(world.failures, 0);
  assert.ok(made.length > 0 && made.length < 20, `${made.length} lists`);
  world.clear();
  assert.is(say(world, "0", "GET_PERMS /n/7|"), "n100|r1|");
  assert.is(say(world, "0", "CONTROL check|"), "OK|");
});

run();
