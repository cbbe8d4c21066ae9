import * as assert from "uvu/assert";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, rows, run } = group("status as a tree, figures");

function read(world: World, path: string): string {
  return world.request("0", `READ /tool/xenstored/${path}|`).reply;
}

function names(world: World, path: string): string[] {
  return world.request("0", `DIRECTORY /tool/xenstored/${path}|`).reply.split("|").slice(0, -1);
}

/** The status of a domain's connection. */
function connection(world: World, domid: number): (field: string) => string {
  const link = read(world, `domain/${domid}/connection`);
  return (field) => read(world, `connection/${link}/${field}`);
}

test("every name leads to a node, and every leaf has one line", () => {
  const world = new World();
  let leaves = 0;
  const walk = (path: string): void => {
    const below = names(world, path);
    const value = read(world, path);
    assert.not.match(`${path} ${value}`, /undefined|NaN|\[object|\n|^!/);
    if (below.length === 0) leaves++;
    for (const name of below) walk(`${path}/${name}`);
  };
  for (const top of ["version", "uptime", "connection", "domain", "memory", "traffic", "collector", "slow"]) walk(top);
  assert.ok(leaves > 50, `${leaves} leaves`);
});

rows(
  "quotas: now, highest, limit",
  [
    ["1", "WRITE data/a|1"],
    ["1", "WRITE data/b|1"],
    ["1", "RM data/a|"],
    ["0", "READ /tool/xenstored/domain/1/nodes|", "2 3 1000"],
    ["0", "SET_QUOTA 1|nodes|7|"],
    ["0", "READ /tool/xenstored/domain/1/nodes|", "2 3 7"],
    ["0", "READ /tool/xenstored/domain/2/nodes|", "1 1 1000"],
    ["1", "WATCH data|t|", "OK|", "1 data|t|"],
    ["0", "READ /tool/xenstored/domain/1/watches|", "1 1 128"],
    ["1.t", "TRANSACTION_START |", "*"],
    ["1.t", "READ data|", ""],
    ["0", "READ /tool/xenstored/domain/1/transactions|", "1 1 10"],
    ["0", "READ /tool/xenstored/domain/1/transaction-nodes|", "1 1 1024"],
    ["0", "READ /tool/xenstored/domain/1/node-permissions|", "- 0 5"],
  ],
  { steady: true },
);

rows("who may list the place sees what is real in it", [
  ["0", "SET_PERMS /tool/xenstored|n0|r1|"],
  ["1", "DIRECTORY /tool/xenstored|", ""],
  ["1", "READ /tool/xenstored/version|", "!EACCES"],
  ["1", "READ /tool/xenstored/else|", "!ENOENT"],
  ["1", "READ /tool/xenstored/memory/nothing|", "!EACCES"],
  ["1", "READ /tool/xenstored/domain/77/nodes|", "!EACCES"],
  ["1", "READ /tool/xenstored/domain/1//nodes|", "!EINVAL"],
]);

test("a connection's figures are those of what it did", () => {
  const world = new World();
  const status = connection(world, 1);
  const before = Number(status("requests"));
  world.request("1", "WATCH data|t|");
  world.request("1.t", "TRANSACTION_START |");
  world.request("1", "WRITE data|2");
  world.host.clock += 70;
  assert.is(Number(status("requests")) - before, 3);
  assert.is(status("events"), "2");
  assert.is(status("last-request"), "WRITE");
  assert.is(status("idle-ms"), "70");
  assert.is(status("transactions"), "1");
  assert.is(status("watches"), "1");
  assert.is(status("kind"), "ring");
  assert.is(status("domain"), "1");
  assert.is(status("state"), "open");
  world.fake("1").room = 0;
  world.request("0", "WRITE /local/domain/1/data|3");
  assert.is(status("queue"), "1");
  assert.is(read(world, "memory/queue-messages"), "1");
  assert.is(read(world, "memory/queue-bytes"), String(16 + "data\0t\0".length));
});

test("who hinders whom is told", () => {
  const world = new World();
  world.request("0", "SET_PERMS /local/domain/1/data|n1|b2|");
  world.request("1.t", "TRANSACTION_START |");
  world.request("1.t", "READ data|");
  world.request("1.t", "WRITE data/x|1");
  world.request("2", "WRITE /local/domain/1/data|theirs");
  assert.is(world.request("1.t", "TRANSACTION_END T|").reply, "!EAGAIN");
  assert.is(connection(world, 1)("conflicts-suffered"), "1");
  assert.is(connection(world, 1)("hindered-by"), "2");
  assert.is(connection(world, 2)("conflicts-caused"), "1");
  assert.is(connection(world, 2)("hindered-by"), "");
  world.exchange();
  assert.is(connection(world, 1)("hindered-by"), "2", "also for who takes over");
  assert.is(connection(world, 2)("conflicts-caused"), "1");
});

test("what the host counts is told under its names", () => {
  const world = new World();
  assert.is(read(world, "version"), "test");
  world.host.clock = 12_500;
  assert.is(read(world, "uptime"), "12");
  assert.is(read(world, "memory/engine-bytes"), "1000");
  assert.equal(names(world, "collector"), ["runs", "last-ms"]);
  assert.is(read(world, "recoveries"), "3");
  assert.equal(names(world, "outage"), ["programs", "wholes", "takeovers", "last", "reason", "last-ms"]);
  assert.is(read(world, "outage/wholes"), "1");
  assert.is(`${read(world, "outage/last")}, ${read(world, "outage/reason")}`, "whole, live update");
  assert.is(read(world, "outage/last-ms"), "31.5");
  assert.not(names(world, "memory").some((name) => /recoveries|outage|collector|traffic/.test(name)));
  assert.is(read(world, "collector/last-ms"), "1.3");
  assert.is(read(world, "slow/count"), "0");
  const at = world.host.wallClock() - 5;
  world.host.insight.slowOnes.push({ link: 3, domid: 2, type: 2, milliseconds: 12.34, at, payload: "/a/b\0" });
  assert.is(read(world, "slow/1"), "12.3 ms, 5 s ago, domain 2, connection 3: READ /a/b");
  world.host.insight.slowOnes.push({ link: 3, domid: 2, type: 11, milliseconds: 20, at, payload: "/a/b\0secret" });
  assert.match(read(world, "slow/2"), /: READ \/a\/b$/);
  assert.match(read(world, "slow/1"), /: WRITE \/a\/b <6 bytes>$/);
});

test("a guest sees its connection, and causes nothing else to be counted", () => {
  const world = new World();
  const link = read(world, "domain/1/connection");
  const other = read(world, "domain/2/connection");
  assert.is(world.request("1", `READ /tool/xenstored/connection/${link}/domain|`).reply, "1");
  assert.is(world.request("1", `READ /tool/xenstored/connection/${other}/domain|`).reply, "!EACCES");
  let asked = 0;
  const { insight } = world.host;
  const figures = insight.metrics.bind(insight);
  insight.metrics = () => {
    asked++;
    return figures();
  };
  assert.is(world.request("1", "READ /tool/xenstored/memory/engine-bytes|").reply, "!EACCES");
  assert.is(asked, 0);
  assert.is(world.request("0", "READ /tool/xenstored/memory/engine-bytes|").reply, "1000");
  assert.is(asked, 1);
});

test("more domains than one message lists", () => {
  const world = new World({ domains: Array.from({ length: 1100 }, (_, i) => i + 1) });
  assert.is(world.request("0", "DIRECTORY /tool/xenstored/domain|").reply, "!E2BIG");
  const found: string[] = [];
  let version = "";
  for (let from = 0; ; ) {
    const { reply } = world.request("0", `DIRECTORY_PART /tool/xenstored/domain|${from}|`);
    const [head, ...parts] = reply.split("|");
    if (version !== "") assert.is(head, version);
    version = head as string;
    const last = reply.endsWith("||");
    const whole = parts.slice(0, last ? -2 : -1);
    found.push(...whole);
    from += whole.join("|").length + 1;
    if (last) break;
  }
  assert.is(found.length, 1101);
  assert.is(new Set(found).size, 1101);
  world.kill(7);
  assert.is.not(world.request("0", "DIRECTORY_PART /tool/xenstored/domain|0|").reply.split("|")[0], version);
});

run();
