import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { World } from "../support/host.ts";
import { group } from "../support/rows.ts";

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

run();
