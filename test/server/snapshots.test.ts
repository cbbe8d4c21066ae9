import * as assert from "uvu/assert";
import { begin, crowd, NODES, rewrite, SOME, say, served, wait, writers } from "../support/contention.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("snapshots of others");

test("who rewrites large values of its own takes no snapshot away from others", () => {
  const world = writers(16_000_000);
  const t = begin(world, "3");
  for (const text of ["1", "2", "3"]) for (const who of ["1", "2"]) rewrite(world, who, text);
  world.settle();
  for (const who of ["1", "2"]) assert.ok(served(world, who) < NODES, "not read while there is such a transaction");
  assert.match(world.host.lines.join("\n"), /domain 1 changes much beside transactions of others/);
  assert.is(say(world, t, "READ data|"), "");
  assert.is(say(world, t, "TRANSACTION_END T|"), "OK|");
  for (const who of ["1", "2"]) assert.is(served(world, who), 3 * NODES, "all was served then");
});

test("who keeps a transaction open holds nobody up for long, and is charged for what others change then", () => {
  const world = writers(16_000_000);
  const t = begin(world, "3");
  for (const who of ["1", "2"]) rewrite(world, who, "1");
  world.settle();
  for (const who of ["1", "2"]) assert.ok(served(world, who) < NODES);
  assert.ok(world.wait > 0, "it wants to be called when the transaction is old");
  const seconds = wait(world, "1", NODES);
  assert.ok(seconds <= 2, `${seconds} s`);
  wait(world, "2", NODES);
  assert.is(say(world, t, "READ data|"), "!EAGAIN", "3 MB are more than it may hold");
  assert.is(say(world, t, "TRANSACTION_END T|"), "!EAGAIN");
});

test("transactions that follow each other hold nobody up for longer", () => {
  const world = writers(16_000_000);
  begin(world, "3");
  rewrite(world, "1", "1");
  world.settle();
  assert.ok(served(world, "1") < NODES);
  let tenths = 0;
  for (; served(world, "1") < NODES; tenths++) {
    assert.ok(tenths <= 20, "2 s");
    const was = begin(world, "2");
    // The next transaction sees another commit.
    assert.is(say(world, "0", `WRITE /step|${tenths}`), "OK|");
    world.host.clock += 100;
    begin(world, "2");
    if (tenths > 0) say(world, was, "TRANSACTION_END F|");
  }
  assert.ok(tenths > 5);
});

test("who makes a transaction of another lose its snapshot in one go is not read for a second", () => {
  const world = writers(6_000_000, SOME);
  const t = begin(world, "3");
  const large = ["1", "2"].map((who) => begin(world, who));
  for (const who of large) rewrite(world, who, "1", SOME);
  world.settle();
  world.clear();
  for (const who of large) world.put(who, "TRANSACTION_END T|");
  world.settle();
  for (const who of ["1", "2"]) assert.is(world.fake(who).output[0]?.payload, "OK\0");
  assert.is(say(world, t, "TRANSACTION_END T|"), "!EAGAIN", "1.9 MB are more than there is for the past");
  world.clear();
  for (const who of ["1", "2"]) world.put(who, "WRITE data/0|2");
  world.settle();
  assert.is(served(world, "1"), 0);
  assert.is(say(world, begin(world, "3"), "TRANSACTION_END T|"), "OK|");
  const seconds = wait(world, "1", 1);
  assert.ok(seconds >= 0.9 && seconds <= 1.2, `${seconds} s`);
  assert.match(
    world.host.lines.join("\n"),
    /the past takes \d+ bytes: the oldest transaction is given up, of domain 3/,
  );
});

test("guests that each change little take no snapshot away together", () => {
  const { world, all, put } = crowd(8_000_000, 20, 60);
  for (const victim of ["0", "3"]) {
    const start = say(world, victim, "TRANSACTION_START |");
    const t = `${victim}.${Number.parseInt(start, 10)}`;
    assert.is(say(world, t, "READ /local/domain/4/data|"), victim === "0" ? "" : "!EACCES");
    for (const text of ["1", "2", "3"]) put(text);
    assert.is(say(world, t, `WRITE /local/domain/${victim}/data|1`), "OK|");
    assert.is(say(world, t, "TRANSACTION_END T|"), "OK|", victim);
    for (const who of all) assert.is(served(world, who), 3 * 60, "all was served then");
    world.clear();
  }
});

test("where memory is scarce, who changes little waits for a young snapshot of another as well", () => {
  const { world, put } = crowd(8_000_000, 1, 10);
  const t = begin(world, "3");
  world.host.scarce = 1_000_000;
  for (const text of ["1", "2", "3"]) put(text);
  assert.ok(served(world, "4") < 30, "it waits");
  assert.is(say(world, t, "TRANSACTION_END T|"), "OK|");
  assert.is(served(world, "4"), 30);
});

test("who changes a few small nodes does not wait, how scarce memory ever is", () => {
  const all = Array.from({ length: 20 }, (_, n) => String(n + 4));
  const world = new World({ domains: [3, ...all.map(Number)], memory: 8_000_000 });
  begin(world, "3");
  world.host.scarce = 1_000_000;
  for (let n = 0; n < 3; n++)
    for (const who of all) assert.is(say(world, who, `WRITE data/${n}|${n}`), "OK|", `domain ${who} is read`);
  // Twenty times as much together as others wait for.
  for (let n = 0; n < 200; n++) {
    for (const who of all) assert.is(say(world, who, `WRITE data/${n % 3}|${n}`), "OK|", `domain ${who} is read`);
    world.clear();
    world.host.clock++;
  }
});

test("who holds one snapshot after the other pays for what they make others' changes keep", () => {
  const { world, put } = crowd(8_000_000, 1, 50);
  const open: string[] = [];
  for (let round = 0; round < 40; round++) {
    if (open.length === 10) say(world, open.shift() as string, "TRANSACTION_END F|");
    open.push(`3.${Number.parseInt(say(world, "3", "TRANSACTION_START |"), 10)}`);
    put(String(round % 10));
  }
  assert.is(served(world, "4"), 40 * 50, "the other never waits");
});

test("what was changed before a live update is on nobody's account while the snapshot is young", () => {
  const world = writers(40_000_000);
  const t = begin(world, "3");
  for (const who of ["1", "2"]) rewrite(world, who, "1");
  world.settle();
  assert.is(world.exchange(), "");
  world.settle();
  assert.is(say(world, t, "READ data|"), "", "3 MB of others are no fault of its");
  assert.is(say(world, t, "TRANSACTION_END T|"), "OK|");
});

run();
