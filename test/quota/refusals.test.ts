import * as assert from "uvu/assert";
import { Quota } from "../../src/quota/quotas.ts";
import { OUT_OF_MEMORY, Refusals } from "../../src/quota/refusals.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, rows, run } = group("refusals");

const of = (world: World, domid: number): string =>
  world.request("0", `READ /tool/xenstored/domain/${domid}/refusals|`).reply;
const all = (world: World): string => world.request("0", "READ /tool/xenstored/refusals|").reply;

test("counted for who was refused, and for all", () => {
  const every = new Refusals(null);
  const [one, other] = [new Refusals(every), new Refusals(every)];
  one.count(Quota.nodes);
  one.count(Quota.nodes);
  other.count(OUT_OF_MEMORY);
  assert.equal(one.named(), [["nodes", 2]]);
  assert.equal(other.named(), [["out-of-memory", 1]]);
  assert.equal(every.named(), [
    ["nodes", 2],
    ["out-of-memory", 1],
  ]);
  assert.is(every.total, 3);
  const again = new Refusals(every);
  again.restore(one.list());
  assert.is(again.total, 2);
  assert.is(every.total, 3, "what is restored was counted for all before");
  again.restore([...one.list(), 7, 8]);
  assert.is(again.total, 4, "quotas of a later version are not known");
});

rows(
  "each quota under its name",
  [
    ["0", "SET_QUOTA 1|nodes|2|"],
    ["0", "SET_QUOTA 1|watches|1|"],
    ["0", "SET_QUOTA 1|transactions|1|"],
    ["0", "SET_QUOTA 1|transaction-nodes|1|"],
    ["0", "SET_QUOTA 1|node-size|100|"],
    ["0", "SET_QUOTA 1|path-max|40|"],
    ["0", "READ /tool/xenstored/domain/1/refusals|", "0"],
    ["1", "WRITE data/a|1"],
    ["1", "WRITE data/b|1", "!ENOSPC"],
    ["1", "WRITE data/b|1", "!ENOSPC"],
    ["1", "WATCH data|t|", "OK|", "1 data|t|"],
    ["1", "WATCH data|u|", "!ENOSPC"],
    ["1", `WRITE data/a|${"x".repeat(200)}`, "!ENOSPC"],
    ["1", `READ data/${"x".repeat(40)}|`, "!EINVAL"],
    ["1", "SET_PERMS data|n1|r2|r3|r4|r5|r6|", "!ENOSPC"],
    ["1.t", "TRANSACTION_START |", "*"],
    ["1", "TRANSACTION_START |", "!ENOSPC"],
    ["1.t", "READ data|", ""],
    ["1.t", "READ data/a|", "!ENOSPC"],
    // That it cannot succeed was counted when it was found.
    ["1.t", "TRANSACTION_END T|", "!ENOSPC"],
    [
      "0",
      "READ /tool/xenstored/domain/1/refusals|",
      "8 nodes=2 watches=1 transactions=1 transaction-nodes=1 node-permissions=1 path-max=1 node-size=1",
    ],
    ["1", "READ /tool/xenstored/domain/1/refusals|", "*"],
    ["2", "READ /tool/xenstored/domain/1/refusals|", "!EACCES"],
    ["0", "READ /tool/xenstored/domain/2/refusals|", "0"],
    ["0", "READ /tool/xenstored/domain/0/refusals|", "0"],
  ],
  { steady: true },
);

test("memory", () => {
  const world = new World();
  world.request("0", "SET_QUOTA 1|memory|1000|");
  assert.is(world.request("1", `WRITE data/a|${"x".repeat(1100)}`).reply, "!ENOMEM");
  assert.is(of(world, 1), "1 memory=1");
  assert.is(all(world), "1 memory=1");
});

test("counters are a domain's, not a number's; all clients together keep them", () => {
  const world = new World({ args: ["-E", "1"] });
  for (let i = 0; i < 3; i++) assert.is(world.request("1", "WRITE data/a|").reply, "!ENOSPC");
  assert.is(of(world, 1), "3 nodes=3");
  world.kill(1);
  assert.is(all(world), "3 nodes=3");
  world.exist(1);
  world.expectOk("0", "INTRODUCE 1|1|1|");
  assert.is(of(world, 1), "0");
  assert.is(all(world), "3 nodes=3");
});

test("a live update keeps them", () => {
  const world = new World({ args: ["-E", "1"] });
  world.request("1", "WRITE data/a|");
  assert.is(world.exchange(), "");
  world.request("1", "WRITE data/a|");
  assert.is(of(world, 1), "2 nodes=2");
  assert.is(all(world), "2 nodes=2");
});

run();
