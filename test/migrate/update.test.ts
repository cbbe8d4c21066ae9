import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { preamble, RecordType, record, u16, u32 } from "../../src/migrate/record.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const PREAMBLE = preamble(2);

const { test, run } = group("live update");

const control = (world: World, who: string, request: string): string =>
  world.request(who, `CONTROL live-update|${request}`).reply;

test("the steps of a client, and what is said where they do not fit", () => {
  const world = new World();
  world.connect("s");
  assert.is(control(world, "0", ""), "!EINVAL");
  assert.is(control(world, "0", "-x|"), "!EINVAL");
  assert.is(control(world, "0", "-s|"), "Not in live-update session.|");
  assert.is(control(world, "0", "-c|--watch-nb 5|"), "Not in live-update session.|");
  assert.is(control(world, "0", "-d|3|abc|"), "Not in live-update session.|");
  assert.is(control(world, "0", "-a|"), "No live-update session active.|");
  assert.is(control(world, "0", "-b|none|"), "!EINVAL");
  assert.is(control(world, "0", "-b|99999999|"), "Allocation failure.|");
  assert.is(control(world, "0", "-b|10|"), "OK|");
  assert.is(control(world, "s", "-b|10|"), "live-update session already active.|");
  assert.is(control(world, "s", "-d|3|abc|"), "Not in live-update session.|");
  assert.is(control(world, "0", "-d|4|abc|"), "OK|", "the NUL at the end is the fourth byte");
  assert.is(control(world, "0", "-d|9|abc|"), "!EINVAL");
  assert.is(control(world, "0", "-s|-t|60|"), "Kernel not complete.|");
  assert.is(control(world, "0", "-a|"), "No live-update session active.|", "that ended it");
  assert.is(control(world, "0", "-b|2|"), "OK|");
  assert.is(control(world, "0", "-d|3|abc|"), "Too much kernel data.|");
  assert.is(control(world, "0", "-b|3|"), "OK|");
  assert.is(control(world, "0", "-a|"), "OK|");
  assert.is(control(world, "0", "-f|/nowhere|"), "File not accessible.|");
  assert.is(control(world, "1", "-a|"), "!EACCES");
});

test("an update whose options find no memory does not begin, and can be asked for again", () => {
  const world = new World();
  const { host } = world;
  const { go } = host.update;
  control(world, "0", "-b|7|");
  control(world, "0", "-d|7|program");
  host.update.go = () => {
    host.full = true;
    throw new Error("out of memory");
  };
  assert.is(control(world, "0", "-s|"), "!ENOMEM");
  host.full = false;
  host.update.go = go;
  world.recover();
  assert.equal(world.fake("0").output, [], "nothing waits for an answer");
  control(world, "0", "-b|7|");
  control(world, "0", "-d|7|program");
  assert.is(control(world, "0", "-s|"), "OK|");
});

test("bytes of a program can be any", () => {
  const world = new World();
  assert.is(control(world, "0", "-b|11|"), "OK|");
  assert.is(control(world, "0", "-d|11|prog|||am||"), "OK|");
  assert.is(world.host.update.file_, "prog\0\0\0am\0\0");
});

test("a session ends with its connection", () => {
  const world = new World();
  world.connect("s");
  assert.is(control(world, "s", "-b|10|"), "OK|");
  world.event(EventKind.broken, "s");
  assert.is(control(world, "0", "-b|10|"), "OK|");
});

test("the new program answers, with new options where they were given", () => {
  const world = new World();
  const before = world.program;
  world.request("0", "WRITE /kept|x");
  assert.is(control(world, "0", "-b|7|"), "OK|");
  assert.is(control(world, "0", "-d|7|program"), "OK|");
  assert.is(control(world, "0", "-c|--timeout watch-event=0|"), "OK|");
  assert.is(control(world, "0", "-s|-v|3|"), "Migration stream version not supported.|");
  assert.is(control(world, "0", "-s|-t|60|-F|-v|2|"), "OK|");
  assert.is.not(world.program, before);
  assert.is(world.request("0", "READ /kept|").reply, "x");
});

test("an exchange that fails changes nothing, and its client learns why", () => {
  const world = new World();
  const before = world.program;
  world.request("0", "WATCH /a|t|");
  const { restore } = world.host.update;
  world.host.update.restore = () => "not what was saved";
  world.host.update.files.set("/program", "program");
  assert.is(control(world, "0", "-f|/program|"), "OK|");
  assert.is(control(world, "0", "-s|"), "not a state stream|");
  world.host.update.restore = restore;
  assert.is(world.program, before);
  assert.equal(world.request("0", "WRITE /a|x").events, ["0 /a|t|"]);
  assert.is(control(world, "0", "-s|"), "Not in live-update session.|");
});

test("a domain that died while nobody looked", () => {
  const world = new World();
  world.request("0", "WATCH @releaseDomain|r|");
  world.host.setState(1, 0, "");
  assert.is(world.exchange(), "");
  world.host.pending = [];
  world.clear();
  world.settle();
  assert.is(world.fake("0").output[0]?.payload, "@releaseDomain\0r\0");
  assert.is(world.request("0", "DIRECTORY /local/domain|").reply, "1|2|");
  assert.is(world.request("0", "DIRECTORY /local/domain/1|").reply, "");
});

test("what waits for a guest that does not read, and for how long already", () => {
  const world = new World();
  world.request("1", "WATCH data|w|");
  world.fake("1").room = 0;
  world.request("0", "WRITE /local/domain/1/data/x|1");
  world.host.clock += 15_000;
  assert.is(world.exchange(), "");
  world.settle();
  assert.ok(world.wait > 0 && world.wait <= 5000, `${world.wait}`);
  world.fake("1").room = 10;
  assert.equal(world.request("1", "READ data/x|"), { reply: "1", events: ["1 data/x|w|"] });
});

test("many events on their way are delivered first", () => {
  const world = new World({ args: ["--watch-nb", "0"] });
  world.connect("s");
  world.request("0", "WRITE /a|");
  for (let i = 0; i < 10_000; i++) world.request("0", `WATCH /a|${i}|`);
  world.put("s", "WRITE /a|x");
  world.host.events[0] = 0;
  world.host.events[1] = world.link("s");
  world.host.pending = [];
  world.program.turn(1);
  assert.ok(world.fake("0").output.length < 10_000);
  assert.is(world.exchange(), "");
  world.settle();
  assert.is(world.fake("0").output.length, 10_000);
  assert.is(world.fake("s").output[0]?.payload, "OK\0");
});

test("the stream is made of the records that the design of Xen names", () => {
  const world = new World({ domains: [1] });
  world.request("1", "WATCH data|token|1|");
  world.request("1", "WRITE data/x|value");
  world.host.update.chunks = [];
  world.program.save();
  const text = world.host.update.chunks.join("");
  assert.is(text.slice(0, 16), PREAMBLE);
  const link = u32(world.link("1") + 1);
  const node = `/local/domain/1/data/x`;
  assert.ok(
    text.includes(
      record(
        RecordType.node,
        `${u32(0)}${u32(0)}${u16(node.length + 1)}${u16(5)}${u16(0)}${u16(1)}n\0${u16(1)}${node}\0value`,
      ),
    ),
  );
  assert.ok(text.includes(record(RecordType.watchDepth, `${link}${u16(5)}${u16(6)}${u16(1)}${u16(0)}data\0token\0`)));
  assert.is(text.slice(-8), record(RecordType.end, ""));
});

test("a state from elsewhere: a stream without records of ours", () => {
  const world = new World({ domains: [] });
  const perms = `n\0${u16(0)}`;
  const node = (path: string, value: string): string =>
    record(
      RecordType.node,
      `${u32(0)}${u32(0)}${u16(path.length + 1)}${u16(value.length)}${u16(0)}${u16(1)}${perms}${path}\0${value}`,
    );
  const nodes =
    node("/", "") + node("/a", "1") + node("/a/b", "2") + node("@releaseDomain", "") + node("@introduceDomain", "");
  const take = (text: string): string => {
    world.host.update.save = (): void => {
      world.host.update.chunks = [text];
    };
    return world.exchange();
  };
  const end = record(RecordType.end, "");
  assert.is(take(`${PREAMBLE}${nodes}`), "the state stream ends in the middle");
  assert.is(take(`${PREAMBLE}${nodes}${nodes}${end}`), "the node / comes twice");
  assert.is(take(`${PREAMBLE}${node("/a/b", "")}${end}`), "the node /a/b comes before its parent");
  assert.is(take(PREAMBLE + end), "the state stream has no node /");
  assert.is(
    take(`${PREAMBLE}${node("/", "")}${record(0x7777 as RecordType, "what is that")}${end}`),
    "the state stream has no node @introduceDomain",
  );
  assert.is(take("too short"), "not a state stream");
  for (const own of ["", "{", "null", "5", `{"kind":"options"}`, `{"kind":"options","changed":[5]}`])
    assert.is(
      take(`${PREAMBLE}${nodes}${record(RecordType.own, own)}${end}`),
      "a record of the state stream cannot be read",
      own,
    );
});

test("memory that ends while a record is read is no fault of the record", () => {
  const world = new World({ domains: [] });
  const { restore } = world.host.update;
  world.host.update.restore = (): string | null => {
    const chunk = restore.call(world.host.update);
    // A damaged record stands for one that there is no memory to read.
    world.host.full = true;
    return chunk === null ? null : chunk.replace('"kind":"totals"', '"kind":totals"');
  };
  assert.throws(() => world.exchange());
  world.host.full = false;
});

run();
