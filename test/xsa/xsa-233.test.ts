import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("XSA-233");

test("a domain that goes with everything open is let go of once", () => {
  const world = new World();
  for (let round = 0; round < 3; round++) {
    world.request("1", "WATCH data|t|");
    world.request("0", "SET_TARGET 1|2|");
    world.request("1", "TRANSACTION_START |");
    const ring = world.fake("1");
    ring.room = 0;
    for (let i = 0; i < 100; i++) world.put("1", `WRITE data/${i}|`);
    world.settle();
    world.event(EventKind.broken, "1");
    world.kill(1);
    assert.is(world.host.links.filter((l) => l?.domid === 1).length, 0);
    assert.is(world.request("0", "CONTROL check|").reply, "OK|");
    world.exist(1);
    assert.is(world.request("0", "INTRODUCE 1|1|1|").reply, "OK|");
    world.name(1);
    assert.is(world.request("1", "GET_DOMAIN_PATH 1|").reply, "/local/domain/1|");
    world.request("0", "WRITE /local/domain/1/data|");
    world.request("0", "SET_PERMS /local/domain/1/data|n1|");
  }
  assert.not(world.host.lines.some((l) => l.includes("Error")));
});

run();
