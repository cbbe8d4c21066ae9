import * as assert from "uvu/assert";
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

run();
