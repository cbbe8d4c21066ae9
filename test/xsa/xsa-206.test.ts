import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { Op } from "../../src/wire/ops.ts";
import { shown, World } from "../support/host.ts";
import { group } from "../support/rows.ts";

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

const NODES = 900;
const SIZE = 1900;
/** So many that a transaction may write all of them. */
const SOME = 500;

/** The reply to a request; what others get at the same time stays in their rings. */
function say(world: World, who: string, request: string): string {
  world.put(who, request);
  world.settle();
  const { type, payload } = world.fake(who.split(".")[0] as string).output.at(-1) as { type: number; payload: string };
  return type === Op.ERROR ? `!${payload.slice(0, -1)}` : shown(payload);
}

/** Begins a transaction that reads and writes; returns who goes on with it. */
function begin(world: World, who: string): string {
  const t = `${who}.${Number.parseInt(say(world, who, "TRANSACTION_START |"), 10)}`;
  assert.is(say(world, t, "READ data|"), "");
  assert.is(say(world, t, "WRITE data/x|1"), "OK|");
  return t;
}

/** Puts a request for each of the guest's values, or the first of them; nothing is served yet. */
function rewrite(world: World, who: string, text: string, count = NODES): void {
  for (let i = 0; i < count; i++) world.put(who, `WRITE data/${i % 30}/${i}|${text.repeat(SIZE)}`);
}

/** Guests 1 and 2 have large values. */
function writers(memory: number, count = NODES): World {
  const world = new World({ domains: [1, 2, 3], memory });
  for (const who of ["1", "2"]) rewrite(world, who, "0", count);
  world.settle();
  world.clear();
  return world;
}

function served(world: World, who: string): number {
  return world.fake(who).output.length;
}

/** Seconds until it has so many replies. */
function wait(world: World, who: string, replies: number): number {
  let tenths = 0;
  for (; served(world, who) < replies; tenths++) {
    assert.ok(tenths < 1000, "it is read again");
    world.host.clock += 100;
    world.settle();
  }
  return tenths / 10;
}

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

/** Guests with some large values each, none of whom makes much be kept. */
function crowd(
  memory: number,
  guests: number,
  nodes: number,
): { world: World; all: string[]; put: (text: string) => void } {
  const all = Array.from({ length: guests }, (_, n) => String(n + 4));
  const world = new World({ domains: [1, 2, 3, ...all.map(Number)], memory });
  const put = (text: string): void => {
    for (const who of all) rewrite(world, who, text, nodes);
    world.settle();
  };
  put("0");
  world.clear();
  return { world, all, put };
}

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

run();
