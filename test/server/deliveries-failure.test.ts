import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { EVENT_SLICE, FINISH_MILLISECONDS } from "../../src/limits.ts";
import { Op } from "../../src/wire/ops.ts";
import { commit, fanOut, kinds, MANY, place, toldOf, turn, watched } from "../support/deliveries.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("deliveries, where the program fails or is saved");

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

test("after a failure nobody is told for a client that is gone, whatever place in the journal it has", () => {
  for (let places = 0; places < 8; places++) {
    const world = new World({ domains: [1] });
    for (const who of ["s", "k", "x"]) world.connect(who);
    world.request("s", "WRITE /secret|");
    world.request("s", "SET_PERMS /secret|n0|");
    for (const who of ["k", "x"]) world.request(who, "WATCH /secret|t|");
    world.fake("k").room = 0;
    for (let n = 0; n < 20; n++) world.put("s", `WRITE /secret/${n}|x`);
    world.settle();
    world.event(EventKind.broken, "x");
    for (let n = 0; n < places; n++) world.put("s", `WATCH /other|${n}|`);
    world.exist(2);
    world.put("s", "INTRODUCE 2|1|2|");
    world.settle();
    world.name(2);
    world.put("2", "WATCH /|mine|");
    world.settle();
    world.fake("2").output = [];
    world.recover();
    assert.equal(kinds(world, "2"), [], `${places}`);
  }
});

run();
