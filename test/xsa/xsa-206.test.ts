import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { say, served } from "../support/contention.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, rows, run } = group("XSA-206");

rows("who writes all the time makes no transaction of others fail", [
  ["0.a", "TRANSACTION_START |", "1|"],
  ["0.a", "WRITE /local/domain/1/data/from-dom0|1"],
  ["0.a", "READ /local/domain/2/data|", ""],
  ["1", "WRITE data/a|1"],
  ["1", "WRITE data/a|2"],
  ["1", "WRITE data|its own directory"],
  ["1", "RM data/a|"],
  ["1", "WRITE data/b/c|3"],
  ["2.b", "TRANSACTION_START |", "1|"],
  ["2.b", "READ data|", ""],
  ["1", "WRITE data/d|4"],
  ["2.b", "WRITE data/x|1"],
  ["1", "WRITE data/d|5"],
  ["2.b", "TRANSACTION_END T|"],
  ["0.a", "TRANSACTION_END T|"],
  ["1", "READ data/from-dom0|", "1"],
]);

/** Dom0 reads and writes what guest 1 writes in between; returns END's answer, "" where the guest was not heard. */
function round(world: World): string {
  world.request("0.t", "TRANSACTION_START |");
  world.request("0.t", "READ /local/domain/1/data/state|");
  const heard = world.request("1", `WRITE data/state|${Math.random()}`).reply === "OK|";
  world.request("0.t", "WRITE /backend/state|1");
  const { reply } = world.request("0.t", "TRANSACTION_END T|");
  return heard ? reply : reply === "OK|" ? "" : reply;
}

test("who changes what others read in their transactions is slowed until they get through", () => {
  const world = new World();
  world.request("1", "WRITE data/state|0");
  for (let i = 0; i < 3; i++) assert.is(round(world), "!EAGAIN");
  assert.is(round(world), "", "the guest has no credit left, Dom0's transaction succeeds");
  assert.is(world.request("2", "WRITE data/x|1").reply, "OK|", "nobody else is slowed");
  assert.match(world.host.lines.join("\n"), /domain 1 makes transactions of others fail/);
  assert.ok(world.wait > 0, "it wants to be called when there is credit again");
  world.clear();
  world.host.clock += world.wait;
  world.settle();
  assert.is(world.fake("1").output.length, 1, "what it wrote meanwhile is served then");
  world.clear();
  assert.is(round(world), "!EAGAIN", "it had one credit");
  assert.is(round(world), "");
});

test("a transaction that fails for what its own domain did costs nothing, nor one for what Dom0 did", () => {
  const world = new World();
  for (let i = 0; i < 20; i++) {
    world.request("1.t", "TRANSACTION_START |");
    world.request("1.t", "READ data|");
    world.request(i % 2 ? "1" : "0", `WRITE /local/domain/1/data|${i}`);
    world.request("1.t", "WRITE data/x|1");
    assert.is(world.request("1.t", "TRANSACTION_END T|").reply, "!EAGAIN");
  }
});

let written = 0;

interface Attack {
  /** What Dom0 reads in its transaction. */
  readonly reads: readonly string[];
  readonly writes: readonly (readonly [who: string, path: string])[];
  /** Each begins once the last is not read. */
  readonly inTurn?: boolean;
  /** Milliseconds for which Dom0's transaction is open, and between its tries. */
  readonly open: number;
  readonly pause: number;
}

/** One try of Dom0's, and the pause after it. Returns END's answer. */
function attempt(world: World, { reads, writes, inTurn, open, pause }: Attack): string {
  const t = `0.${Number.parseInt(say(world, "0", "TRANSACTION_START |"), 10)}`;
  for (const path of reads) say(world, t, `READ ${path}|`);
  assert.is(say(world, t, "WRITE /backend/state|1"), "OK|");
  const pass = (ms: number): void => {
    for (let at = 0; at < ms; at += 5) {
      // Whoever is not read has one message in its ring.
      for (const [who, path] of writes) {
        if (world.fake(who).input.length > 0) continue;
        world.put(who, `WRITE ${path}|${++written}`);
        world.settle();
        if (inTurn && world.fake(who).input.length === 0) break;
      }
      world.host.clock += 5;
      world.settle();
    }
  };
  pass(open);
  const reply = say(world, t, "TRANSACTION_END T|");
  pass(pause);
  world.clear();
  return reply;
}

const STATES = ["/local/domain/1/data/state", "/local/domain/2/data/state"];
const OWN = [
  ["1", "data/state"],
  ["2", "data/state"],
] as const;
const SAME = [
  ["1", "data/state"],
  ["2", "/local/domain/1/data/state"],
] as const;
const TURNS = Array.from({ length: 8 }, (_, n) => [String(n + 1), "/local/domain/1/data/state"] as const);
const attacks: { readonly [what: string]: Omit<Attack, "open" | "pause"> } = {
  "a guest that writes": { reads: STATES.slice(0, 1), writes: OWN.slice(0, 1) },
  "two guests that write, each its own node": { reads: STATES, writes: OWN },
  "two guests that write the same node": { reads: STATES.slice(0, 1), writes: SAME },
  "two guests that take turns": { reads: STATES, writes: OWN, inTurn: true },
  "eight guests that take turns": { reads: STATES.slice(0, 1), writes: TURNS, inTurn: true },
};
for (const [what, attack] of Object.entries(attacks)) {
  for (const [open, pause] of [
    [10, 0],
    [60, 0],
    [300, 0],
    [300, 100],
    [20, 100],
    [2100, 0],
  ] as const) {
    // As many as can wait their turn for longer than anybody is remembered do so still.
    if (open > 1000 && attack.writes === TURNS) continue;
    test(`a transaction of Dom0 of ${open} ms, tried anew after ${pause} ms, gets through beside ${what}`, () => {
      const world = new World({ domains: TURNS.map(([who]) => Number(who)) });
      for (const [who] of TURNS) world.request(who, "WRITE data/state|0");
      const list = TURNS.slice(1).map(([who]) => `b${who}|`);
      assert.is(world.request("0", `SET_PERMS /local/domain/1/data/state|n1|${list.join("")}`).reply, "OK|");
      world.clear();
      const replies = Array.from({ length: 100 }, () => attempt(world, { ...attack, open, pause }));
      assert.ok(replies.includes("!EAGAIN"), "they do write what it reads");
      // Each may do so a few times; from then on every other try succeeds.
      const later = replies.slice(40);
      const good = later.filter((reply) => reply === "OK|").length;
      assert.ok(good >= 30, `${good} of ${later.length}: ${replies.map((r) => (r === "OK|" ? "+" : "-")).join("")}`);
    });
  }
}

test("a short transaction of Dom0 beside a long one does not make the long one cheap", () => {
  const world = new World();
  for (const node of ["state", "other"]) world.request("1", `WRITE data/${node}|0`);
  world.clear();
  let good = 0;
  for (let n = 0; n < 40; n++) {
    const t = `0.${Number.parseInt(say(world, "0", "TRANSACTION_START |"), 10)}`;
    say(world, t, "READ /local/domain/1/data/state|");
    assert.is(say(world, t, "WRITE /backend/long|1"), "OK|");
    for (let part = 0; part < 6; part++)
      attempt(world, {
        reads: ["/local/domain/1/data/other"],
        writes: [["1", part % 2 ? "data/state" : "data/other"]],
        open: 5,
        pause: 245,
      });
    if (say(world, t, "TRANSACTION_END T|") === "OK|") good++;
    world.clear();
  }
  assert.ok(good >= 20, `${good} of 40`);
});

test("one change that makes many transactions fail is paid for once", () => {
  const world = new World();
  world.request("1", "WRITE data/state|0");
  for (let i = 0; i < 50; i++) {
    world.request(`0.t${i}`, "TRANSACTION_START |");
    world.request(`0.t${i}`, "READ /local/domain/1/data/state|");
    world.request(`0.t${i}`, `WRITE /backend/${i}|1`);
  }
  world.request("1", "WRITE data/state|1");
  for (let i = 0; i < 50; i++) assert.is(world.request(`0.t${i}`, "TRANSACTION_END T|").reply, "!EAGAIN");
  for (let i = 2; i < 5; i++) assert.is(say(world, "1", `WRITE data/state|${i}`), "OK|", "it is read");
});

test("who has no credit has none after a reconnection", () => {
  const world = new World();
  world.request("1", "WRITE data/state|0");
  for (let i = 0; i < 3; i++) assert.is(round(world), "!EAGAIN");
  world.event(EventKind.reset, "1");
  assert.is(round(world), "", "it is not heard");
});

test("who has no credit has none after a live update", () => {
  const world = new World();
  world.request("1", "WRITE data/state|0");
  for (let i = 0; i < 3; i++) assert.is(round(world), "!EAGAIN");
  assert.is(world.exchange(), "");
  assert.is(round(world), "", "it is not heard");
  world.clear();
  world.host.clock += 1000;
  world.settle();
  assert.is(served(world, "1"), 1, "what it wrote meanwhile is served then");
});

test("who changed something else of a node, or below it, does not pay for it", () => {
  const world = new World();
  assert.is(world.request("1", "SET_PERMS data|n1|b2|").reply, "OK|");
  world.clear();
  let unread = 0;
  for (let n = 0; n < 10; n++) {
    const t = `0.${Number.parseInt(say(world, "0", "TRANSACTION_START |"), 10)}`;
    say(world, t, "READ /local/domain/1/data|");
    assert.is(say(world, t, "WRITE /backend/state|1"), "OK|");
    assert.is(say(world, "2", `WRITE /local/domain/1/data/child${n}|`), "OK|", "it is read");
    world.put("1", `WRITE data|${n}`);
    world.settle();
    unread += world.fake("1").input.length;
    world.host.clock += 100;
    say(world, t, "TRANSACTION_END T|");
  }
  assert.ok(unread > 0, "who changed what was read is not read now and then");
});

test("one change that makes many long transactions of Dom0 fail, one after the other, is paid for once", () => {
  const world = new World();
  world.request("1", "WRITE data/state|0");
  const open: string[] = [];
  for (let n = 0; n < 10; n++) {
    const t = `0.${Number.parseInt(say(world, "0", "TRANSACTION_START |"), 10)}`;
    say(world, t, "READ /local/domain/1/data/state|");
    assert.is(say(world, t, "WRITE /backend/state|1"), "OK|");
    open.push(t);
  }
  assert.is(say(world, "1", "WRITE data/state|1"), "OK|");
  world.host.clock += 2000;
  assert.is(say(world, open[0] as string, "TRANSACTION_END T|"), "!EAGAIN");
  world.put("1", "WRITE data/x|1");
  for (const t of open.slice(1)) {
    world.host.clock += 500;
    world.settle();
    assert.is(say(world, t, "TRANSACTION_END T|"), "!EAGAIN");
  }
  // As long again as the first of them was open, and some.
  assert.is(world.fake("1").input.length, 0, "it is read");
});

test("a guest's transaction that was open for long costs no more than one that was not", () => {
  const world = new World();
  assert.is(world.request("1", "SET_PERMS data|n1|r2|").reply, "OK|");
  for (let n = 0; n < 6; n++) {
    const t = `2.${Number.parseInt(say(world, "2", "TRANSACTION_START |"), 10)}`;
    say(world, t, "READ /local/domain/1/data|");
    assert.is(say(world, t, "WRITE data|1"), "OK|");
    assert.is(say(world, "1", `WRITE data|${n}`), "OK|", "it is read");
    world.host.clock += 1000;
    assert.is(say(world, t, "TRANSACTION_END T|"), "!EAGAIN");
    world.clear();
  }
});

test("an accomplice whose own transaction fails first makes no change cheap", () => {
  for (const open of [60, 300, 1000]) {
    const world = new World({ domains: [1, 2] });
    world.request("1", "WRITE data/state|0");
    assert.is(world.request("1", "SET_PERMS data/state|n1|r2|").reply, "OK|");
    world.clear();
    const isRead = (who: string): boolean => world.fake(who).input.length === 0;
    /** Guest 1 writes what Dom0 has read, and makes a transaction of guest 2 fail with it. */
    const attack = (): void => {
      if (!isRead("1") || !isRead("2")) return;
      const t = `2.${Number.parseInt(say(world, "2", "TRANSACTION_START |"), 10)}`;
      say(world, t, "READ /local/domain/1/data/state|");
      say(world, t, "WRITE data/x|1");
      world.put("1", `WRITE data/state|${++written}`);
      world.settle();
      say(world, t, `TRANSACTION_END ${isRead("1") ? "T" : "F"}|`);
      world.clear();
    };
    let good = 0;
    for (let n = 0; n < 60; n++) {
      const t = `0.${Number.parseInt(say(world, "0", "TRANSACTION_START |"), 10)}`;
      say(world, t, "READ /local/domain/1/data/state|");
      assert.is(say(world, t, "WRITE /backend/state|1"), "OK|");
      for (let at = 0; at < open; at += 5) {
        attack();
        world.host.clock += 5;
        world.settle();
      }
      if (say(world, t, "TRANSACTION_END T|") === "OK|") good++;
      world.clear();
    }
    assert.ok(good >= 30, `${good} of 60 that were open for ${open} ms`);
  }
});

/** Two transactions of Dom0 that have read what guest 1 may write. */
function twoReaders(world: World): string[] {
  say(world, "0", "WRITE /shared|0");
  assert.is(say(world, "0", "SET_PERMS /shared|b0|"), "OK|");
  return [0, 1].map((n) => {
    const t = `0.${Number.parseInt(say(world, "0", "TRANSACTION_START |"), 10)}`;
    say(world, t, "READ /shared|");
    assert.is(say(world, t, `WRITE /backend/${n}|1`), "OK|");
    return t;
  });
}

function caused(world: World, domid: string): string {
  const link = say(world, "0", `READ /tool/xenstored/domain/${domid}/connection|`);
  return say(world, "0", `READ /tool/xenstored/connection/${link}/conflicts-caused|`);
}

test("a later domain with the number does not pay for what an earlier one changed", () => {
  const world = new World({ domains: [1] });
  const open = twoReaders(world);
  assert.is(say(world, "1", "WRITE /shared|1"), "OK|");
  assert.is(say(world, "0", "RELEASE 1|"), "OK|");
  world.exist(1);
  assert.is(say(world, "0", "INTRODUCE 1|1|5|"), "OK|");
  world.name(1);
  world.clear();
  for (const t of open) assert.is(say(world, t, "TRANSACTION_END T|"), "!EAGAIN");
  assert.is(caused(world, "1"), "0");
});

test("who changed again what another had changed, and was rolled back, does not pay", () => {
  const world = new World({ domains: [1, 2] });
  const open = twoReaders(world);
  assert.is(say(world, "2", "WRITE /shared|by 2"), "OK|");
  assert.is(say(world, "0", "CONTROL quota|set|node-size|300|"), "OK|");
  // The commit changes /shared first, then meets the quota, and is rolled back.
  const t = `1.${Number.parseInt(say(world, "1", "TRANSACTION_START |"), 10)}`;
  assert.is(say(world, t, "WRITE /shared|by 1"), "OK|");
  for (let n = 0; n < 30; n++) say(world, t, `WRITE data/a-name-of-some-length-${n}|`);
  assert.is(say(world, t, "TRANSACTION_END T|"), "!ENOSPC");
  for (const t of open) assert.is(say(world, t, "TRANSACTION_END T|"), "!EAGAIN");
  assert.is(caused(world, "1"), "0");
  assert.is(caused(world, "2"), "2");
});

run();
