import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { Cost, valueCost } from "../../src/store/cost.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("XSA-416");

function memory(world: World): number {
  const { reply } = world.request("0", "CONTROL quota|1|");
  return Number(/memory +: +([0-9]+)/.exec(reply)?.[1]);
}

test("of a request only the reply is kept until the client reads it", () => {
  const world = new World();
  const before = memory(world);
  const ring = world.fake("1");
  ring.room = 0;
  for (let i = 0; i < 10; i++) world.put("1", `WRITE data|${"v".repeat(1900)}`);
  world.settle();
  assert.is(memory(world) - before, valueCost(1900) + 10 * (Cost.message + 2 * "OK|".length));
  ring.room = 10;
  world.event(EventKind.room, "1");
  world.clear();
  assert.is(memory(world) - before, valueCost(1900));
});

run();
