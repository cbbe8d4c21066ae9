import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { rows, test, run } = group("XSA-326");

rows(
  "transactions are bound in number and in what they touch",
  [
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.b", "TRANSACTION_START |", "2|"],
    ["1.c", "TRANSACTION_START |", "!ENOSPC"],
    ["1.a", "READ data/a|", "!ENOENT"],
    ["1.a", "READ data/b|", "!ENOENT"],
    ["1.a", "READ data/c|", "!ENOSPC"],
    ["1.a", "TRANSACTION_END T|", "!ENOSPC"],
    ["1.c", "TRANSACTION_START |", "3|"],
  ],
  { args: ["-t", "2", "-Q", "transaction-nodes=3"] },
);

test("who reads nothing makes the daemon keep little", () => {
  const world = new World();
  world.request("1", "WATCH data|t|");
  const ring = world.fake("1");
  ring.room = 0;
  for (let i = 0; i < 5000; i++) world.put("1", `WRITE data/${i % 500}|`);
  world.settle();
  const served = 5000 - ring.input.length;
  assert.ok(served <= 20, `${served} requests were served`);
  for (let i = 0; i < 5000; i++) world.put("0", `WRITE /local/domain/1/data/e${i}|`);
  world.settle();
  world.clear();
  const kept = Number(/memory +: +([0-9]+)/.exec(world.request("0", "CONTROL quota|1|").reply)?.[1]);
  assert.ok(kept < 2_621_440, `${kept} bytes`);
  ring.input.length = 0;
  ring.room = Number.POSITIVE_INFINITY;
  world.event(EventKind.room, "1");
  assert.ok(ring.output.length > 0 && ring.output.length <= 1024 + 20 + 1, `${ring.output.length} messages were kept`);
});

run();
