import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { RESTING_MOST } from "../../src/limits.ts";
import { Connection } from "../../src/server/connection.ts";
import { Op } from "../../src/wire/ops.ts";
import { ask, charged, takesAll, toldOf, turn } from "../support/deliveries.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

/** How much may wait for a client of Dom0 that does not take its events, and what becomes of it. */
const { test, run } = group("the bounds of what waits for a client of Dom0");

const WATCHES = 8;
const QUOTA = 400_000;
const HOME = "/local/domain/1";

/** "k" is a socket of Dom0 that watches a guest's home and takes nothing; "s" is another one. */
function stalled(...args: string[]): World {
  const world = new World({ domains: [1, 2], args });
  for (const who of ["s", "k"]) world.connect(who);
  for (let i = 0; i < WATCHES; i++) world.request("k", `WATCH ${HOME}|${i}|`);
  world.request("1", "WRITE data/same|x");
  world.clear();
  world.fake("k").room = 0;
  return world;
}

const reads = (world: World, who = "k"): void => takesAll(world, who);
const told = (world: World, path: string): number => toldOf(world, "k", path);
const records = (world: World): number => world.host.journal.counts()[3] as number;

test("a guest's quota of memory bounds it, and the guest goes on", () => {
  const world = stalled("--quota", `memory=${QUOTA}`);
  for (let n = 0; n < 2000; n++) {
    assert.is(ask(world, "1", `WRITE data/same|${n % 10}`), "OK|");
    if (n % 100 === 0) assert.ok(charged(world, 1) <= QUOTA, `${charged(world, 1)} after ${n}`);
  }
  assert.is(ask(world, "1", "WRITE data/new|x"), "OK|");
  reads(world);
  assert.ok(told(world, HOME) >= WATCHES, "each watch has an event in the place of those that are gone");
  assert.is(ask(world, "s", "CONTROL check|"), "OK|");
});

test("so does the number of changes, and nothing of what is given up stays", () => {
  const world = stalled();
  const before = records(world);
  for (let n = 0; n < RESTING_MOST + 200; n++) {
    assert.is(ask(world, "s", `WRITE ${HOME}/data/same|${n % 10}`), "OK|");
    world.host.clock += 2;
  }
  // Each has two.
  assert.ok(records(world) - before < 2 * RESTING_MOST + 100, `${records(world) - before} records`);
  reads(world);
  assert.ok(told(world, HOME) >= WATCHES);
  assert.is(records(world), before);
  assert.is(world.wait, -1, "there is nothing to do");
});

/** A guest causes many events for itself, and its ring is reset before they are sent. */
function resetsMeanwhile(world: World): void {
  for (let i = 0; i < 100; i++) world.put("1", `WATCH data|${i}|`);
  world.settle();
  world.put("1", "TRANSACTION_START |");
  world.settle();
  const id = world.fake("1").output.pop()?.payload.split("\0")[0];
  for (let i = 0; i < 30; i++) world.put(`1.${id}`, `WRITE data/${i}|x`);
  world.settle();
  world.put(`1.${id}`, "TRANSACTION_END T|");
  turn(world);
  world.host.boundary();
  assert.is(world.wait, 0, "events are left");
  world.event(EventKind.reset, "1");
  world.fake("1").output = [];
}

test("a guest that connects again and again leaves nothing behind", () => {
  const world = stalled("--quota", "memory=0");
  const before = records(world);
  for (let n = 0; n < 300; n++) {
    ask(world, "1", `WRITE data/same|${n % 10}`);
    world.event(EventKind.reset, "1");
    world.settle();
  }
  assert.ok(records(world) - before <= 2 * 300 + 20, `${records(world) - before} records`);
  reads(world);
  assert.is(records(world), before);
});

test("nor does one whose own events are on their way then", () => {
  const world = stalled("--quota", "memory=0");
  for (let n = 0; n < 20; n++) ask(world, "s", `WRITE ${HOME}/data/same|${n}`);
  resetsMeanwhile(world);
  const before = records(world);
  for (let n = 0; n < 40; n++) resetsMeanwhile(world);
  // The client watches what they write: two of each transaction.
  assert.is(records(world) - before, 2 * 40);
});

test("a guest at its quota costs a client no events of other guests", () => {
  const world = stalled("--quota", `memory=${QUOTA}`);
  for (let i = 0; i < WATCHES; i++) world.request("k", `WATCH /local/domain/2|${i}|`);
  world.fake("k").output = [];
  ask(world, "2", "WRITE data/mine|x");
  for (let n = 0; n < 1000; n++) assert.is(ask(world, "1", `WRITE data/same|${n % 10}`), "OK|");
  reads(world);
  assert.is(told(world, "/local/domain/2/data/mine"), WATCHES);
  assert.ok(told(world, HOME) >= WATCHES);
});

test("long tokens do not make a delivery's record long", () => {
  const world = stalled("--quota", "memory=0", "--watch-nb", "0");
  for (let i = 0; i < 100; i++) {
    world.request("1", `WRITE data/w${i}|x`);
    world.request("1", `WATCH data/w${i}|${"\x01".repeat(2000)}${i}|`);
  }
  world.clear();
  const base = charged(world, 1);
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < 100; i++) world.request("1.t", `WRITE data/w${i}|y`);
  world.fake("1").room = 0;
  world.put("1.t", "TRANSACTION_END T|");
  world.settle();
  let longest = 0;
  for (const { value } of world.host.journal.texts())
    if (value.startsWith("e")) longest = Math.max(longest, value.length);
  assert.ok(longest > 0 && longest < 20_000, `${longest} characters`);
  assert.ok(charged(world, 1) > base);
});

test("after a failure the guest is charged for it as before", () => {
  const world = stalled("--quota", "memory=0");
  const base = charged(world, 1);
  for (let n = 0; n < 100; n++) ask(world, "1", `WRITE data/same|${n % 10}`);
  const before = charged(world, 1) - base;
  world.recover();
  const after = charged(world, 1) - base;
  assert.ok(before > 10_000 && after > before / 2, `${before}, then ${after}`);
  reads(world);
  assert.is(charged(world, 1), base);
});

test("a reply that was sent does not come again, however often the program fails", () => {
  const world = stalled("--quota", "memory=0");
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < 300; i++) world.request("1.t", `WRITE data/${i >> 5}/${i & 31}|x`);
  world.fake("1").output = [];
  world.put("1.t", "TRANSACTION_END T|");
  world.settle();
  for (let n = 0; n < 3; n++) world.recover();
  assert.is(world.fake("1").output.filter((m) => m.type === Op.TRANSACTION_END).length, 1);
  reads(world);
  assert.is(told(world, `${HOME}/data/9/11`) >= WATCHES, true);
});

test("after a failure its own events precede its reply, as before", () => {
  const world = stalled("--quota", "memory=0");
  for (let n = 0; n < 40; n++) ask(world, "1", `WRITE data/n${n}|x`);
  world.put("k", `WRITE ${HOME}/own|x`);
  world.settle();
  world.recover();
  reads(world);
  const all = world.fake("k").output;
  const at = all.findIndex((m) => m.type === Op.WRITE);
  const last = all.findLastIndex((m) => m.payload.startsWith(`${HOME}/own\0`));
  assert.ok(last >= 0 && at > last, `the reply is number ${at}, its last event ${last}`);
});

test("long events of one request are a list, not messages", () => {
  const world = stalled("--quota", "memory=0");
  const long = "n".repeat(1500);
  ask(world, "1", `WRITE data/${long}/a|x`);
  const queued = () => Number(ask(world, "s", "READ /tool/xenstored/memory/queue-bytes|"));
  const before = queued();
  world.clear();
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < 40; i++) world.request("1.t", `WRITE data/${long}/${i}|x`);
  world.put("1.t", "TRANSACTION_END T|");
  world.settle();
  assert.ok(queued() - before < 40_000, `${queued() - before} bytes are queued`);
  reads(world);
  for (let i = 0; i < 40; i++) assert.is(told(world, `${HOME}/data/${long}/${i}`), WATCHES);
});

test("memory that ends while events are given up leaves nothing behind", () => {
  const world = stalled("--quota", "memory=0");
  world.connect("j");
  for (let i = 0; i < WATCHES; i++) world.request("j", `WATCH ${HOME}|${i}|`);
  world.clear();
  world.fake("j").room = 0;
  world.host.limit = 1_000_000;
  const base = charged(world, 1);
  const real = Connection.prototype.missAll;
  let injected = 0;
  Connection.prototype.missAll = function (...args) {
    if (injected++ === 0) {
      world.host.full = true;
      throw new Error("no memory");
    }
    real.apply(this, args);
  };
  try {
    for (let n = 0; n < 400 && injected === 0; n++) {
      ask(world, "1", `WRITE data/same|${n % 10}`);
      world.host.clock += 100;
    }
  } finally {
    Connection.prototype.missAll = real;
    world.host.full = false;
  }
  assert.ok(injected > 0, "it was given up");
  for (const who of ["j", "k"]) reads(world, who);
  assert.is(charged(world, 1), base);
  assert.is(ask(world, "s", "CONTROL check|"), "OK|");
});

test("events are given up in steps for which the journal has room", () => {
  const world = stalled("--quota", "memory=0");
  for (let i = 0; i < 500; i++) world.request("s", `WATCH /mine|${i}|`);
  world.clear();
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < 600; i++) world.request("1.t", `WRITE data/${i >> 5}/${i & 31}|x`);
  world.put("1.t", "TRANSACTION_END T|");
  world.settle();
  world.host.clock += 5000;
  ask(world, "s", "CONTROL dump|/file|");
  const queued = ask(world, "s", "READ /tool/xenstored/memory/queue-messages|");
  assert.ok(Number(queued) > 4000, queued);
  const { journal } = world.host;
  journal.most = 2200;
  for (let turn = 0; turn < 5; turn++) {
    world.host.critical = 10;
    world.host.scarce = 2;
    world.program.turn(0);
    world.host.boundary();
    world.host.clock += 1000;
  }
  journal.most = Number.POSITIVE_INFINITY;
  assert.is(ask(world, "s", "READ /tool/xenstored/memory/queue-messages|"), "0");
  world.recover();
  world.fake("s").output = [];
  world.put("1", "WRITE data/last|x");
  world.put("s", "WRITE /mine/x|1");
  world.settle();
  assert.is(world.fake("s").output.filter((m) => m.type === Op.WATCH_EVENT).length, 500, "others keep their watches");
});

test("what a dump sends takes effect slice by slice", () => {
  const world = stalled("--quota", "memory=0");
  const { journal } = world.host;
  const requests = 300;
  for (let n = 0; n < requests; n++) ask(world, "1", `WRITE data/n${n >> 5}/${n}|x`);
  const deliveries = (): number => journal.texts().filter(({ value }) => value.startsWith("e")).length;
  const before = deliveries();
  let left = before;
  const real = journal.note.bind(journal);
  journal.note = (...args) => {
    left = Math.min(left, deliveries());
    return real(...args);
  };
  ask(world, "s", "CONTROL dump|/file|");
  journal.note = real;
  assert.ok(before > 200 && left < before / 2, `${before} deliveries, and ${left} before the last of their events`);
  reads(world);
  for (let n = 0; n < requests; n++) assert.is(told(world, `${HOME}/data/n${n >> 5}/${n}`), WATCHES);
});

for (const reads of [false, true])
  test(`what a saved state has for ${reads ? "clients that read" : "those that do not read"} is bounded by bytes`, () => {
    const limit = 8 << 20;
    const world = new World({ domains: [1, 2], args: ["--quota", "memory=0"] });
    const clients = ["k", "l", "m"];
    world.connect("s");
    for (const who of clients) {
      world.connect(who);
      for (let i = 0; i < 50; i++) world.request(who, `WATCH ${HOME}|${i}|`);
      world.fake(who).room = 0;
    }
    const { host } = world;
    host.limit = limit;
    const long = "n".repeat(1000);
    for (let round = 0; round < 4; round++) {
      for (let n = 0; n < 20; n++) ask(world, "1", `WRITE data/${long}/${round}-${n}|x`);
      if (reads) for (const who of clients) world.fake(who).reads++;
      else host.clock += 5000;
      if (round < 2) ask(world, "s", "CONTROL dump|/file|");
      else assert.is(world.exchange(), "");
      world.settle();
      const queued = Number(ask(world, "s", "READ /tool/xenstored/memory/queue-bytes|"));
      // What is charged for it is twice that, and so has to be less than an eighth or a sixteenth.
      assert.ok(queued > limit / 80 && queued < limit / (reads ? 16 : 32), `${queued} bytes, round ${round}`);
    }
    for (const who of clients) {
      world.fake(who).output = [];
      takesAll(world, who);
      assert.ok(toldOf(world, who, HOME) >= 50, "each watch has an event in the place of others");
    }
  });

run();
