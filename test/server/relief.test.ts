import * as assert from "uvu/assert";
import { Shed } from "../../src/host.ts";
import { OLD_SNAPSHOT, SNAPSHOT_YOUNG } from "../../src/limits.ts";
import { History } from "../../src/store/history.ts";
import { Op } from "../../src/wire/ops.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("scarce memory");

/** A turn in which memory is scarce, as often as it is asked. */
function squeeze(world: World, asked: number): void {
  world.host.scarce = asked;
  world.program.turn(0);
  world.host.scarce = 0;
  world.clear();
}

/** Makes a transaction know so many paths. */
function look(world: World, who: string, paths: number): void {
  world.request(who, "TRANSACTION_START |");
  for (let i = 0; i < paths; i++) world.request(who, `READ data/${i}|`);
}

test("the largest transaction of the guest that holds most is given up first, and no more than is needed", () => {
  const world = new World({ domains: [1, 2] });
  look(world, "1.small", 50);
  look(world, "1.large", 60);
  look(world, "2.only", 100);
  look(world, "0.old", 500);
  // Once for the turn, once to begin with, and then it is enough.
  squeeze(world, 2);
  assert.is(world.request("1.large", "READ data|").reply, "!EAGAIN");
  assert.is(world.request("1.small", "READ data|").reply, "");
  assert.is(world.request("2.only", "READ data/0|").reply, "!ENOENT");
  squeeze(world, 2);
  assert.is(world.request("2.only", "READ data|").reply, "!EAGAIN");
  assert.is(world.request("2.only", "TRANSACTION_END T|").reply, "!EAGAIN");
  assert.is(world.request("0.old", "TRANSACTION_END T|").reply, "OK|");
  assert.ok(
    world.host.lines.some((line) => line.startsWith("memory is scarce: a transaction of domain 1 is given up")),
  );
  assert.is(world.request("0", "CONTROL check|").reply, "OK|");
});

test("what is given up is on nobody's account any more", () => {
  const world = new World({ domains: [1] });
  const used = (): number => Number(world.request("0", "READ /tool/xenstored/domain/1/memory|").reply.split(" ")[0]);
  const before = used();
  look(world, "1.t", 100);
  const held = used() - before;
  assert.ok(held > 50_000, `${held}`);
  squeeze(world, 2);
  assert.ok(used() - before < 2000);
  assert.is(world.request("1.t", "TRANSACTION_END F|").reply, "OK|");
  assert.is(used(), before);
});

test("then the events go that wait for a guest who does not read, and each of its watches gets one", () => {
  const world = new World({ domains: [1, 2] });
  for (const path of ["data", "data/a", "data/b"]) world.request("1", `WATCH ${path}|t|`);
  world.request("2", "WATCH data|t|");
  const rings = ["1", "2"].map((who) => world.fake(who));
  for (const ring of rings) ring.room = 0;
  for (let i = 0; i < 100; i++) world.request("0", `WRITE /local/domain/1/data/a/${i}|`);
  for (let i = 0; i < 10; i++) world.request("0", `WRITE /local/domain/2/data/${i}|`);
  squeeze(world, 2);
  // What comes meanwhile is told with it.
  world.request("0", "WRITE /local/domain/1/data/a/more|");
  for (const [n, who] of ["1", "2"].entries()) {
    (rings[n] as { room: number }).room = 2;
    world.event(0, who);
    (rings[n] as { room: number }).room = 1000;
    world.event(0, who);
  }
  const events = rings.map((ring) => ring.output.filter(({ type }) => type === Op.WATCH_EVENT));
  assert.equal(
    events[0]?.map(({ payload }) => payload),
    ["data\0t\0", "data/a\0t\0", "data/b\0t\0"],
  );
  assert.is(events[1]?.length, 10, "who has less keeps it");
});

test("an event that is given up is told after a live update, too", () => {
  const world = new World({ domains: [1], exchanging: true });
  world.request("1", "WATCH data|t|");
  const ring = world.fake("1");
  ring.room = 0;
  for (let i = 0; i < 100; i++) world.request("0", `WRITE /local/domain/1/data/${i}|`);
  squeeze(world, 2);
  world.request("0", "READ /|");
  ring.output.length = 0;
  ring.room = 1000;
  world.event(0, "1");
  assert.equal(
    ring.output.map(({ payload }) => payload),
    ["data\0t\0"],
  );
});

test("an event that is given up after a reconnection is told after a failure, too", () => {
  const world = new World({ domains: [1] });
  const ring = world.fake("1");
  for (let life = 0; life < 2; life++) {
    ring.room = 1000;
    world.request("1", "WATCH data|t|");
    ring.room = 0;
    for (let i = 0; i < 100; i++) world.request("0", `WRITE /local/domain/1/data/${life}/${i}|`);
    squeeze(world, 2);
    if (life === 0) world.request("0", "INTRODUCE 1|1|1|");
  }
  world.recover();
  ring.output.length = 0;
  ring.room = 1000;
  world.event(0, "1");
  assert.equal(
    ring.output.map(({ payload }) => payload),
    ["data\0t\0"],
  );
});

test("an event for a watch that is gone meanwhile is not told", () => {
  const world = new World({ domains: [1] });
  for (const token of ["a", "b"]) world.request("1", `WATCH data|${token}|`);
  const ring = world.fake("1");
  ring.room = 0;
  for (let i = 0; i < 100; i++) world.request("0", `WRITE /local/domain/1/data/${i}|`);
  squeeze(world, 2);
  ring.room = 0;
  world.put("1", "UNWATCH data|a|");
  world.settle();
  ring.room = 1000;
  world.event(0, "1");
  assert.equal(
    ring.output.filter(({ type }) => type === Op.WATCH_EVENT).map(({ payload }) => payload),
    ["data\0b\0"],
  );
});

test("a transaction of the usual size ends, however long memory is scarce", () => {
  const world = new World({ domains: [1] });
  look(world, "1.t", 10);
  for (let turn = 0; turn < 20; turn++) squeeze(world, 20);
  world.request("1.t", "WRITE data/state|4");
  assert.is(world.request("1.t", "TRANSACTION_END T|").reply, "OK|");
});

test("where a sweep finds no memory, the transaction gives way that needs it, however little it holds", () => {
  const world = new World();
  for (let n = 0; n < 5; n++) world.request("0", `WRITE /big/${n}|v`);
  world.request("0.t", "TRANSACTION_START |");
  assert.is(world.request("0.t", "READ /big/1|").reply, "v");
  const { removed } = History.prototype;
  let failed = 0;
  // The removal itself is noted; what the sweep needs is not.
  History.prototype.removed = function (path, ...rest) {
    if (path === "/big") return removed.call(this, path, ...rest);
    failed++;
    throw new Error("out of memory");
  };
  world.host.full = true;
  assert.is(world.request("0", "RM /big|").reply, "OK|");
  for (let n = 0; n < 5; n++) world.program.turn(0);
  world.host.full = false;
  History.prototype.removed = removed;
  world.clear();
  assert.is(world.failures, 0);
  assert.is(failed, 1);
  assert.is(world.request("0.t", "READ /big/1|").reply, "!EAGAIN");
  assert.is(world.request("0", "CONTROL check|").reply, "OK|");
});

test("last go old transactions of privileged clients", () => {
  const world = new World({ domains: [1], memory: 100_000_000 });
  world.request("0.old", "TRANSACTION_START |");
  world.request("0.old", "READ /local|");
  for (let i = 0; i < OLD_SNAPSHOT; i++) world.put("0", `WRITE /n/${i % 100}|${i}`);
  world.settle();
  world.clear();
  squeeze(world, 10);
  assert.is(world.request("0.old", "READ /local|").reply, "", "a young one stays");
  for (let second = 0; second < 2; second++) {
    world.host.clock += SNAPSHOT_YOUNG;
    world.request("0", `WRITE /second|${second}`);
  }
  world.request("0.new", "TRANSACTION_START |");
  world.request("0.new", "WRITE /mine|x");
  squeeze(world, 10);
  assert.is(world.request("0.old", "READ /local|").reply, "!EAGAIN");
  assert.is(world.request("0.new", "TRANSACTION_END T|").reply, "OK|");
});

test("what guests change beside a privileged client's transaction takes it away neither young nor old, but for need", () => {
  const world = new World({ domains: [1], memory: 100_000_000 });
  world.request("0.t", "TRANSACTION_START |");
  world.request("0.t", "READ /local|");
  const write = (): void => {
    for (let i = 0; i < OLD_SNAPSHOT; i++) world.put("1", `WRITE data/${i % 100}|${i}`);
    world.settle();
    world.clear();
  };
  write();
  squeeze(world, 10);
  assert.is(world.request("0.t", "READ /local|").reply, "");
  for (let second = 0; second < 2; second++) {
    world.host.clock += SNAPSHOT_YOUNG;
    write();
  }
  squeeze(world, 10);
  assert.is(world.request("0.t", "READ /local|").reply, "");
  world.host.critical = 10;
  squeeze(world, 10);
  assert.is(world.request("0.t", "READ /local|").reply, "!EAGAIN");
});

test("the host knows who holds little", () => {
  const world = new World({ domains: [1, 2], memory: 640_000 });
  look(world, "1.t", 100);
  squeeze(world, 1);
  assert.equal([...world.host.greedy], [world.link("1")]);
  assert.is(world.request("1.t", "TRANSACTION_END F|").reply, "OK|");
  for (let turn = 0; turn < 16; turn++) squeeze(world, 1);
  assert.equal([...world.host.greedy], []);
});

test("while memory is scarce, nothing is kept for a guest that does not read", () => {
  const world = new World({ domains: [1] });
  world.request("1", "WATCH data|t|");
  const ring = world.fake("1");
  ring.room = 0;
  world.host.scarce = 1_000_000;
  for (let i = 0; i < 50; i++) world.request("0", `WRITE /local/domain/1/data/${i}|`);
  assert.is(world.request("0", `READ /tool/xenstored/connection/${world.link("1")}/queue|`).reply, "0");
  world.host.scarce = 0;
  ring.room = 1000;
  world.event(0, "1");
  assert.is(ring.output.length, 1);
});

/** Memory is scarce and nothing else can be had: privileged clients are next. */
function end(world: World, turns = 2): void {
  for (let turn = 0; turn < turns; turn++) {
    world.host.critical = 1;
    squeeze(world, 2);
    // Who has not read for a second does not read.
    world.host.clock += 1000;
  }
}

test("where memory has ended, who leaves most of its replies unread is cut off, and may begin anew", () => {
  const world = new World({ domains: [1, 2, 3] });
  world.request("0", `WRITE /local/domain/1/data/large|${"v".repeat(2000)}|`);
  world.request("0", `WRITE /local/domain/2/data/large|${"v".repeat(1000)}|`);
  for (const who of ["1", "2"]) world.fake(who).room = 0;
  for (let i = 0; i < 4; i++) world.put("1", "READ data/large|");
  world.put("2", "READ data/large|");
  world.settle();
  squeeze(world, 2);
  assert.is(world.fake("1").broken, false, "scarce memory alone cuts nobody off");
  end(world);
  assert.is(world.fake("1").broken, true);
  assert.is(world.fake("2").broken, false, "who has one reply to read keeps it");
  end(world);
  assert.is(world.fake("2").broken, false);
  assert.ok(world.host.lines.some((line) => line.startsWith("memory has ended: domain 1 is cut off")));
  assert.is(world.request("3", "READ data|").reply, "");
  world.fake("2").room = 1000;
  world.event(0, "2");
  assert.is(world.fake("2").output.length, 1);
  world.clear();
  assert.is(world.request("0", "INTRODUCE 1|1|1|").reply, "OK|");
  world.clear();
  world.fake("1").room = 1000;
  assert.is(world.request("1", "READ data|").reply, "");
  assert.is(world.request("0", "CONTROL check|").reply, "OK|");
});

test("who has read within the last second is not cut off, however much waits for it", () => {
  const world = new World({ domains: [1] });
  const ring = world.fake("1");
  world.request("0", `WRITE /local/domain/1/data/large|${"v".repeat(2000)}|`);
  ring.room = 0;
  for (let i = 0; i < 8; i++) world.put("1", "READ data/large|");
  world.settle();
  for (let second = 0; second < 5; second++) {
    ring.reads++;
    end(world, 1);
    assert.is(ring.broken, false, `second ${second}`);
  }
  end(world, 1);
  assert.is(ring.broken, true);
});

test("a program that cannot begin anew for want of memory cuts off who leaves replies unread", () => {
  const world = new World({ domains: [1, 2] });
  world.fake("1").room = 0;
  world.put("1", "READ data|");
  world.settle();
  world.recover(Shed.events);
  assert.is(world.fake("1").broken, false);
  world.recover(Shed.clients);
  assert.is(world.fake("1").broken, true);
  assert.is(world.request("2", "READ data|").reply, "");
  assert.is(world.request("0", "CONTROL check|").reply, "OK|");
});

run();
