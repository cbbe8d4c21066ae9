import * as assert from "uvu/assert";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("XSA-496");

test("deaths and shutdowns are found where Xen's record of changed domains is gone", () => {
  const world = new World({ domains: [1, 2, 3] });
  world.request("0", "WATCH @releaseDomain|t|");
  world.clear();
  world.host.forgets = true;
  world.kill(2);
  assert.equal(world.request("0", "READ /local/domain/2/data|"), { reply: "!ENOENT", events: ["0 @releaseDomain|t|"] });
  assert.is(world.request("0", "IS_DOMAIN_INTRODUCED 2|").reply, "F|");
  assert.is(world.request("0", "IS_DOMAIN_INTRODUCED 1|").reply, "T|");
  world.shutdown(3);
  assert.equal(world.request("0", "READ /local/domain/3/data|"), { reply: "", events: ["0 @releaseDomain|t|"] });
  // Told once, as ever.
  world.shutdown(3);
  assert.equal(world.request("0", "READ /local/domain/3/data|"), { reply: "", events: [] });
});

run();
