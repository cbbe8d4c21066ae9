import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { EVENT_SLICE } from "../../src/limits.ts";
import { Op } from "../../src/wire/ops.ts";
import { World } from "../support/host.ts";
import { group } from "../support/rows.ts";

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
  assert.equal(kinds(world, "2"), ["reply OK"]);
  world.settle();
  assert.equal(kinds(world, "2"), ["reply OK", "event data"]);
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

/** What watchers hear of WRITEs to 60 nodes, some of which not all of them may read: in a transaction, or one by one. */
function heard(label: string, watches: number): { [who: string]: string[] } {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"] });
  world.connect("s");
  for (let d = 0; d < 3; d++) {
    for (let i = 0; i < 20; i++) {
      world.request("0", `WRITE /a/${d}/${i}|`);
      world.request("0", `SET_PERMS /a/${d}/${i}|${["n0|r1", "n0|r1|r2", "n0", "b0"][(d + i) % 4]}|`);
    }
    world.request("0", `SET_PERMS /a/${d}|${["n0", "n0|r2", "b0"][d]}|`);
  }
  for (const who of ["0", "1", "2"]) {
    for (let i = 0; i < watches; i++) world.request(who, `WATCH /a|${i}|`);
    for (const path of ["/a/1", "/a/1/7", "/a/2/3", "/"]) world.request(who, `WATCH ${path}|own|`);
    world.request(who, "WATCH /a|deep|1|");
    world.request(who, "WATCH /a|deeper|2|");
  }
  world.clear();
  const who = label === "" ? "s" : `s.${label}`;
  if (label !== "") world.request(who, "TRANSACTION_START |");
  for (let i = 0; i < 20; i++) {
    for (let d = 0; d < 3; d++) {
      world.put(who, `WRITE /a/${d}/${i}|x`);
      world.settle();
    }
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

test("a commit of many changes tells each what single changes would tell, in their order", () => {
  const events = heard("t", 2);
  assert.equal(events, heard("", 2));
  assert.ok((events["1"] as string[]).length > 100);
  assert.ok((events["2"] as string[]).length < (events["0"] as string[]).length);
});

test("so it does where these are too many for one go", () => {
  const events = heard("t", 2 * Math.ceil(EVENT_SLICE / 60));
  assert.ok((events["0"] as string[]).length > 2 * EVENT_SLICE);
  assert.equal(events, heard("", 2 * Math.ceil(EVENT_SLICE / 60)));
});

run();
