import * as assert from "uvu/assert";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("a host that breaks its contract");

/** Lets the host be wrong once. Returns what the program ended with; the next one serves. */
function failure(act: (world: World) => void): string {
  const world = new World();
  const { open, domain } = world.host;
  act(world);
  world.host.open = open;
  world.host.domain = domain;
  world.clear();
  // A request is tried once more in the next program.
  assert.ok(world.failures > 0);
  assert.is(world.request("1", "READ data|").reply, "");
  return world.host.lines.find((line) => line.startsWith("failed: ")) ?? "";
}

test("an event of a kind that there is not ends the program", () => {
  assert.match(
    failure((world) => world.event(99, "1")),
    /event 99 of the host/,
  );
});

test("a link that is in use ends the program", () => {
  const wrong = failure((world) => {
    world.host.open = () => 1;
    world.exist(3);
    world.put("0", "INTRODUCE 3|1|3|");
    world.settle();
  });
  assert.match(wrong, /link 1 is new/);
});

test("the state of another domain than the one that was asked for ends the program", () => {
  const wrong = failure((world) => {
    world.host.domain = (domid) => ({ domid: domid + 1, state: 1, uniqueId: "1" });
    world.put("0", "INTRODUCE 3|1|3|");
    world.settle();
  });
  assert.match(wrong, /the host answers for domain 3, not 4/);
});

run();
