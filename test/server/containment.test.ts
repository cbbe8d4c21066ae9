import * as assert from "uvu/assert";
import { Shed } from "../../src/host.ts";
import { Connection } from "../../src/server/connection.ts";
import { History } from "../../src/store/history.ts";
import { Owners } from "../../src/store/owners.ts";
import { PermsTable } from "../../src/store/perms-table.ts";
import { Tree } from "../../src/store/tree.ts";
import { WatchIndex } from "../../src/store/watch.ts";
import { Op } from "../../src/wire/ops.ts";
import type { FakeLink } from "../support/link.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("containment");

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Where an allocation can fail in the midst of a change. */
const places: [object, string][] = [
  [Map.prototype, "set"],
  [Tree.prototype, "create"],
  [Tree.prototype, "note"],
  [Owners.prototype, "add"],
  [PermsTable.prototype, "intern"],
  [WatchIndex.prototype, "matches"],
  [WatchIndex.prototype, "appear"],
  [History.prototype, "push"],
];

/** Makes the n-th call of any of these throw, as an allocation that fails would. */
function failing<T>(n: number, body: () => T): T {
  let left = n;
  const undo = places.map(([of, name]) => {
    const real = Reflect.get(of, name) as Method;
    const call: Method = function (...args) {
      if (left-- === 0) throw new RangeError("injected");
      return real.apply(this, args);
    };
    Reflect.set(of, name, call);
    return () => Reflect.set(of, name, real);
  });
  try {
    return body();
  } finally {
    for (const put of undo) put();
  }
}

test("a request that throws is EIO, and the store is as it was", () => {
  const requests = [
    "WRITE /x/y/z|1",
    "MKDIR /x|",
    "RM /local/domain/1|",
    "SET_PERMS /local|n1|r2|w0|",
    "WRITE /local/new|",
  ];
  for (const request of requests) {
    for (const inside of [false, true]) {
      let thrown = 0;
      for (let n = 0; n < 24; n++) {
        const world = new World();
        world.request("0.t", "TRANSACTION_START |");
        world.request("0.t", "READ /local/domain/1/data|");
        if (!inside) world.request("0.t", "TRANSACTION_END F|");
        world.request("0", "WATCH /|w|");
        const before = world.dump();
        const { reply, events } = failing(n, () => world.request("0", request));
        if (reply === "OK|") continue;
        thrown++;
        assert.is(reply, "!EIO", `${request}, failure ${n}`);
        assert.equal(events, [], "no events of what did not happen");
        assert.equal(world.dump(), before, `${request}, failure ${n}`);
        assert.is(world.request("0", "CONTROL check|").reply, "OK|");
        assert.ok(
          world.host.lines.some((l) => l.includes("injected") && l.includes("\n")),
          "the log has the stack",
        );
        assert.is(world.request("0", request).reply, "OK|", "and it works the next time");
      }
      assert.ok(thrown > 0, `${request} never failed`);
    }
  }
});

test("a request that found no memory is ENOMEM", () => {
  const world = new World();
  world.host.full = true;
  const { reply, events } = failing(0, () => world.request("0", "WRITE /x/y|1"));
  assert.is(reply, "!ENOMEM");
  assert.equal(events, []);
  assert.is(world.request("0", "READ /x|").reply, "!ENOENT");
});

test("the end of memory is told of once, however often somebody meets it", () => {
  const world = new World();
  world.host.full = true;
  for (let n = 0; n < 50; n++) failing(0, () => world.request("1", `WRITE data/${n}|1`));
  assert.equal(
    world.host.lines.filter((line) => line.includes("memory")),
    ["WRITE of domain 1: out of memory"],
  );
});

test("a commit that throws half way leaves nothing, and the transaction is gone", () => {
  let thrown = 0;
  for (let n = 0; n < 40; n++) {
    const world = new World();
    world.request("0", "WRITE /gone/deep|1");
    world.request("0", "WATCH /gone/deep|w|");
    world.request("0.o", "TRANSACTION_START |");
    world.request("0.t", "TRANSACTION_START |");
    world.request("0.t", "WRITE /a/b|1");
    world.request("0.t", "RM /gone|");
    world.request("0.t", "WRITE /gone/again|1");
    world.request("0.t", "SET_PERMS /local|n1|");
    const before = world.dump();
    const { reply } = failing(n, () => world.request("0.t", "TRANSACTION_END T|"));
    if (reply === "OK|") continue;
    assert.equal(world.dump(), before);
    // Thrown where nobody catches it: the program starts anew, without transactions.
    if (world.failures > 0) {
      assert.is(reply, "!EAGAIN");
      continue;
    }
    thrown++;
    assert.is(reply, "!EIO");
    assert.is(world.request("0", "CONTROL check|").reply, "OK|");
    assert.is(world.request("0.2", "READ /|").reply, "!ENOENT");
    assert.equal(world.request("0", "WRITE /gone/deep|2").events, ["0 /gone/deep|w|"]);
    assert.is(world.request("0.o", "READ /gone/deep|").reply, "1", "the other snapshot still stands");
  }
  assert.ok(thrown > 3);
});

test("a value refused for its size leaves the old one", () => {
  const world = new World({ args: ["-S", "100"] });
  world.request("1", "WRITE data/v|old");
  assert.is(world.request("1", `WRITE data/v|${"x".repeat(200)}`).reply, "!ENOSPC");
  assert.is(world.request("1", "READ data/v|").reply, "old");
});

test("what throws once where nobody catches it is done again, and nothing twice", () => {
  const world = new World();
  world.request("1", "WATCH data|t|");
  let left = 1;
  world.host.onSend = (_, type) => {
    if (type === 15 && left-- > 0) throw new Error("once");
  };
  const { reply, events } = world.request("0", "WRITE /local/domain/1/data/x|1");
  assert.is(reply, "OK|");
  assert.equal(events, ["1 data/x|t|"]);
  assert.is(world.failures, 1);
});

test("what throws each time is refused, and done by nobody", () => {
  const world = new World();
  world.request("1", "WATCH data|t|");
  world.host.onSend = (_, type) => {
    if (type === 15) throw new Error("again");
  };
  const { reply, events } = world.request("2", "WRITE data/x|1");
  assert.is(reply, "OK|", "that is nobody's business");
  assert.equal(events, []);
  assert.is(world.request("0", "WRITE /local/domain/1/data/x|1").reply, "!EIO");
  assert.is(world.failures, 2);
  world.host.onSend = null;
  assert.is(world.request("0", "READ /local/domain/1/data/x|").reply, "!ENOENT");
  assert.equal(world.request("1", "WRITE data/y|1").events, ["1 data/y|t|"]);
});

test("a guest whose message makes the program fail is not read for a while", () => {
  const world = new World();
  world.request("2", "WATCH data|t|");
  world.host.onSend = (_, type) => {
    if (type === 15) throw new Error("again");
  };
  assert.is(world.request("2", "WRITE data/x|1").reply, "!EIO");
  world.host.onSend = null;
  world.put("2", "READ data|");
  world.settle();
  assert.equal(world.fake("2").output, []);
  assert.ok(world.wait > 1000, `${world.wait} ms`);
  world.host.clock += world.wait;
  world.settle();
  assert.is(world.fake("2").output.length, 1);
});

test("where memory ends at each new start, events that guests do not read are given up for one of each watch", () => {
  const world = new World({ domains: [1, 2, 3] });
  world.connect("s");
  for (const who of ["1", "2", "3", "0"]) world.request(who, `WATCH ${who === "3" ? "/few" : "/many"}|t|`);
  for (const path of ["/many", "/few"]) {
    world.request("s", `WRITE ${path}|`);
    world.request("s", `SET_PERMS ${path}|b0|`);
  }
  const rings = ["0", "1", "2", "3"].map((who) => world.fake(who));
  for (const ring of rings) {
    ring.room = 0;
    ring.output = [];
  }
  for (let i = 0; i < 40; i++) world.request("s", `WRITE /many/n${i}|x`);
  for (let i = 0; i < 5; i++) world.request("s", `WRITE /few/n${i}|x`);
  const before = world.dump();
  world.recover(Shed.events);
  assert.equal(world.dump(), before, "no node is lost");
  // Failed once more, it is still known.
  world.recover();
  for (const ring of rings) ring.room = Number.POSITIVE_INFINITY;
  for (const who of ["0", "1", "2", "3"]) world.event(0, who);
  const events = (n: number): string[] =>
    (rings[n] as FakeLink).output.filter(({ type }) => type === Op.WATCH_EVENT).map(({ payload }) => payload);
  assert.is(events(0).length, 40, "who is privileged loses nothing");
  assert.equal([1, 2, 3].map(events), [["/many\0t\0"], ["/many\0t\0"], ["/few\0t\0"]]);
  world.clear();
  assert.is(world.request("s", "CONTROL check|").reply, "OK|");
  assert.equal(world.request("s", "WRITE /many/again|x").events.length, 3, "they are told of what comes later");
});

test("a reply for which there is no memory cuts its client off, and nobody else", () => {
  const world = new World();
  const ring = world.fake("1");
  ring.room = 0;
  world.host.full = true;
  const { keep } = Connection.prototype as unknown as { keep: () => void };
  (Connection.prototype as unknown as { keep: () => void }).keep = () => {
    throw new Error("no memory for a reply");
  };
  world.put("1", "WRITE data|x");
  world.put("2", "WRITE data|y");
  world.settle();
  (Connection.prototype as unknown as { keep: () => void }).keep = keep;
  world.host.full = false;
  world.clear();
  assert.is(world.request("0", "READ /local/domain/2/data|").reply, "y");
  assert.is(world.request("0", "READ /local/domain/1/data|").reply, "x", "it was done");
  assert.ok(world.host.lines.some((line) => line.includes("out of memory for a reply to domain 1")));
  assert.is(world.request("0", "INTRODUCE 1|1|1|").reply, "OK|");
  world.fake("1").room = Number.POSITIVE_INFINITY;
  assert.is(world.request("1", "READ data|").reply, "x");
});

test("an event for which there is no memory does not stop the others", () => {
  const world = new World();
  world.host.full = true;
  for (let i = 0; i < 20; i++) world.request("1", `WATCH data|t${i}|`);
  world.host.onSend = (link, type) => {
    if (type === 15 && link === world.link("1")) throw new Error("no memory for an event");
  };
  world.put("0", "WRITE /local/domain/1/data|x");
  world.settle();
  world.host.onSend = null;
  world.clear();
  assert.ok(world.host.lines.filter((line) => line.includes("an event for domain 1")).length <= 1, "a line for each");
  assert.is(world.request("0", "READ /local/domain/1/data|").reply, "x");
  assert.is(world.request("2", "READ data|").reply, "");
});

for (const request of ["RELEASE 1|", "INTRODUCE 2|1|1|"])
  test(`${request.split(" ")[0]} that throws in its midst ends the program, and the next one finds all as it was`, () => {
    let ended = 0;
    for (let n = 0; n < 24; n++) {
      const world = new World({ domains: [1] });
      world.request("1", "WRITE data/x|1");
      world.host.setState(2, 1, "u2");
      world.settle();
      for (const name of ["release", "introduce"]) world.request("0", `WATCH @${name}Domain|t|`);
      // Served again by the next program: it would find no domain, or two links, if anything had stayed.
      let done = failing(n, () => world.request("0", request));
      ended += world.failures;
      if (world.failures === 0 && done.reply !== "OK|") done = world.request("0", request);
      assert.is(done.reply, "OK|");
      assert.is(done.events.filter((event) => event.startsWith("0 @")).length, 1, "who waits for that is told");
      assert.is(world.request("0", "CONTROL check|").reply, "OK|");
    }
    assert.ok(ended > 0);
  });

run();
