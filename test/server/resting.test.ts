import * as assert from "uvu/assert";
import { EventKind, Shed } from "../../src/host.ts";
import { PRIVILEGED_QUEUE } from "../../src/limits.ts";
import { Op } from "../../src/wire/ops.ts";
import { ask, charged, kinds, takesAll } from "../support/deliveries.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

/** A client of Dom0 that does not take its events: they stay where they are small, and nobody else waits. */
const { test, run } = group("a privileged client that does not read");

const WATCHES = 30;
const NODES = 200;

/** Dom0's ring watches all below a guest's node and takes nothing; "s" is a socket of Dom0. */
function stalled(): World {
  const world = new World({ domains: [1, 2], args: ["--quota", "memory=0"] });
  world.connect("s");
  for (let i = 0; i < WATCHES; i++) world.request("0", `WATCH /local/domain/1/data|${i}|`);
  world.clear();
  world.fake("0").room = 0;
  return world;
}

/** The guest makes nodes, all in one transaction. */
function fanOut(world: World, nodes = NODES): void {
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < nodes; i++) world.request("1.t", `WRITE data/${i >> 5}/${i & 31}|x`);
  world.clear();
  world.put("1.t", "TRANSACTION_END T|");
  world.settle();
}

const reads = (world: World): void => takesAll(world, "0");

const queue = (world: World): number => {
  return Number(ask(world, "s", "READ /tool/xenstored/memory/queue-messages|"));
};
const told = (world: World): string[] =>
  world
    .fake("0")
    .output.filter((m) => m.type === Op.WATCH_EVENT)
    .map((m) => m.payload.split("\0")[0] as string);

test("a large fan-out is not queued for it, and the guest has its answer", () => {
  const world = stalled();
  fanOut(world);
  assert.equal(kinds(world, "1"), ["reply OK"]);
  assert.ok(queue(world) <= PRIVILEGED_QUEUE, `${queue(world)} messages are queued`);
  assert.is(ask(world, "1", "READ data/0/1|"), "x");
  assert.is(ask(world, "s", "WRITE /other|x"), "OK|");
  reads(world);
  const paths = told(world);
  assert.is(paths.length, NODES * WATCHES);
  for (let i = 0; i < NODES; i++)
    assert.is(paths.filter((path) => path === `/local/domain/1/data/${i >> 5}/${i & 31}`).length, WATCHES);
  assert.is(queue(world), 0);
  const other = stalled();
  other.fake("0").room = Number.POSITIVE_INFINITY;
  fanOut(other);
  assert.is(charged(world, 1), charged(other, 1), "nothing of it is charged any more");
  assert.is(ask(world, "s", "CONTROL check|"), "OK|");
});

test("single changes come in their order, each once, however many", () => {
  const world = stalled();
  const changes = Array.from({ length: 60 }, (_, n) => `/local/domain/1/data/n${n}`);
  for (const path of changes.slice(0, 30)) assert.is(ask(world, "s", `WRITE ${path}|`), "OK|");
  assert.ok(queue(world) <= PRIVILEGED_QUEUE + WATCHES);
  // It takes a few, and stalls again.
  world.fake("0").room = 50;
  world.event(EventKind.room, "0");
  world.settle();
  for (const path of changes.slice(30)) assert.is(ask(world, "s", `WRITE ${path}|`), "OK|");
  reads(world);
  assert.equal(
    told(world),
    changes.flatMap((path) => Array(WATCHES).fill(path)),
  );
});

test("the reply to its own request follows its own events", () => {
  const world = stalled();
  fanOut(world);
  world.clear();
  world.put("0", "WRITE /local/domain/1/data/own|x");
  world.settle();
  assert.equal(kinds(world, "0"), []);
  reads(world);
  const all = kinds(world, "0");
  const own = all.lastIndexOf("event /local/domain/1/data/own");
  assert.is(own, all.length - 2);
  assert.is(all.at(-1), "reply OK");
});

for (const [what, end] of [
  ["is reset", (world: World) => world.event(EventKind.reset, "0")],
  ["unwatches", (world: World) => world.put("0", "RESET_WATCHES |")],
] as const)
  test(`nothing is left where it ${what}`, () => {
    const world = stalled();
    fanOut(world);
    end(world);
    reads(world);
    assert.is(queue(world), 0);
    assert.is(ask(world, "1", "WRITE data/later|"), "OK|");
    assert.is(ask(world, "s", "CONTROL check|"), "OK|");
  });

for (const [what, anew] of [
  ["a live update", (world: World) => assert.is(world.exchange(), "")],
  ["a failure", (world: World) => world.recover()],
] as const)
  test(`all events come after ${what}`, () => {
    const world = stalled();
    fanOut(world, 40);
    anew(world);
    reads(world);
    const paths = told(world);
    for (let i = 0; i < 40; i++) assert.ok(paths.includes(`/local/domain/1/data/${i >> 5}/${i & 31}`), `${i}`);
    assert.is(ask(world, "s", "CONTROL check|"), "OK|");
  });

test("after a failure its events come in the order of the changes, though an earlier one was answered later", () => {
  const world = stalled();
  world.connect("t");
  for (let i = 0; i < WATCHES; i++) world.request("t", `WATCH /local/domain/1/data|${i}|`);
  world.fake("0").room = Number.POSITIVE_INFINITY;
  world.request("0", "WATCH /late|late|");
  world.fake("0").room = 0;
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < NODES; i++) world.request("1.t", `WRITE data/early${i}|x`);
  world.clear();
  world.put("1.t", "TRANSACTION_END T|");
  step(world);
  // The reply to the guest waits for the other watcher; this change has nobody but the one that rests.
  world.put("s", "WRITE /late|x");
  step(world);
  assert.equal(kinds(world, "s"), ["reply OK"]);
  assert.equal(kinds(world, "1"), []);
  for (let turn = 0; turn < 1000 && kinds(world, "1").length === 0; turn++) step(world);
  assert.equal(kinds(world, "1"), ["reply OK"]);
  world.recover();
  reads(world);
  const paths = told(world);
  assert.is(paths.filter((path) => path === "/late").length, 1);
  assert.ok(paths.lastIndexOf(`/local/domain/1/data/early${NODES - 1}`) < paths.indexOf("/late"));
});

test("where memory is too short even for a recovery, each of its watches gets one event", () => {
  const world = stalled();
  fanOut(world, 40);
  world.recover(Shed.clients);
  reads(world);
  const paths = told(world);
  assert.is(paths.filter((path) => path === "/local/domain/1/data").length, WATCHES);
  assert.is(ask(world, "s", "CONTROL check|"), "OK|");
});

test("where memory ends, its events are given up for others, and each of its watches gets one", () => {
  const world = stalled();
  fanOut(world);
  // A ring is given twenty seconds, as guests' events are.
  for (let turn = 0; turn < 30; turn++) {
    world.host.critical = 10;
    world.host.scarce = 2;
    world.program.turn(0);
    world.host.clock += 1000;
  }
  assert.ok(world.host.lines.some((line) => line.includes("the events are given up that a privileged client")));
  assert.is(queue(world), 0);
  reads(world);
  assert.is(told(world).filter((path) => path === "/local/domain/1/data").length, WATCHES);
  assert.is(ask(world, "1", "WRITE data/later|"), "OK|");
  assert.is(told(world).filter((path) => path === "/local/domain/1/data/later").length, WATCHES);
});

/** One turn with these events, as the host begins it. */
function step(world: World, events: readonly [kind: number, value: number][] = []): void {
  for (const [i, [kind, value]] of events.entries()) {
    world.host.events[2 * i] = kind;
    world.host.events[2 * i + 1] = value;
  }
  world.program.turn(events.length);
  world.host.boundary();
}

test("room that comes before its turn is not forgotten", () => {
  const world = new World({ domains: [1], args: ["--quota", "memory=0"] });
  for (const who of ["s", "c"]) world.connect(who);
  for (let k = 0; k < 60; k++) {
    world.connect(`k${k}`);
    for (let i = 0; i < 20; i++) world.request(`k${k}`, `WATCH /big|${i}|`);
  }
  world.request("c", "WATCH /w|t|");
  world.clear();
  world.fake("c").room = 0;
  for (let i = 0; i < 8; i++) world.request("s", `WRITE /w/x${i}|1`);
  world.request("s.t", "TRANSACTION_START |");
  for (let i = 0; i < 100; i++) world.request("s.t", `WRITE /big/${i}|x`);
  world.put("s.t", "TRANSACTION_END T|");
  step(world);
  // Its own event is behind those of the others, and its reply behind that.
  world.put("c", "WRITE /w/own|x");
  step(world);
  world.fake("c").room = Number.POSITIVE_INFINITY;
  step(world, [[EventKind.room, world.link("c")]]);
  for (let i = 0; i < 3000; i++) step(world);
  world.settle();
  assert.ok(
    world.fake("c").output.some((m) => m.type === Op.WRITE),
    "it has its reply",
  );
});

test("a reply that it leaves unread keeps nothing else", () => {
  const world = stalled();
  world.put("0", "READ /|");
  fanOut(world);
  assert.is(queue(world) > 0, true);
  for (let turn = 0; turn < 30; turn++) {
    world.host.critical = 10;
    world.host.scarce = 2;
    world.program.turn(0);
    world.host.clock += 1000;
  }
  assert.is(queue(world), 1, "the reply");
  const own = charged(world, 1);
  const other = stalled();
  other.fake("0").room = Number.POSITIVE_INFINITY;
  fanOut(other);
  assert.is(own, charged(other, 1), "the events are gone");
  assert.is(world.wait, -1, "there is nothing to do");
});

test("what waits for it is bounded, whatever memory there is", () => {
  const world = stalled();
  world.host.limit = 1_000_000;
  for (let n = 0; n < 3000; n++) {
    assert.is(ask(world, "1", `WRITE data/same|${n % 10}`), "OK|");
    if (n % 50 === 0) world.host.clock += 1000;
  }
  assert.ok(charged(world, 1) < 100_000, `${charged(world, 1)}`);
  reads(world);
  assert.is(told(world).filter((path) => path === "/local/domain/1/data").length, WATCHES);
});

for (const fails of [false, true])
  test(`its connection can go, with much that waits for it${fails ? ", and the program fail after that" : ""}`, () => {
    const world = stalled();
    world.connect("gone");
    for (let i = 0; i < WATCHES; i++) ask(world, "gone", `WATCH /local/domain/1|${i}|`);
    world.fake("gone").room = 0;
    for (let n = 0; n < 200; n++) ask(world, "1", `WRITE data/n${n % 20}|${n}`);
    world.event(EventKind.broken, "gone");
    world.settle();
    world.connect("next");
    ask(world, "next", "WATCH /local/domain/1|mine|");
    world.fake("next").output = [];
    if (fails) world.recover();
    reads(world);
    assert.is(world.fake("next").output.length, 0, "who comes after it is told nothing of its events");
    assert.is(ask(world, "s", "CONTROL check|"), "OK|");
    assert.is(queue(world), 0);
  });

test("a request that throws in a transaction ends it: nothing of it is committed", () => {
  for (const request of ["WRITE /x/y|1", "RM /local/domain/1|", "SET_PERMS /local|n0|r2|"]) {
    let refused = 0;
    for (let n = 0; n < 12; n++) {
      const world = new World({ domains: [1] });
      world.request("0.t", "TRANSACTION_START |");
      world.request("0.t", "WRITE /before|");
      let left = n;
      const real = Map.prototype.set;
      Map.prototype.set = function (...args) {
        if (left-- === 0) throw new RangeError("injected");
        return real.apply(this, args);
      };
      const done = world.request("0.t", request);
      Map.prototype.set = real;
      const ended = world.request("0.t", "TRANSACTION_END T|").reply;
      if (done.reply === "OK|") {
        assert.is(ended, "OK|");
        continue;
      }
      refused++;
      assert.is(ended, done.reply);
      assert.is(world.request("0", "READ /before|").reply, "!ENOENT");
      assert.is(world.request("0", "CONTROL check|").reply, "OK|");
    }
    assert.ok(refused > 0, request);
  }
});

run();
