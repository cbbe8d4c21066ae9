import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { DELIVERIES_MAX, EVENT_SLICE, FINISH_MILLISECONDS, GUEST_EVENTS } from "../../src/limits.ts";
import { Cost } from "../../src/store/cost.ts";
import { Op } from "../../src/wire/ops.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("deliveries");
const MANY = 3 * EVENT_SLICE;

/** `who` watches /a, many times. */
function watched(who = "0"): World {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"] });
  world.connect("s");
  assert.is(world.request("0", "WRITE /a|").reply, "OK|");
  world.request("0", "SET_PERMS /a|b0|");
  for (let i = 0; i < MANY; i++) world.request(who, `WATCH /a|${i}|`);
  return world;
}

const kinds = (world: World, who: string): string[] =>
  world.fake(who).output.map((m) => `${m.type === Op.WATCH_EVENT ? "event" : "reply"} ${m.payload.split("\0")[0]}`);

/** One turn, without events beyond those that wait. */
function turn(world: World): void {
  const { host } = world;
  const events = host.pending.splice(0, 256);
  for (const [i, [kind, value]] of events.entries()) {
    host.events[2 * i] = kind;
    host.events[2 * i + 1] = value;
  }
  world.wait = world.program.turn(events.length);
}

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

const EVERYBODY = [1, 2, 3, 4];

/** Directories have few children. */
const place = (i: number): string => `${i >> 5}/${i & 31}`;

/** Guests of which 1 to 3 have 128 watches each on what 1 has in `pub`, and is about to change in a transaction. */
function fanOut(changes: number): World {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"], domains: EVERYBODY });
  world.connect("s");
  world.request("1", "WRITE data/pub|");
  world.request("1", "SET_PERMS data/pub|b1|");
  for (const who of ["1", "2", "3"])
    for (let i = 0; i < 128; i++) world.request(who, `WATCH /local/domain/1/data/pub|${i}|`);
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < changes; i++) world.request("1.t", `WRITE data/pub/${place(i)}|x`);
  return world;
}

/** Bytes that a guest is charged now. */
function charged(world: World, who: number): number {
  world.fake("s").output = [];
  world.put("s", `READ /tool/xenstored/domain/${who}/memory|`);
  turn(world);
  return Number.parseInt(world.fake("s").output.pop()?.payload ?? "", 10);
}

function commit(world: World): void {
  world.clear();
  world.put("1.t", "TRANSACTION_END T|");
  turn(world);
}

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

test("a program that fails meanwhile: all are told again, and each is answered once", () => {
  const world = fanOut(100);
  world.request("0", "SET_PERMS /local/domain/4/data|n4|b2|");
  world.request("2", "WATCH /local/domain/4/data|t|");
  commit(world);
  world.put("4", "WRITE data|1");
  turn(world);
  assert.equal(kinds(world, "4"), ["reply OK"]);
  world.recover();
  assert.equal(kinds(world, "4"), ["reply OK"]);
  assert.is(kinds(world, "1").filter((line) => line.startsWith("reply")).length, 1);
  assert.is(kinds(world, "1").at(-1), "reply OK");
  const told = kinds(world, "2");
  for (let i = 0; i < 100; i++)
    assert.ok(told.filter((line) => line.endsWith(`/pub/${place(i)}`)).length >= 128, place(i));
  assert.ok(told.includes("event /local/domain/4/data"));
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

for (const [what, settles] of [
  ["dump to a file", (world) => world.put("0", "CONTROL dump|/file|")],
  ["dump in pieces", (world) => world.put("0", "CONTROL dump|-b|")],
  [
    "live update that is refused",
    (world) => {
      world.host.update.restore = () => "not what was saved";
      assert.is(world.exchange(), "not a state stream");
    },
  ],
  ["live update", (world) => assert.is(world.exchange(), "")],
] as readonly (readonly [string, (world: World) => void])[])
  test(`who waited for events is read on after a ${what}`, () => {
    const world = watched();
    world.put("s", "WRITE /a|x");
    world.put("s", "READ /a|");
    turn(world);
    // It is not read, and stands in the circle no more.
    turn(world);
    assert.equal(kinds(world, "s"), []);
    settles(world);
    world.settle();
    assert.equal(kinds(world, "s"), ["reply OK", "reply x"]);
    assert.is(kinds(world, "0").filter((kind) => kind === "event /a").length, MANY);
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

test("what a dump has delivered takes a second at most: then guests get one event for each watch", () => {
  const changes = 700;
  const world = fanOut(changes);
  world.request("0", "WATCH /local/domain/1/data/pub|t|");
  world.request("2", "WATCH data|other|");
  world.fake("3").room = 0;
  commit(world);
  const { host } = world;
  const began = host.clock;
  host.now = () => host.clock++;
  world.put("0", "CONTROL dump|/file|");
  turn(world);
  assert.ok(host.clock - began < FINISH_MILLISECONDS + 100);
  assert.is(kinds(world, "0").filter((line) => line.startsWith("event")).length, changes);
  world.fake("3").room = Number.POSITIVE_INFINITY;
  world.event(EventKind.room, "3");
  world.settle();
  for (const who of ["1", "2", "3"]) {
    const told = kinds(world, who).filter((line) => line.startsWith("event"));
    assert.is(told.filter((line) => line === "event /local/domain/1/data/pub").length, 128);
    assert.ok(told.length < 128 * changes);
  }
  assert.is(kinds(world, "1").filter((line) => line === "reply OK").length, 1);
});

/** Events of a path that a client was told, by token. */
function toldOf(world: World, who: string, path: string): number {
  return world.fake(who).output.filter((m) => m.type === Op.WATCH_EVENT && m.payload.startsWith(`${path}\0`)).length;
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

test("a failure while events are on their way that are too many to be listed", () => {
  const changes = 700;
  const world = fanOut(changes);
  world.request("0", "WATCH /local/domain/1/data/pub|t|");
  commit(world);
  world.clear();
  world.recover();
  world.settle();
  for (const who of ["1", "2", "3"])
    for (let i = 0; i < changes; i += 99)
      assert.is(toldOf(world, who, `/local/domain/1/data/pub/${place(i)}`), 128, `${who} ${i}`);
  assert.is(kinds(world, "0").length, changes);
  assert.is(kinds(world, "1").pop(), "reply OK");
});

test("a failure while a dump has all delivered ends the program, which tells it again", () => {
  const world = watched();
  world.put("s", "WRITE /a|x");
  turn(world);
  let left = EVENT_SLICE;
  world.host.onSend = (_link, type): void => {
    if (type === Op.WATCH_EVENT && --left === 0) throw new Error("on purpose");
  };
  world.put("0", "CONTROL dump|/file|");
  world.settle();
  assert.is(world.failures, 1);
  assert.equal(kinds(world, "s"), ["reply OK"]);
  const told = kinds(world, "0");
  assert.is(told.filter((kind) => kind === "event /a").length, EVENT_SLICE + MANY);
  assert.is(told.filter((kind) => kind === "reply OK").length, 1);
});

/** Who watches what in the next test; domain 3 is a guest that reads little, domain 4 the one that goes. */
const WATCHED = [
  "1 /be/1/dev",
  "1 /be/1/dev/state",
  "1 /be",
  "1 /be/1|1",
  "1 /|1",
  "1 /taken",
  "1 /open",
  "1 /gone/b",
  "1 /made|0",
  "3 /be",
  "3 /be/1/dev/state",
  "3 /taken",
  "3 /gone",
  "p /|2",
  "p /be/1/dev",
  "p /gone/b",
  "p /gone",
  ...["p", "1", "3"].flatMap((who) =>
    ["@releaseDomain", "@releaseDomain|1", "@releaseDomain/4", "@releaseDomain/9"].map((path) => `${who} ${path}`),
  ),
  "p @introduceDomain",
  "p @introduceDomain|1",
];

/** Changes behind a large fan-out, each of another client. */
const BEHIND = [
  "RM /be/1/dev|",
  "SET_PERMS /taken|n0|",
  "SET_PERMS /open|n0|r1|",
  "RM /gone/b|",
  "WRITE /made/a/b|x",
  "RELEASE 4|",
  "INTRODUCE 5|1|5|",
  "WATCH /be/1/dev|late|",
  "WATCH @releaseDomain|late|1|",
  "SET_PERMS @releaseDomain|n0|r1|",
  "RM /gone|",
  "RM /be|",
];

/** What each hears of that, if the program fails before it was told. */
function heardBehind(fails: boolean): { [who: string]: string[] } {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"], domains: [1, 3, 4] });
  world.exist(5);
  for (const name of ["p", "s", ...BEHIND.map((_, n) => `s${n}`)]) world.connect(name);
  for (const [path, perms] of [
    ["/a", "n0"],
    ["/be", "n0"],
    ["/be/1", "n0"],
    ["/be/1/dev", "n0|r1"],
    ["/be/1/dev/state", "n0|r1"],
    ["/taken", "n0|r1"],
    ["/open", "n0"],
    ["/gone", "n0|r3"],
    ["/gone/b", "n0|r3"],
  ] as const) {
    world.expectOk("0", `WRITE ${path}|`);
    world.expectOk("0", `SET_PERMS ${path}|${perms}|`);
  }
  world.expectOk("0", "SET_PERMS @releaseDomain|n0|r1|r3|");
  for (let i = 0; i < MANY; i++) world.request("0", `WATCH /a|${i}|`);
  for (const [n, line] of WATCHED.entries()) {
    const [who, what] = line.split(" ") as [string, string];
    const [path, depth] = what.split("|") as [string, string | undefined];
    world.expectOk(who, `WATCH ${path}|${n}|${depth === undefined ? "" : `${depth}|`}`);
  }
  world.put("s", "WRITE /a|x");
  turn(world);
  for (const [n, request] of BEHIND.entries()) world.put(`s${n}`, request);
  turn(world);
  assert.ok(world.fake("0").output.length < MANY);
  if (fails) world.recover();
  world.settle();
  const heard: { [who: string]: string[] } = {};
  for (const who of ["p", "1", "3", ...BEHIND.map((_, n) => `s${n}`)])
    heard[who] = world.fake(who).output.map((m) => `${m.type} ${m.payload.replaceAll("\0", "|")}`);
  // The fan-out itself is told again as a whole: whoever had its part has it twice.
  heard.p = heard.p?.filter((event, n, all) => all.indexOf(event) === n) ?? [];
  assert.is(new Set(world.fake("0").output.map((m) => m.payload)).size, MANY);
  return heard;
}

test("after a failure each hears what it would have heard, and nothing else", () => {
  const heard = heardBehind(false);
  assert.equal(heardBehind(true), heard);
  // As domain 1 may read what is gone, and what was taken from it.
  for (const [path, n] of [
    ["/be/1/dev", 0],
    ["/be/1/dev/state", 1],
    ["/taken", 5],
    ["/open", 6],
  ])
    assert.ok(heard["1"]?.includes(`${Op.WATCH_EVENT} ${path}|${n}|`), `${path}`);
  assert.ok(heard["3"]?.every((event) => !event.includes("/be") && !event.includes("/taken")));
});

test("a watcher that starts anew before a failure is told nothing of before, nor is who has its place", () => {
  const world = watched("1");
  world.put("s", "WRITE /a|x");
  turn(world);
  world.put("0", "INTRODUCE 1|1|1|");
  world.put("0", "WRITE /b|");
  turn(world);
  world.put("1", "WATCH /a|new|");
  turn(world);
  world.clear();
  world.recover();
  const events = kinds(world, "1");
  assert.ok(events.filter((kind) => kind === "event /a").length <= 1, "the first event of the new watch alone");
});

/** What the watchers 0, 1 and 2 hear of requests of a socket's client: in a transaction, if it has a label, or one by one. */
function heard(world: World, label: string, requests: readonly string[]): { [who: string]: string[] } {
  world.connect("s");
  world.clear();
  const who = label === "" ? "s" : `s.${label}`;
  if (label !== "") world.request(who, "TRANSACTION_START |");
  for (const request of requests) {
    world.put(who, request);
    world.settle();
  }
  world.put(who, label === "" ? "READ /a|" : "TRANSACTION_END T|");
  turn(world);
  world.settle();
  const events = (of: string): string[] =>
    world
      .fake(of)
      .output.filter((m) => m.type === Op.WATCH_EVENT)
      .map((m) => m.payload);
  return Object.fromEntries(["0", "1", "2"].map((of) => [of, events(of)]));
}

const WATCHERS = ["0", "1", "2"];

/** WRITEs to 60 nodes, some of which not all watchers may read. */
function ofWrites(label: string, watches: number): { [who: string]: string[] } {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"] });
  const requests: string[] = [];
  for (let d = 0; d < 3; d++) {
    for (let i = 0; i < 20; i++) {
      world.request("0", `WRITE /a/${d}/${i}|`);
      world.request("0", `SET_PERMS /a/${d}/${i}|${["n0|r1", "n0|r1|r2", "n0", "b0"][(d + i) % 4]}|`);
    }
    world.request("0", `SET_PERMS /a/${d}|${["n0", "n0|r2", "b0"][d]}|`);
  }
  for (const who of WATCHERS) {
    for (let i = 0; i < watches; i++) world.request(who, `WATCH /a|${i}|`);
    for (const path of ["/a/1", "/a/1/7", "/a/2/3", "/"]) world.request(who, `WATCH ${path}|own|`);
    world.request(who, "WATCH /a|deep|1|");
    world.request(who, "WATCH /a|deeper|2|");
  }
  for (let i = 0; i < 20; i++) for (let d = 0; d < 3; d++) requests.push(`WRITE /a/${d}/${i}|x`);
  return heard(world, label, requests);
}

test("a commit of many changes tells each what single changes would tell, in their order", () => {
  const events = ofWrites("t", 2);
  assert.equal(events, ofWrites("", 2));
  assert.ok((events["1"] as string[]).length > 100);
  assert.ok((events["2"] as string[]).length < (events["0"] as string[]).length);
});

test("so it does where these are too many for one go", () => {
  const events = ofWrites("t", 2 * Math.ceil(EVENT_SLICE / 60));
  assert.ok((events["0"] as string[]).length > 2 * EVENT_SLICE);
  assert.equal(events, ofWrites("", 2 * Math.ceil(EVENT_SLICE / 60)));
});

/** All kinds of changes, made by chance but the same each time, of a path each level of which is watched. */
function ofLevels(label: string, seed: number): { [who: string]: string[] } {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"] });
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
  const perms = ["n0", "r0", "n0|r1", "n0|r2", "b0"];
  const paths: string[] = [];
  for (let path = "/a"; paths.length < 60; path += "/a") {
    world.request("0", `WRITE ${path}|`);
    world.request("0", `SET_PERMS ${path}|${perms[below(5)]}|`);
    for (const child of ["b", "c", "d"]) {
      world.request("0", `WRITE ${path}/${child}|`);
      world.request("0", `SET_PERMS ${path}/${child}|${perms[below(5)]}|`);
    }
    paths.push(path);
  }
  const watched: [string, string][] = [];
  for (const who of WATCHERS) {
    for (const path of paths) {
      watched.push([who, `${path}|t|`]);
      if (below(4) === 0) watched.push([who, `${path}|deep|${below(4)}|`]);
      if (below(4) === 0) watched.push([who, `${path}/${"bcd"[below(3)]}|t|`]);
    }
  }
  // Watches further down are not always the later ones.
  while (watched.length > 0) {
    const [[who, watch]] = watched.splice(below(watched.length), 1) as [[string, string]];
    world.request(who, `WATCH ${watch}`);
  }
  const requests: string[] = [];
  for (const path of paths) {
    for (const child of ["b", "c", "d"]) {
      const what = [
        `WRITE ${path}/${child}|x`,
        `RM ${path}/${child}|`,
        `SET_PERMS ${path}/${child}|${perms[below(5)]}|`,
      ];
      requests.splice(below(requests.length + 1), 0, what[below(3)] as string);
    }
  }
  return heard(world, label, requests);
}

for (const seed of [1, 2, 3])
  test(`changes of all kinds below many watched paths, ${seed}`, () => {
    const events = ofLevels("t", seed);
    for (const who of WATCHERS) assert.ok((events[who] as string[]).length > 2 * EVENT_SLICE);
    assert.equal(events, ofLevels("", seed));
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
