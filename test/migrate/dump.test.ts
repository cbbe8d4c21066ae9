import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("a state in pieces");

const ask = (world: World, who: string, command: string): string => world.request(who, `CONTROL ${command}|`).reply;

test("it is the state of when it was asked for, until it is let go of", () => {
  const world = new World();
  world.request("0", "WRITE /before|1");
  const size = Number(ask(world, "0", "dump|-b").slice(0, -1));
  world.request("0", "WRITE /after|1");
  let text = "";
  for (;;) {
    const piece = ask(world, "0", `dump|-o|${text.length}`).slice(0, -1);
    if (piece === "") break;
    text += piece;
  }
  assert.is(text.length, size);
  assert.match(text, /\/before/);
  assert.not.match(text, /\/after/);
  assert.is(ask(world, "0", "dump|-e"), "OK|");
  assert.is(ask(world, "0", "dump|-o|0"), "|");
  for (const wrong of ["dump", "dump|", "dump|-o|x", "dump|-b|1", "dump|a|b"])
    assert.is(ask(world, "0", wrong), "!EINVAL", wrong);
  assert.is(ask(world, "1", "dump|-b"), "!EACCES");
});

test("it goes with the connection that asked for it", () => {
  const world = new World();
  world.connect("s");
  world.connect("t");
  ask(world, "s", "dump|-b");
  world.event(EventKind.broken, "t");
  assert.is.not(ask(world, "0", "dump|-o|0"), "|");
  world.event(EventKind.broken, "s");
  assert.is(ask(world, "0", "dump|-o|0"), "|");
});

/** The second chunk finds no memory. */
function scant(): World {
  const world = new World();
  for (let n = 0; n < 40; n++) world.expectOk("0", `WRITE /large/${n}|${"x".repeat(4000)}`);
  const { update } = world.host;
  const { save } = update;
  let chunks = 0;
  update.save = (chunk): void => {
    if (++chunks === 2) {
      world.host.full = true;
      throw new Error("out of memory");
    }
    save.call(update, chunk);
  };
  return world;
}

test("where memory ends nothing of a state stays, and that is what is said", () => {
  for (const what of ["dump|/file", "dump|-b", "tree"]) {
    const world = scant();
    if (what === "tree") {
      world.host.pending.push([EventKind.tree, 0]);
      world.settle();
      assert.ok(world.host.lines.includes("/tree: no memory"));
    } else {
      assert.is(ask(world, "0", what), "!ENOMEM");
    }
    world.host.full = false;
    assert.is(world.host.insight.failures, 0, "it is no bug");
    assert.equal(world.host.update.chunks, []);
    assert.is(ask(world, "0", "dump|-o|0"), "|");
    assert.is(ask(world, "0", "memreport|/report"), "OK|");
    assert.match(world.host.update.files.get("/report") ?? "", /^nodes: /);
  }
});

test("a report or a tree that finds no memory leaves what another fetches", () => {
  for (const what of ["report", "tree"]) {
    const world = new World();
    world.connect("s");
    assert.match(ask(world, "s", "dump|-b"), /^[0-9]+\|$/);
    const before = ask(world, "s", "dump|-o|0");
    world.host.update.save = (): void => {
      world.host.full = true;
      throw new Error("out of memory");
    };
    if (what === "report") {
      assert.is(ask(world, "0", "memreport|/report"), "!ENOMEM");
    } else {
      world.host.pending.push([EventKind.tree, 0]);
      world.settle();
    }
    world.host.full = false;
    assert.is(ask(world, "s", "dump|-o|0"), before);
  }
});

run();
