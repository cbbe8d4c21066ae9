import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { AHEAD_MOST, DELIVERIES_MAX, EVENT_SLICE, GUEST_EVENTS } from "../../src/limits.ts";
import { Cost } from "../../src/store/cost.ts";
import { Op } from "../../src/wire/ops.ts";
import {
  charged,
  commit,
  EVERYBODY,
  fanOut,
  kinds,
  MANY,
  place,
  toldOf,
  turn,
  watched,
} from "../support/deliveries.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("deliveries");

test("many events go out in slices, others are served meanwhile, the reply comes last", () => {
  const world = watched();
  world.put("s", "WRITE /a|x");
  turn(world);
  assert.is(world.wait, 0);
  assert.is(world.fake("0").output.length, EVENT_SLICE);
  assert.equal(world.fake("s").output, []);
  world.put("s", "READ /a|");
  world.put("1", "READ /a|");
  turn(world);
  assert.equal(kinds(world, "1"), ["reply x"]);
  assert.equal(kinds(world, "s"), [], "who caused them waits");
  world.settle();
  assert.equal(kinds(world, "s"), ["reply OK", "reply x"]);
  assert.is(world.fake("0").output.length, MANY);
});

test("what changes meanwhile is told afterwards, and answered after that", () => {
  const world = watched();
  world.put("s", "WRITE /a|x");
  turn(world);
  world.put("1", "WRITE /a/b|x");
  world.settle();
  const told = kinds(world, "0");
  assert.is(told.length, 2 * MANY);
  assert.is(told.lastIndexOf("event /a"), MANY - 1);
  assert.is(told.indexOf("event /a/b"), MANY);
  assert.equal(kinds(world, "1"), ["reply OK"]);
});

test("a WATCH set meanwhile is answered at once, its event comes in its turn", () => {
  const world = watched();
  world.put("s", "WRITE /a|x");
  turn(world);
  world.put("2", "WATCH data|t|");
  turn(world);
  assert.equal(kinds(world, "2"), ["reply OK", "event data"], "nothing is on its way to this one");
  world.fake("0").output.length = 0;
  world.put("0", "WATCH /b|t|");
  turn(world);
  assert.equal(kinds(world, "0").slice(0, 2), ["reply OK", "event /a"]);
  world.settle();
  assert.is(kinds(world, "0").at(-1), "event /b");
});

test("whatever waits for guests, others are served in each turn, and told and answered", () => {
  // More events than may ever wait, if they were kept one by one.
  const changes = 700;
  const world = fanOut(changes);
  world.request("4", "WATCH data|t|");
  commit(world);
  for (let turns = 0; turns < 5; turns++) {
    world.put("s", "WRITE /a|x");
    world.put("4", "WRITE data/x|x");
    turn(world);
    assert.is(world.wait, 0, "there is more to hand over");
    assert.equal(kinds(world, "s").splice(turns), ["reply OK"]);
    assert.equal(kinds(world, "4").splice(2 * turns), ["event data/x", "reply OK"]);
  }
  assert.is(kinds(world, "1").indexOf("reply OK"), -1, "who caused it waits");
  world.settle();
  assert.is(kinds(world, "1").pop(), "reply OK");
  for (const who of ["1", "2", "3"]) {
    const told = kinds(world, who).filter((line) => line.startsWith("event"));
    assert.is(told.length, 128 * changes);
    for (let i = 0; i < told.length; i++)
      if (told[i] !== `event /local/domain/1/data/pub/${place(i >> 7)}`) assert.unreachable(`${i}: ${told[i]}`);
  }
});

test("nobody waits for what others caused for a guest, who gets it in order all the same", () => {
  const world = fanOut(100);
  world.request("0", "WRITE /a|");
  world.request("0", "SET_PERMS /a|b4|");
  world.request("0", "SET_PERMS /local/domain/4/data|n4|b2|");
  for (const path of ["/local/domain/4/data", "/a"]) world.request("2", `WATCH ${path}|t|`);
  commit(world);
  world.put("4", "WRITE data|1");
  world.put("s", "WRITE /a|1");
  turn(world);
  assert.equal(kinds(world, "4"), ["reply OK"]);
  assert.equal(kinds(world, "s"), ["reply OK"]);
  assert.is(kinds(world, "2").indexOf("event /a"), -1);
  world.settle();
  const told = kinds(world, "2");
  assert.is(told.length, 128 * 100 + 2);
  assert.equal(told.slice(-2), ["event /local/domain/4/data", "event /a"]);
});

test("nobody waits for what guests caused for a privileged client, who gets it in order all the same", () => {
  const world = fanOut(100);
  world.request("0", "WRITE /a|");
  world.request("0", "SET_PERMS /a|b4|");
  for (let n = 0; n < 20; n++) world.request("0", `WATCH /local/domain/1/data|t${n}|`);
  world.request("0", "WATCH /a|t|");
  world.request("0", "WATCH /local/domain/4|t|");
  world.fake("0").output.length = 0;
  commit(world);
  world.put("s", "WRITE /a|1");
  world.put("4", "WRITE data|1");
  turn(world);
  assert.equal(kinds(world, "s"), ["reply OK"]);
  assert.equal(kinds(world, "4"), ["reply OK"]);
  assert.is(kinds(world, "0").indexOf("event /a"), -1);
  // Who never waits could fill the memory.
  for (let n = 0; n < 2 * AHEAD_MOST; n++) world.put("s", "WRITE /a|2");
  turn(world);
  assert.is(kinds(world, "s").length, AHEAD_MOST, "the first and so many more, then it waits");
  // Its own change is told before its own reply, whatever is before that.
  world.put("0", "WRITE /a|3");
  world.settle();
  assert.is(kinds(world, "s").length, 1 + 2 * AHEAD_MOST);
  const seen = kinds(world, "0").filter((line) => !line.includes("/local/domain/1/"));
  assert.equal(seen.slice(0, 2), ["event /a", "event /local/domain/4/data"]);
  assert.ok(seen.indexOf("reply OK") > 2 && seen[seen.indexOf("reply OK") - 1] === "event /a");
  assert.is(seen.length, 2 + 2 * AHEAD_MOST + 2);
});

test("a guest of whose changes much is on its way is not read, though it was answered", () => {
  const world = fanOut(100);
  world.request("0", "SET_PERMS /local/domain/4/data|n4|b2|");
  for (let i = 0; i < EVENT_SLICE; i++) world.request("2", `WATCH /local/domain/4/data|${i}|`);
  commit(world);
  world.put("4", "WRITE data|1");
  world.put("4", "READ data|");
  turn(world);
  assert.equal(kinds(world, "4"), ["reply OK"]);
  turn(world);
  assert.is(world.fake("4").input.length, 1);
  world.settle();
  assert.equal(kinds(world, "4"), ["reply OK", "reply 1"]);
  assert.is(kinds(world, "2").filter((line) => line === "event /local/domain/4/data").length, EVENT_SLICE);
});

test("what waits is charged to who caused it, until it is handed over", () => {
  const world = fanOut(100);
  world.request("1.t", "TRANSACTION_END F|");
  const before = charged(world, 1);
  const other = charged(world, 2);
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < 100; i++) world.request("1.t", `WRITE data/pub/${place(i)}|`);
  commit(world);
  assert.ok(charged(world, 1) > before + 3 * 128 * Cost.delivered);
  assert.is(charged(world, 2), other);
  world.settle();
  world.clear();
  for (let i = 0; i < 4; i++) world.request("1", `RM data/pub/${i}|`);
  assert.is(charged(world, 1), before);
});

test("watchers are looked for and kept once, where changes differ in what does not decide who is told", () => {
  const changes = 60;
  const world = fanOut(0);
  world.request("1.t", "TRANSACTION_END F|");
  const below = (levels: number): string => `data/pub${"/a".repeat(levels)}`;
  for (let i = 1; i <= changes; i++) {
    const path = below(i);
    world.request("1", `WRITE ${path}|`);
    world.request("1", `SET_PERMS ${path}|b1|r${100 + i}|`);
  }
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 1; i <= changes; i++) world.request("1.t", `WRITE ${below(i)}|`);
  const before = charged(world, 1);
  commit(world);
  const kept = charged(world, 1) - before;
  assert.ok(kept < 6 * 128 * Cost.delivered + changes * (Cost.change + 150) + 10 * Cost.share, `${kept}`);
  world.settle();
  for (const who of ["1", "2", "3"])
    assert.is(kinds(world, who).filter((line) => line.startsWith("event")).length, 128 * changes);
});

test("past a bound of what is kept, guests get one event for each watch, and who is privileged gets all", () => {
  // Kept are those of the first change, and those on the path for all others.
  const watches = DELIVERIES_MAX / 5;
  const changes = 3;
  const guests = ["1", "2", "3", "4"];
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"], domains: EVERYBODY });
  world.request("0", "WRITE /a|");
  world.request("0", "SET_PERMS /a|b0|");
  for (const who of guests) for (let i = 0; i < changes; i++) world.request("0", `WRITE /a/${who}/${i}|`);
  for (let i = 0; i < watches; i++) world.request("1", `WATCH /a|${i}|`);
  world.request("0", "WATCH /a|t|");
  for (const who of guests) {
    world.request(`${who}.t`, "TRANSACTION_START |");
    for (let i = 0; i < changes; i++) world.request(`${who}.t`, `WRITE /a/${who}/${i}|x`);
  }
  world.clear();
  for (const who of guests) world.put(`${who}.t`, "TRANSACTION_END T|");
  turn(world);
  world.settle();
  for (const who of guests) assert.is(kinds(world, who).filter((line) => line === "reply OK").length, 1);
  assert.is(kinds(world, "0").length, guests.length * changes);
  const told = kinds(world, "1").filter((line) => line.startsWith("event"));
  assert.is(told.filter((line) => line === "event /a").length, watches);
  assert.ok(told.length < watches * (guests.length - 1) * changes, `${told.length}`);
});

test("for a guest that does not read, not each event is looked at", () => {
  const changes = 400;
  const world = fanOut(changes);
  for (const who of ["2", "3"]) world.fake(who).room = 0;
  commit(world);
  let turns = 0;
  for (; world.wait === 0; turns++) turn(world);
  // Those for guest 1; what may be kept, one event for each watch, and one look at each change for the others.
  const looks = 128 * changes + 2 * (GUEST_EVENTS + 128 + changes);
  assert.ok(turns < 2 + (1.1 * looks) / EVENT_SLICE, `${turns} turns`);
  for (const who of ["2", "3"]) {
    world.fake(who).room = Number.POSITIVE_INFINITY;
    world.event(EventKind.room, who);
    const told = kinds(world, who);
    assert.is(told.filter((line) => line === "event /local/domain/1/data/pub").length, 128);
    assert.is(told.length, GUEST_EVENTS + 128);
  }
});

test("a client that starts anew gets neither the events nor the reply of before", () => {
  const world = watched("1");
  world.put("2", "WRITE /a|x");
  turn(world);
  world.put("0", "INTRODUCE 1|1|1|");
  world.put("0", "INTRODUCE 2|1|2|");
  world.settle();
  assert.equal(kinds(world, "1"), []);
  assert.equal(kinds(world, "2"), []);
  world.clear();
  assert.is(world.request("2", "READ /a|").reply, "x");
});

test("a watcher that goes meanwhile", () => {
  const world = watched("s");
  world.connect("t");
  world.put("t", "WRITE /a|x");
  turn(world);
  world.put("0", "READ /a|");
  world.event(EventKind.broken, "s");
  assert.equal(kinds(world, "t"), ["reply OK"]);
});

test("no event of a watch comes after UNWATCH was answered", () => {
  const world = watched();
  world.put("s", "WRITE /a|x");
  turn(world);
  world.put("0", `UNWATCH /a|${MANY - 1}|`);
  world.settle();
  const last = world.fake("0").output.filter(({ payload }) => payload.endsWith(`\0${MANY - 1}\0`));
  assert.equal(last, []);
  assert.is(kinds(world, "0").length, MANY, "all the others, and the reply");
});

for (const [request, rest] of [
  ["UNWATCH /local/domain/1/data/pub|5|", "the others are told"],
  ["RESET_WATCHES |", "nothing more is told"],
] as const) {
  test(`no event of a watch comes after ${request.split(" ")[0]} was answered, of many changes`, () => {
    const world = fanOut(20);
    const ring = world.fake("2");
    commit(world);
    turn(world);
    world.put("2", request);
    world.settle();
    const answered = ring.output.findIndex(({ type }) => type !== Op.WATCH_EVENT);
    assert.is(ring.output[answered]?.payload, "OK\0");
    const after = ring.output.slice(answered).filter(({ type }) => type === Op.WATCH_EVENT);
    assert.is(after.filter(({ payload }) => payload.endsWith("\x005\0")).length, 0);
    assert.is(after.length > 0, rest === "the others are told", rest);
    // The same watch made anew hears of what comes, and of nothing before.
    world.clear();
    world.request("2", "WATCH /local/domain/1/data/pub|5|");
    world.clear();
    world.put("1", "WRITE data/pub/0|y");
    world.settle();
    assert.is(ring.output.filter(({ payload }) => payload.endsWith("\x005\0")).length, 1);
  });
}

test("a death whose events are too many to be listed", () => {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"], domains: EVERYBODY });
  const nodes = 60;
  world.request("1", "WRITE data/pub|");
  world.request("1", "SET_PERMS data/pub|b1|");
  for (let i = 0; i < nodes; i++) {
    // Each is the top of what the dead one has.
    world.request("2", `WRITE /local/domain/1/data/pub/${i}|`);
    world.request("2", `SET_PERMS /local/domain/1/data/pub/${i}|${i % 2 ? "b2" : "n2|r3"}|`);
  }
  for (const who of ["1", "3"])
    for (let i = 0; i < 128; i++) world.request(who, `WATCH /local/domain/1/data/pub|${i}|`);
  for (let i = 0; i < 128; i++) world.request("4", `WATCH /local/domain|${i}|`);
  world.request("1", "SET_PERMS data/pub|n1|r3|");
  world.clear();
  world.host.setState(2, 0, "");
  world.settle();
  for (let i = 0; i < nodes; i++) {
    const path = `/local/domain/1/data/pub/${i}`;
    assert.is(toldOf(world, "1", path), 128, "who owns the directory");
    assert.is(toldOf(world, "3", path), 128);
    assert.is(toldOf(world, "4", path), i % 2 ? 128 : 0, "only what it could read");
  }
  assert.is(world.request("1", "DIRECTORY data/pub|").reply, "");
});

test("watches that may not see a change do not count as events, and are looked at once for all changes", () => {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"], domains: EVERYBODY });
  const changes = 100;
  for (const who of ["2", "3"]) for (let i = 0; i < 128; i++) world.request(who, `WATCH /local/domain/1/data|${i}|`);
  world.request("0", "WATCH /local/domain/1/data|t|");
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < changes; i++) world.request("1.t", `WRITE data/${i}|x`);
  world.request("1.t", "SET_PERMS data/7|n1|r3|");
  commit(world);
  world.settle();
  assert.is(kinds(world, "0").length, changes);
  assert.equal(kinds(world, "2"), []);
  assert.equal(kinds(world, "3"), Array(128).fill("event /local/domain/1/data/7"));
  assert.equal(kinds(world, "1"), ["reply OK"]);
});

test("a watch that is gone is owed no event, so that the others are told", () => {
  const few = 10;
  const world = fanOut(400);
  for (const path of ["0", "last"])
    for (let i = 0; i < few; i++) world.request("4", `WATCH /local/domain/1/data/pub/${path}|${i}|`);
  for (let i = 0; i < 400; i++) world.request("1.t", `WRITE data/pub/0/${i}|x`);
  world.request("1.t", "WRITE data/pub/last|x");
  world.fake("4").room = 0;
  commit(world);
  // More of them waits than may be kept, and is given up while as many watches go as stay.
  for (let i = 0; i < few; i++) world.put("4", `UNWATCH /local/domain/1/data/pub/0|${i}|`);
  world.settle();
  world.clear();
  world.fake("4").room = Number.POSITIVE_INFINITY;
  world.event(EventKind.room, "4");
  world.settle();
  const tokens = world.fake("4").output.filter((m) => m.payload.startsWith("/local/domain/1/data/pub/last"));
  assert.is(new Set(tokens.map((m) => m.payload.split("\0")[1])).size, few);
});

test("watches of many levels are kept once, not for each change", () => {
  const levels = 300;
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"], domains: EVERYBODY });
  const level = (i: number): string => `/local/domain/1/data${"/a".repeat(i)}`;
  for (let i = 0; i < levels; i++) world.request("1", `WRITE ${level(i)}|`);
  for (let i = 0; i < levels; i++) world.request("1", `WATCH ${level(i)}|t|`);
  world.request("1.t", "TRANSACTION_START |");
  for (let i = levels - 1; i >= 0; i--) world.request("1.t", `WRITE ${level(i)}|x`);
  world.connect("s");
  const before = charged(world, 1);
  commit(world);
  const most = levels * (Cost.watchedPath + Cost.watchedPart + Cost.fanOut + Cost.change + 16 + 2 * levels);
  assert.ok(charged(world, 1) - before < most + EVENT_SLICE * 2 * Cost.delivered + 10 * Cost.share);
  world.settle();
  assert.is(kinds(world, "1").filter((line) => line.startsWith("event")).length, (levels * (levels + 1)) / 2);
});

run();
