import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("bounds");

function check(world: World): void {
  assert.is(world.request("0", "CONTROL check|").reply, "OK|");
}

test("a path of a thousand components (XSA-418)", () => {
  const world = new World({ domains: [] });
  const path = "/a".repeat(1000);
  assert.is(world.request("0", `WRITE ${path}|deep`).reply, "OK|");
  world.request("0", `WATCH ${path}|w|`);
  assert.is(world.request("0", `READ ${path}|`).reply, "deep");
  world.request("0.t", "TRANSACTION_START |");
  assert.is(world.request("0.t", `READ ${path}|`).reply, "deep");
  assert.is(world.request("0.t", `WRITE ${path}/b|x`).reply, "OK|");
  assert.is(world.request("0.t", "TRANSACTION_END T|").reply, "OK|");
  assert.equal(world.request("0", "RM /a|").events, [`0 ${path}|w|`]);
  assert.is(world.request("0", `READ ${path}|`).reply, "!ENOENT");
  check(world);
});

test("INTRODUCE of a domain whose death was told already leaves no ring that nobody would take away", () => {
  const world = new World({ domains: [] });
  assert.is(world.request("0", "INTRODUCE 7|1|7|").reply, "!EINVAL");
  assert.is(world.host.links.filter((link) => link !== null && link.domid === 7).length, 0);
  assert.is(world.request("0", "IS_DOMAIN_INTRODUCED 7|").reply, "F|");
  world.exist(7);
  assert.is(world.request("0", "INTRODUCE 7|1|7|").reply, "OK|");
});

test("a large subtree goes at once for everybody, and from memory in slices", () => {
  const world = new World({ domains: [] });
  for (let i = 0; i < 10_000; i++) world.request("0", `WRITE /big/d${i % 100}/n${i}|v`);
  world.request("0", "WRITE /big/d7/n7/watched|");
  world.request("0", "WATCH /big/d7/n7/watched|w|");
  world.request("0.t", "TRANSACTION_START |");
  world.put("0", "RM /big|");
  world.put("0", "READ /big/d99/n9999|");
  world.put("0", "DIRECTORY /|");
  world.put("0", "WRITE /big/d50/n50|again");
  world.put("0", "READ /big/d50/n150|");
  world.put("0", "DIRECTORY /big/d50|");
  world.settle();
  const replies = world.fake("0").output.map((m) => m.payload);
  assert.equal(replies, ["/big/d7/n7/watched\0w\0", "OK\0", "ENOENT\0", "tool\0", "OK\0", "ENOENT\0", "n50\0"]);
  world.clear();
  check(world);
  assert.is(world.request("0.t", "READ /big/d99/n9999|").reply, "v", "the snapshot still has it");
  assert.is(world.request("0.t", "READ /big/d50/n50|").reply, "v");
  assert.is(world.request("0.t", "DIRECTORY /big|").reply.split("|").length, 101);
  assert.is(world.request("0.t", "TRANSACTION_END T|").reply, "OK|");
  check(world);
  assert.is(world.request("0", "DIRECTORY /big|").reply, "d50|");
});

test("the listing of a large directory that changed and then went", () => {
  const world = new World({ domains: [] });
  const name = (i: number): string => `a-child-with-a-long-name-${i}`;
  for (let i = 0; i < 200; i++) world.request("0", `WRITE /big/${name(i)}|v`);
  world.request("0.t", "TRANSACTION_START |");
  world.request("0", `RM /big/${name(7)}|`);
  world.request("0", `WRITE /big/${name(7)}|again`);
  world.request("0", "RM /big|");
  for (let i = 0; i < 300; i++) world.request("0", `WRITE /other/${i}|v`);
  let names = "";
  for (let part = ""; part !== "|"; ) {
    part = world.request("0.t", `DIRECTORY_PART /big|${names.length}|`).reply.replace(/^\d+\|/, "");
    names += part;
    if (names.endsWith("||")) break;
  }
  assert.is(names, `${Array.from({ length: 200 }, (_, i) => `${name(i)}|`).join("")}|`);
  check(world);
});

test("snapshots of a subtree that is being swept, and made again while it is", () => {
  const world = new World({ domains: [] });
  for (let i = 0; i < 9000; i++) world.request("0", `WRITE /s/n${i}|${i}`);
  world.request("0.t", "TRANSACTION_START |");
  world.put("0", "RM /s|");
  world.put("0", "WRITE /s/n8999|new");
  world.put("0.t", "READ /s/n8999|");
  world.put("0.t", "READ /s/n5|");
  world.put("0.t", "READ /s/n8998|");
  world.put("0", "READ /s/n8998|");
  world.put("0", "RM /s|");
  world.put("0", "READ /s/n8999|");
  world.settle();
  assert.equal(
    world.fake("0").output.map((m) => m.payload),
    ["OK\0", "OK\0", "8999", "5", "8998", "ENOENT\0", "OK\0", "ENOENT\0"],
  );
  world.clear();
  check(world);
  assert.is(world.request("0.t", "READ /s/n8999|").reply, "8999");
  world.request("0.t", "TRANSACTION_END F|");
  check(world);
});

test("DIRECTORY_PART walks any directory", () => {
  const world = new World({ domains: [] });
  const names: string[] = [];
  for (let i = 0; i < 3000; i++) {
    names.push(`name${i}`);
    world.request("0", `MKDIR /d/name${i}|`);
  }
  assert.is(world.request("0", "DIRECTORY /d|").reply, "!E2BIG");
  let text = "";
  let generation = "";
  for (;;) {
    const { reply } = world.request("0", `DIRECTORY_PART /d|${text.length}|`);
    assert.ok(reply.length <= 4096);
    const bar = reply.indexOf("|");
    if (generation === "") generation = reply.slice(0, bar);
    assert.is(reply.slice(0, bar), generation);
    const rest = reply.slice(bar + 1);
    const end = rest.endsWith("||") || rest === "|";
    text += end ? rest.slice(0, -1) : rest;
    if (end) break;
  }
  assert.equal(text.split("|").slice(0, -1), names);
  world.request("0", "WRITE /d/name7|value");
  assert.ok(
    world.request("0", "DIRECTORY_PART /d|0|").reply.startsWith(`${generation}|`),
    "a child's value is no change",
  );
  world.request("0", "RM /d/name7|");
  assert.not(world.request("0", "DIRECTORY_PART /d|0|").reply.startsWith(`${generation}|`));
});

test("a client that does not read is not read, and loses no reply", () => {
  const world = new World();
  const ring = world.fake("1");
  ring.room = 2;
  for (let i = 0; i < 50; i++) world.put("1", "GET_DOMAIN_PATH 1|");
  world.settle();
  assert.ok(ring.input.length > 20, "requests wait in the ring");
  world.put("2", "READ data|");
  world.settle();
  assert.is(world.fake("2").output.length, 1);
  ring.room = 1000;
  world.event(0, "1");
  assert.is(ring.output.length, 50);
  assert.is(ring.input.length, 0);
});

test("events that wait are not doubled, but special ones are kept", () => {
  const world = new World();
  world.request("0", "WATCH /a|t|");
  world.request("0", "WATCH @introduceDomain|t|");
  const ring = world.fake("0");
  world.connect("s");
  ring.room = 0;
  for (let i = 0; i < 5; i++) world.request("s", "WRITE /a|x");
  world.request("s", "WRITE /a/b|x");
  for (const domid of [4, 5]) {
    world.exist(domid);
    world.request("s", `INTRODUCE ${domid}|1|${domid}|`);
  }
  ring.room = 1000;
  world.event(0, "0");
  assert.equal(
    ring.output.map((m) => m.payload),
    ["/a\0t\0", "/a/b\0t\0", "@introduceDomain\0t\0", "@introduceDomain\0t\0"],
  );
  world.clear();
  assert.equal(world.request("s", "WRITE /a|x").events, ["0 /a|t|"]);
});

test("events for a guest that does not read are given up after 20 seconds for one of each watch, for dom0 never", () => {
  const world = new World();
  world.request("1", "WATCH data|t|");
  world.request("1", "WATCH data/other|o|");
  world.request("0", "WATCH /local/domain/1/data|t|");
  world.connect("s");
  const guest = world.fake("1");
  const dom0 = world.fake("0");
  guest.room = 0;
  dom0.room = 0;
  world.request("s", "WRITE /local/domain/1/data|x");
  assert.is(world.wait, 20_000);
  world.host.clock += 15_000;
  world.request("s", "WRITE /local/domain/1/data/y|x");
  assert.is(world.wait, 5_000);
  world.host.clock += 5_000;
  world.settle();
  world.host.clock += 1_000_000;
  world.settle();
  assert.is(world.wait, -1);
  guest.room = 9;
  dom0.room = 9;
  world.event(0, "1");
  world.event(0, "0");
  assert.equal(
    guest.output.map(({ type, payload }) => [type, payload]),
    [
      [Op.WATCH_EVENT, "data\0t\0"],
      [Op.WATCH_EVENT, "data/other\0o\0"],
    ],
  );
  assert.is(dom0.output.length, 2);
  world.settle();
  world.event(0, "1");
  assert.is(guest.output.length, 2, "once");
});

test("an event longer than a message is dropped (XSA-324)", () => {
  const world = new World({ domains: [] });
  const token = "t".repeat(2000);
  assert.equal(world.request("0", `WATCH /a|${token}|`).events.length, 1);
  assert.equal(world.request("0", `WRITE /a/${"b".repeat(2090)}|`).events.length, 1);
  assert.equal(world.request("0", `WRITE /a/${"b".repeat(2091)}|`).events.length, 1);
  assert.equal(world.request("0", `WRITE /a/${"b".repeat(2092)}|`).events.length, 0);
});

test("turns are shared: a client with a thousand requests does not hold up another", () => {
  const world = new World();
  for (let i = 0; i < 1000; i++) world.put("1", "READ data|");
  world.put("2", "READ data|");
  assert.is(world.program.turn(0), 0, "there is more to do");
  assert.is(world.fake("2").output.length, 1);
  assert.ok(world.fake("1").output.length < 200);
  world.settle();
  assert.is(world.fake("1").output.length, 1000);
});

test("a transaction costs the same however large the store is, and history goes with the last one", () => {
  const world = new World({ domains: [] });
  for (let i = 0; i < 1000; i++) world.request("0", `WRITE /n/${i}|v`);
  world.request("0.t", "TRANSACTION_START |");
  assert.match(world.request("0", "CONTROL memreport|").reply, /history records: 0/);
  for (let i = 0; i < 100; i++) world.request("0", "WRITE /n/5|w");
  assert.match(world.request("0", "CONTROL memreport|").reply, /history records: 1\n/);
  for (let i = 0; i < 100; i++) world.request("0", `WRITE /m/${i}|w`);
  world.request("0.t", "TRANSACTION_END F|");
  assert.match(world.request("0", "CONTROL memreport|").reply, /history records: 0/);
});

test("a snapshot kept open too long for the memory there is is lost, and only its transaction suffers", () => {
  const world = new World({ domains: [], memory: 10_000_000 });
  world.request("0.old", "TRANSACTION_START |");
  world.request("0.old", "WRITE /w|1");
  for (let i = 0; i < 400; i++) {
    for (let k = 0; k < 40; k++) world.put("0", `WRITE /n/${i}/${k}|v`);
    world.settle();
    world.clear();
  }
  assert.is(world.request("0.old", "READ /n|").reply, "!EAGAIN");
  assert.is(world.request("0.old", "TRANSACTION_END T|").reply, "!EAGAIN");
  assert.is(world.request("0", "READ /w|").reply, "!ENOENT");
  assert.is(world.request("0.new", "TRANSACTION_START |").reply, "2|");
});

run();
