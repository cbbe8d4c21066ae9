import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("trace");

/** Time as C xenstored tells it, where we are. */
const NOW = ((): string => {
  const t = new Date(1_700_000_000_000);
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${t.getFullYear()}${two(t.getMonth() + 1)}${two(t.getDate())}`;
  return `${day} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
})();

test("what is switched on is told as C xenstored does, and nothing else", () => {
  const world = new World();
  const { lines } = world.host;
  lines.length = 0;
  world.request("1", "READ data|");
  assert.equal(lines, [], "off until it is asked for");
  world.request("0", "CONTROL log|on|");
  lines.length = 0;
  world.request("1", "WRITE data|a secret");
  world.request("1", "READ data|");
  world.request("1.a", "TRANSACTION_START |");
  world.request("1.a", "READ no\nne|");
  world.request("1", "WATCH data|token|");
  world.request("1", "99");
  const io = (way: string, what: string): string => `io: ${way} 0x3 (d1) ${NOW} ${what}`;
  assert.equal(lines, [
    io("IN", "WRITE (data <8 bytes>)"),
    io("OUT", "WRITE (OK )"),
    io("IN", "READ (data )"),
    io("OUT", "READ (<8 bytes>)"),
    io("IN", "TRANSACTION_START ( )"),
    "obj: CREATE transaction 0x2",
    io("OUT", "TRANSACTION_START (1 )"),
    io("IN", "READ (no.ne )"),
    io("OUT", "ERROR (EINVAL )"),
    io("IN", "WATCH (data token )"),
    "obj: CREATE watch 0x2",
    io("OUT", "WATCH (OK )"),
    io("OUT", "WATCH_EVENT (data token )"),
    io("IN", "**UNKNOWN** ()"),
    io("OUT", "ERROR (ENOSYS )"),
  ]);
  assert.is(world.request("0", "CONTROL config|log-values|true|").reply, "OK|");
  lines.length = 0;
  world.request("1", "WRITE data|a secret");
  assert.is(lines[0], io("IN", "WRITE (data a secret)"));
  world.request("0", "CONTROL log|-io|");
  lines.length = 0;
  world.request("1.a", "TRANSACTION_END F|");
  world.kill(1);
  assert.equal(lines, ["obj: DESTROY transaction 0x2", "obj: DESTROY watch 0x2", "obj: DESTROY connection 0x3"]);
  world.request("0", "CONTROL log|off|");
  lines.length = 0;
  world.request("2.a", "TRANSACTION_START |");
  assert.equal(lines, []);
});

test("to a file that is asked for", () => {
  const world = new World();
  assert.is(world.request("0", "CONTROL logfile|/trace|").reply, "OK|");
  world.request("1", "READ data|");
  world.request("0", "CONTROL log|on|");
  const file = world.host.logs.files.get("/trace") as string[];
  assert.is(file[0], "\n***\n");
  assert.match(file.join("\n"), /io: IN 0x3 \(d1\) [0-9 :]+ READ \(data \)/);
  assert.is(file.filter((line) => line === "\n***\n").length, 2, "log on opens it again");
  assert.is(world.request("0", "CONTROL logfile|a/b|").reply, "OK|");
  assert.ok(world.host.logs.files.has("/var/lib/xen/xenstore/a/b"));
  assert.is(world.request("0", "CONTROL logfile|").reply, "!EINVAL");
  assert.is(world.request("0", "CONTROL config|trace-file|").reply, "a/b|");
});

test("--trace-file begins at the start", () => {
  const world = new World({ args: ["-T", "/trace", "--trace-control", "-obj"] });
  const file = (world.host.logs.files.get("/trace") as string[]).join("\n");
  assert.match(file, /io: IN 0x1 \(d0\) [0-9 :]+ WRITE \(\/local\/domain\/1 <0 bytes>\)/);
  assert.not.match(file, /obj:/);
});

test("where there are no files, what was to go there goes to the console", () => {
  const world = new World({ args: ["-T", "/no-files-here"], files: false });
  assert.ok(world.host.lines.includes("/no-files-here: There are no files here."));
  world.host.lines.length = 0;
  world.request("1", "READ data|");
  assert.is(world.host.lines.length, 2);
  assert.match(world.host.lines[0] as string, /^io: IN 0x3 /);
});

test("no more lines than so many a second, and their number", () => {
  const world = new World();
  world.request("0", "CONTROL log|on|");
  const { lines } = world.host;
  lines.length = 0;
  world.host.clock = 50_000;
  for (let i = 0; i < 200; i++) world.request("1", "READ data|");
  assert.is(lines.length, 100);
  world.host.clock = 51_000;
  world.request("1", "READ data|");
  assert.is(lines[100], "300 lines were left out");
  assert.is(lines.length, 103);
  world.request("0", "CONTROL logfile|/trace|");
  for (let i = 0; i < 3000; i++) world.request("1", "READ data|");
  assert.ok((world.host.logs.files.get("/trace") as string[]).length <= 5001);
});

test("a log that fails costs nobody a reply or an event", () => {
  const world = new World();
  world.request("1", "WATCH data|t|");
  world.request("0", "CONTROL log|on|");
  world.request("0", "CONTROL config|access-log|true|");
  world.host.logs.write = () => {
    throw new Error("no memory");
  };
  assert.equal(world.request("1", "WRITE data|1"), { reply: "OK|", events: ["1 data|t|"] });
  assert.is(world.request("1", "READ none|").reply, "!ENOENT");
});

test("a bug has the last packets told", () => {
  const world = new World();
  assert.is(world.host.insight.failures, 0);
  world.host.onSend = (_link, type) => {
    if (type === Op.READ) throw new Error("a bug");
  };
  world.put("1", "READ data|");
  world.settle();
  assert.is(world.host.insight.failures, 2, "the first time, and when it was tried again");
  world.host.onSend = null;
  world.clear();
  world.request("0", "READ /local|");
  assert.is(world.host.insight.failures, 2);
});

run();
