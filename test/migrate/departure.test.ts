import * as assert from "uvu/assert";
import { DomainState, EventKind } from "../../src/host.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

/** What a live update to C xenstored waits for. test/socket/takeover.test.ts has a real one. */
const { test, run } = group("a live update to C xenstored");

/** A client has asked for it, with these options. Its reply comes when the host has begun, or when it is refused. */
function asked(options: string): World {
  const world = new World({ domains: [1] });
  for (const who of ["s", "t"]) world.connect(who);
  world.host.update.files.set("/c", "program of C xenstored");
  assert.is(world.request("s", "CONTROL live-update|-f|/c|").reply, "OK|");
  world.clear();
  world.put("s", `CONTROL live-update|-s|${options}`);
  return world;
}

const begun = (world: World): boolean => world.host.update.wanted !== undefined;
const reply = (world: World): string | undefined => world.fake("s").output[0]?.payload;

/** A turn some milliseconds later, without what the host does at its end: it would begin. */
function later(world: World, milliseconds: number): void {
  world.host.clock += milliseconds;
  world.program.turn(0);
}

test("it begins at once where nothing is in its way, with the options that it has too", () => {
  const world = asked("-t|60|");
  later(world, 0);
  assert.equal(world.host.update.wanted, []);
  assert.is(reply(world), undefined);
});

test("it waits for the end of open transactions", () => {
  const world = new World({ domains: [1] });
  world.connect("s");
  world.request("1.t", "TRANSACTION_START |");
  world.host.update.files.set("/c", "program of C xenstored");
  world.request("s", "CONTROL live-update|-f|/c|");
  world.clear();
  world.put("s", "CONTROL live-update|-s|-t|60|");
  later(world, 0);
  later(world, 30_000);
  assert.not(begun(world));
  world.put("1.t", "TRANSACTION_END F|");
  later(world, 10);
  assert.ok(begun(world));
});

for (const [options, text] of [
  ["-t|60|", "Domains that are not introduced yet: 3\0"],
  ["-t|60|-F|", undefined],
] as const)
  test(`it waits for a domain that is being created${text ? "" : ", but with -F not for ever"}`, () => {
    const other = new World({ domains: [1] });
    other.connect("s");
    other.host.setState(3, DomainState.exist, "c");
    other.request("s", "WRITE /vm|");
    other.request("s", "SET_PERMS /vm|n3|");
    other.host.update.files.set("/c", "program of C xenstored");
    other.request("s", "CONTROL live-update|-f|/c|");
    other.clear();
    other.put("s", `CONTROL live-update|-s|${options}`);
    later(other, 0);
    later(other, 59_000);
    assert.not(begun(other));
    later(other, 2000);
    assert.is(begun(other), text === undefined);
    assert.is(reply(other), text);
  });

test("its client may go meanwhile: then it does not begin", () => {
  const world = new World({ domains: [1] });
  world.connect("s");
  world.request("1.t", "TRANSACTION_START |");
  world.host.update.files.set("/c", "program of C xenstored");
  world.request("s", "CONTROL live-update|-f|/c|");
  world.put("s", "CONTROL live-update|-s|-t|60|");
  later(world, 0);
  world.event(EventKind.broken, "s");
  world.settle();
  world.request("1.t", "TRANSACTION_END F|");
  later(world, 10);
  assert.not(begun(world));
  assert.is(world.wait, -1, "there is nothing to do");
});

run();
