import * as assert from "uvu/assert";
import { Cost, nodeCost, valueCost } from "../../src/store/cost.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("back-pressure");

/** What domain 1 has before a test: /local/domain/1/data, which dom0 gave it. */
const BASE = Cost.node + nodeCost("/local/domain/1/data", 16, 0) + Cost.list + Cost.listEntry;
/** What a node below it has without a value. */
const CHILD = Cost.node + nodeCost("/local/domain/1/data/1", 21, 0);

function memory(world: World, domid: number): number {
  const { reply } = world.request("0", `CONTROL quota|${domid}|`);
  return Number(/memory +: +([0-9]+)/.exec(reply)?.[1]);
}

test("outstanding: a guest that does not read its replies is not read", () => {
  const world = new World({ args: ["--quota", "outstanding=5"] });
  const ring = world.fake("1");
  ring.room = 0;
  for (let i = 0; i < 20; i++) world.put("1", "READ data|");
  world.settle();
  assert.is(ring.input.length, 15);
  ring.room = 2;
  world.event(0, "1");
  assert.is(ring.output.length, 2);
  assert.is(ring.input.length, 13, "as many more as were read");
  ring.room = 1000;
  world.event(0, "1");
  assert.is(ring.output.length, 20);
  assert.is(ring.input.length, 0);
});

test("outstanding: a guest waits until dom0 has read the events it caused, and nobody else does", () => {
  const world = new World({ args: ["--quota", "outstanding=3"] });
  world.request("0", "WATCH /local/domain/1|w|");
  world.connect("s");
  const dom0 = world.fake("0");
  dom0.room = 0;
  for (let i = 0; i < 10; i++) world.put("1", `WRITE data/${i}|`);
  world.put("2", "WRITE data/x|");
  world.settle();
  assert.is(world.fake("1").input.length, 7);
  assert.is(world.fake("1").output.length, 3, "what was served was answered");
  assert.is(world.fake("2").output.length, 1);
  world.clear();
  assert.is(world.request("s", "READ /local/domain/1/data/2|").reply, "", "another client of dom0 is served");
  dom0.room = 1000;
  world.event(0, "0");
  assert.is(world.fake("1").input.length, 0);
  assert.is(dom0.output.length, 10);
});

test("outstanding: a guest that does not read slows nobody who writes what it watches", () => {
  const world = new World({ args: ["--quota", "outstanding=3"] });
  world.request("1", "SET_PERMS data|n1|r2|");
  world.request("2", "WATCH /local/domain/1/data|w|");
  world.fake("2").room = 0;
  for (let i = 0; i < 100; i++) world.put("1", `WRITE data/${i}|`);
  world.settle();
  assert.is(world.fake("1").output.length, 100);
});

test("outstanding: a larger quota holds at once for who waits", () => {
  const world = new World({ args: ["--quota", "outstanding=3"] });
  world.request("0", "WATCH /local/domain/1|w|");
  world.connect("s");
  world.fake("0").room = 0;
  for (let i = 0; i < 10; i++) world.put("1", `WRITE data/${i}|`);
  world.settle();
  assert.is(world.fake("1").input.length, 7);
  world.clear();
  world.request("s", "SET_QUOTA 1|nodes|500|");
  assert.is(world.fake("1").input.length, 7);
  world.put("s", "SET_QUOTA 1|outstanding|5|");
  world.settle();
  assert.is(world.fake("1").input.length, 5);
});

test("outstanding: what was counted goes with a connection that is reset", () => {
  const world = new World({ args: ["--quota", "outstanding=3"] });
  world.request("0", "WATCH /local/domain/1|w|");
  world.connect("s");
  const dom0 = world.fake("0");
  dom0.room = 0;
  for (let i = 0; i < 3; i++) world.put("1", `WRITE data/${i}|`);
  world.settle();
  world.clear();
  assert.is(world.request("s", "INTRODUCE 1|1|4|").reply, "OK|");
  for (let i = 0; i < 3; i++) world.put("1", `WRITE data/again${i}|`);
  world.settle();
  assert.is(world.fake("1").input.length, 0);
  dom0.room = 1000;
  world.event(0, "0");
  world.clear();
  for (let i = 0; i < 3; i++) assert.is(world.request("1", "READ data|").reply, "");
});

test("memory: what waits for a guest counts, and it is not read before it is below", () => {
  const reply = Cost.message + 2 * 100 + 25;
  const base = BASE + valueCost(100);
  const limit = base + 2 * reply;
  const world = new World({ args: ["--quota", `memory=${limit}`, "--quota", "outstanding=0"] });
  const ring = world.fake("1");
  world.request("0", `WRITE /local/domain/1/data|${"v".repeat(100)}`);
  assert.is(memory(world, 1), base);
  ring.room = 0;
  for (let i = 0; i < 10; i++) world.put("1", "READ data|");
  world.settle();
  assert.is(ring.input.length, 7, "three replies are too much");
  assert.is(memory(world, 1), base + 3 * reply);
  world.clear();
  assert.ok(
    world.host.lines.some((l) => l === `domain 1 exceeds its quota of memory: ${base + 3 * reply} of ${limit}`),
  );
  ring.room = 1;
  world.event(0, "1");
  assert.is(ring.input.length, 6);
  ring.room = 1000;
  world.event(0, "1");
  assert.is(ring.output.length, 10);
  world.clear();
  assert.ok(world.host.lines.some((l) => l === "domain 1 is below its quota of memory again"));
  assert.is(memory(world, 1), base);
});

test("memory: events for a guest above its quota are given up, and its watch gets one for them", () => {
  const limit = BASE + Cost.watch + Cost.place + 2 * (20 + 3) + 20 * CHILD;
  const world = new World({ args: ["--quota", `memory=${limit}`] });
  world.request("1", "WATCH data|t|");
  const ring = world.fake("1");
  ring.room = 0;
  for (let i = 0; i < 50; i++) world.request("0", `WRITE /local/domain/1/data/${i}|`);
  const used = memory(world, 1) - 50 * CHILD - BASE - Cost.watch - Cost.place;
  ring.room = 1000;
  world.event(0, "1");
  assert.ok(ring.output.length > 1 && ring.output.length < 12, `${ring.output.length} were kept`);
  assert.ok(used < 12 * (Cost.message + Cost.event + 20), `${used} bytes`);
  assert.is(ring.output.at(-1)?.payload, "data\0t\0");
});

test("memory: a guest whose nodes became too many may still remove them", () => {
  const world = new World({ args: [] });
  for (let i = 0; i < 10; i++) world.request("1", `WRITE data/${i}|value`);
  world.request("0", `SET_QUOTA 1|memory|${BASE + 2 * Cost.node}|`);
  assert.is(world.request("1", "WRITE data/10|").reply, "!ENOMEM");
  assert.is(world.request("1", "READ data/5|").reply, "value");
  for (let i = 0; i < 10; i++) assert.is(world.request("1", `RM data/${i}|`).reply, "OK|");
  assert.is(world.request("1", "WRITE data/x|").reply, "OK|");
});

test("memory: what open snapshots keep is on the account of the oldest, which is given up in time", () => {
  const world = new World({ args: ["--quota", "memory=60000"] });
  world.request("1.a", "TRANSACTION_START |");
  world.request("2.a", "TRANSACTION_START |");
  for (let i = 0; i < 100; i++) world.request("0", `WRITE /n/${i}|value`);
  assert.ok(memory(world, 1) > BASE + 100 * Cost.record, "the oldest pays");
  assert.ok(memory(world, 2) < BASE + Cost.transaction + 100);
  assert.is(world.request("1.a", "READ data|").reply, "");
  for (let i = 0; i < 2000; i++) world.request("0", `WRITE /n/${i}|other`);
  assert.is(world.request("1.a", "READ data|").reply, "!EAGAIN");
  assert.is(world.request("1.a", "TRANSACTION_END T|").reply, "!EAGAIN");
  assert.is(world.request("2.a", "READ data|").reply, "!EAGAIN", "then the next, for it is the oldest");
  assert.is(world.request("2.a", "TRANSACTION_END F|").reply, "OK|");
  assert.is(memory(world, 1), BASE);
  assert.is(memory(world, 2), BASE);
  assert.is(world.host.lines.filter((l) => l.includes("is given up")).length, 2);
});

test("soft-memory is told once in each direction, and refuses nothing", () => {
  const world = new World({ args: ["--quota-soft", `memory=${BASE + 4 * CHILD - 1}`] });
  const lines = (): string[] => world.host.lines.filter((l) => l.includes("soft-memory"));
  for (let i = 0; i < 10; i++) assert.is(world.request("1", `WRITE data/${i}|`).reply, "OK|");
  assert.equal(lines(), [`domain 1 exceeds its quota of soft-memory: ${BASE + 4 * CHILD} of ${BASE + 4 * CHILD - 1}`]);
  world.host.clock += 20_000;
  for (let i = 1; i < 10; i++) world.request("1", `RM data/${i}|`);
  world.request("1", "WRITE data/x|");
  assert.is(lines().length, 2);
  assert.match(lines()[1] as string, /is below its quota of soft-memory again/);
});

test("a quota that is hit is told with domain, quota, value and limit, at most every ten seconds", () => {
  const world = new World({ args: ["--quota", "watches=1", "--quota", "nodes=3"] });
  world.host.lines.length = 0;
  world.request("1", "WATCH data|t|");
  for (let i = 0; i < 50; i++) world.request("1", `WATCH data/${i}|t|`);
  for (let i = 0; i < 50; i++) world.request("1", `WRITE data/${i}|`);
  world.request("2", "WRITE data/a/b/c|");
  assert.equal(world.host.lines, [
    "domain 1 exceeds its quota of watches: 2 of 1",
    "domain 1 exceeds its quota of nodes: 4 of 3",
    "domain 2 exceeds its quota of nodes: 4 of 3",
  ]);
  world.host.clock += 10_000;
  world.request("1", "WATCH data/x|t|");
  assert.is(world.host.lines.length, 4);
});

run();
