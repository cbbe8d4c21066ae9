import * as assert from "uvu/assert";
import { DomainState, EventKind, Origin, Shed } from "../../src/host.ts";
import { start } from "../../src/main.ts";
import { preamble, RecordType, record, u16, u32 } from "../../src/migrate/record.ts";
import { FakeHost } from "../support/host.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

/** What a live update to C xenstored waits for. test/socket/takeover.test.ts has a real one. */
const { test, run } = group("a live update to C xenstored");

/** "s" has asked for it, after `before`. Its reply comes when the host has begun, or when it is refused. */
function asked(options: string, before: (world: World) => void = () => {}): World {
  const world = new World({ domains: [1] });
  world.connect("s");
  before(world);
  world.host.update.files.set("/c", "program of C xenstored");
  assert.is(world.request("s", "CONTROL live-update|-f|/c|").reply, "OK|");
  world.clear();
  world.put("s", `CONTROL live-update|-s|${options}`);
  return world;
}

const opens = (world: World): void => {
  world.request("1.t", "TRANSACTION_START |");
};

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
  const world = asked("-t|60|", opens);
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
    const world = asked(options, (of) => {
      of.host.setState(3, DomainState.exist, "c");
      of.request("s", "WRITE /vm|");
      of.request("s", "SET_PERMS /vm|n3|");
    });
    later(world, 0);
    later(world, 59_000);
    assert.not(begun(world));
    later(world, 2000);
    assert.is(begun(world), text === undefined);
    assert.is(reply(world), text);
  });

test("its client may go meanwhile: then it does not begin", () => {
  const world = asked("-t|60|", opens);
  later(world, 0);
  world.event(EventKind.broken, "s");
  world.settle();
  world.request("1.t", "TRANSACTION_END F|");
  later(world, 10);
  assert.not(begun(world));
  assert.is(world.wait, -1, "there is nothing to do");
});

/** What a program says that is to begin with this state of C xenstored, in a trial. */
function tried(...records: string[]): string {
  const host = new FakeHost();
  const nodes = ["/", "@releaseDomain", "@introduceDomain"].map((path) =>
    record(
      RecordType.node,
      `${u32(0)}${u32(0)}${u16(path.length + 1)}${u16(0)}${u16(0)}${u16(1)}n\0${u16(0)}${path}\0`,
    ),
  );
  host.update.chunks = [preamble(1) + [...nodes, ...records, record(RecordType.end, "")].join("")];
  const begun = start(host, {
    origin: Origin.cXenstored,
    refused: false,
    shed: Shed.nothing,
    ownDomid: 0,
    privDomid: 0,
    privPort: -1,
    ownPort: -1,
    args: [],
    fileArgs: [],
    treeFile: "",
    first: false,
    testing: true,
    strict: true,
  });
  return typeof begun === "string" ? begun : "";
}

test("a state of C xenstored with records that nobody knows is refused", () => {
  assert.is(tried(), "");
  assert.is(tried(record(RecordType.transaction, u32(1) + u32(7))), "");
  assert.is(tried(record(0x77 as RecordType, "what is that")), "records of type 119 are not known");
});

run();
