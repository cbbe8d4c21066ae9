import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import { World } from "../support/host.ts";
import { group } from "../support/rows.ts";

const { test, run } = group("trace");

test("what is switched on is told, and nothing else", () => {
  const world = new World();
  const { lines } = world.host;
  lines.length = 0;
  world.request("1", "READ data|");
  assert.equal(lines, [], "off until it is asked for");
  world.request("0", "CONTROL log|on|");
  lines.length = 0;
  world.request("1", `WRITE data|two\nlines${"x".repeat(200)}`);
  world.request("1.a", "TRANSACTION_START |");
  world.request("1.a", "READ none|");
  assert.equal(lines, [
    `io: in domain 1 WRITE data|two.lines${"x".repeat(114)}...`,
    "io: out domain 1 WRITE OK|",
    "io: in domain 1 TRANSACTION_START |",
    "obj: transaction 1 of domain 1 begins",
    "io: out domain 1 TRANSACTION_START 1|",
    "io: in domain 1.1 READ none|",
    "io: out domain 1.1 ERROR ENOENT|",
  ]);
  world.request("0", "CONTROL log|-io|");
  lines.length = 0;
  world.request("1.a", "TRANSACTION_END F|");
  world.kill(1);
  assert.equal(lines, ["obj: transaction 1 of domain 1 ends", "obj: connection 2 of domain 1 goes"]);
  world.request("0", "CONTROL log|off|");
  lines.length = 0;
  world.request("2.a", "TRANSACTION_START |");
  assert.equal(lines, []);
});

test("a bug has the last packets told", () => {
  const world = new World();
  assert.is(world.host.insight.failures, 0);
  world.host.onSend = (_link, type) => {
    if (type === Op.READ) throw new Error("a bug");
  };
  world.put("1", "READ data|");
  world.settle();
  assert.is(world.host.insight.failures, 2, "the first time, and when it was tried again");
  world.host.onSend = null;
  world.clear();
  world.request("0", "READ /local|");
  assert.is(world.host.insight.failures, 2);
});

run();
