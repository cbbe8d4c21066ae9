import * as assert from "uvu/assert";
import { World } from "../support/host.ts";
import { group } from "../support/rows.ts";

const { test, rows, run } = group("XSA-206");

rows("who writes all the time makes no transaction of others fail", [
  ["0.a", "TRANSACTION_START |", "1|"],
  ["0.a", "WRITE /local/domain/1/data/from-dom0|1"],
  ["0.a", "READ /local/domain/2/data|", ""],
  ["1", "WRITE data/a|1"],
  ["1", "WRITE data/a|2"],
  ["1", "WRITE data|its own directory"],
  ["1", "RM data/a|"],
  ["1", "WRITE data/b/c|3"],
  ["2.b", "TRANSACTION_START |", "1|"],
  ["2.b", "READ data|", ""],
  ["1", "WRITE data/d|4"],
  ["2.b", "WRITE data/x|1"],
  ["1", "WRITE data/d|5"],
  ["2.b", "TRANSACTION_END T|"],
  ["0.a", "TRANSACTION_END T|"],
  ["1", "READ data/from-dom0|", "1"],
]);

/** Dom0 reads and writes what guest 1 writes in between; returns END's answer, "" where the guest was not heard. */
function round(world: World): string {
  world.request("0.t", "TRANSACTION_START |");
  world.request("0.t", "READ /local/domain/1/data/state|");
  const heard = world.request("1", `WRITE data/state|${Math.random()}`).reply === "OK|";
  world.request("0.t", "WRITE /backend/state|1");
  const { reply } = world.request("0.t", "TRANSACTION_END T|");
  return heard ? reply : reply === "OK|" ? "" : reply;
}

test("who changes what others read in their transactions is slowed until they get through", () => {
  const world = new World();
  world.request("1", "WRITE data/state|0");
  for (let i = 0; i < 5; i++) assert.is(round(world), "!EAGAIN");
  assert.is(round(world), "", "the guest has no credit left, Dom0's transaction succeeds");
  assert.is(world.request("2", "WRITE data/x|1").reply, "OK|", "nobody else is slowed");
  assert.match(world.host.lines.join("\n"), /domain 1 makes transactions of others fail/);
  assert.ok(world.wait > 0, "it wants to be called when there is credit again");
  world.clear();
  world.host.clock += world.wait;
  world.settle();
  assert.is(world.fake("1").output.length, 1, "what it wrote meanwhile is served then");
  world.clear();
  assert.is(round(world), "!EAGAIN", "it had one credit");
  assert.is(round(world), "");
});

test("a transaction that fails for what its own domain did costs nothing, nor one for what Dom0 did", () => {
  const world = new World();
  for (let i = 0; i < 20; i++) {
    world.request("1.t", "TRANSACTION_START |");
    world.request("1.t", "READ data|");
    world.request(i % 2 ? "1" : "0", `WRITE /local/domain/1/data|${i}`);
    world.request("1.t", "WRITE data/x|1");
    assert.is(world.request("1.t", "TRANSACTION_END T|").reply, "!EAGAIN");
  }
});

run();
