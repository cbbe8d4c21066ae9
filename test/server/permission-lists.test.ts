import * as assert from "uvu/assert";
import { say } from "../support/contention.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("permission lists of requests");

function lists(world: World): string {
  world.clear();
  return say(world, "0", "READ /tool/xenstored/memory/permission-lists|");
}

function begin(world: World, who: string): string {
  world.clear();
  return `${who}.${Number.parseInt(say(world, who, "TRANSACTION_START |"), 10)}`;
}

/** Domain 2 has the rights of domain 1. */
function withTarget(quota = 0): World {
  const world = new World({ domains: [1, 2] });
  assert.is(say(world, "0", "SET_TARGET 2|1|"), "OK|");
  assert.is(say(world, "1", "WRITE data/p|"), "OK|");
  assert.is(say(world, "0", `SET_QUOTA 1|memory|${quota}|`), "OK|");
  return world;
}

test("a commit leaves no list that nothing refers to", () => {
  const world = withTarget();
  const p = "/local/domain/1/data/p";
  const before = lists(world);
  for (let n = 0; n < 20; n++) {
    const t = begin(world, "2");
    assert.is(say(world, t, `SET_PERMS ${p}|n1|r${1000 + n}|`), "OK|");
    assert.is(say(world, t, `MKDIR ${p}/x${n}|`), "OK|");
    assert.is(say(world, t, `SET_PERMS ${p}|n1|`), "OK|");
    assert.is(say(world, t, `RM ${p}/x${n}|`), "OK|");
    assert.is(say(world, t, "TRANSACTION_END T|"), "OK|");
  }
  assert.is(lists(world), before);
  assert.is(say(world, "0", "CONTROL check|"), "OK|");
});

test("a request that fails after it made a list leaves none", () => {
  const world = withTarget();
  const before = lists(world);
  const changes = world.host.journal.changes;
  world.host.journal.changes = () => {
    throw new Error("out of memory");
  };
  world.host.full = true;
  assert.is(say(world, "1", "SET_PERMS data/p|n1|r7|w9|"), "!ENOMEM");
  world.host.journal.changes = changes;
  world.host.full = false;
  assert.is(lists(world), before);
  assert.is(say(world, "0", "CONTROL check|"), "OK|");
});

test("who sets lists of a node of its target pays with the target's quota, in a transaction as well", () => {
  const world = withTarget(100_000);
  const t = begin(world, "2");
  let made = 0;
  for (; made < 1000; made++) {
    world.clear();
    if (say(world, t, `SET_PERMS /local/domain/1/data/p|n1|r${1000 + made}|`) !== "OK|") break;
  }
  assert.ok(made > 50 && made < 200, `${made} lists`);
  assert.is(say(world, t, "TRANSACTION_END F|"), "OK|");
  assert.is(say(world, "1", "WRITE data/q|"), "OK|");
});

test("a domain that could not be noted is not known, and a later one gets none of its rights", () => {
  const world = new World({ domains: [1] });
  world.exist(5);
  const { keep } = world.host.journal;
  world.host.journal.keep = () => {
    throw new Error("out of memory");
  };
  world.host.full = true;
  assert.is(say(world, "1", "SET_PERMS data|n1|r5|"), "!ENOMEM");
  world.host.journal.keep = keep;
  world.host.full = false;
  assert.is(say(world, "1", "SET_PERMS data|n1|r5|"), "OK|");
  world.recover();
  world.kill(5);
  world.clear();
  assert.is(say(world, "1", "GET_PERMS data|"), "n1|");
});

run();
