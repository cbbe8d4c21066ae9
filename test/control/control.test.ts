import * as assert from "uvu/assert";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("control commands");

const ask = (world: World, command: string): string => world.request("0", `CONTROL ${command}|`).reply;

test("help: C xenstored's commands in its order and form, then the others", () => {
  const lines = ask(new World(), "help").split("\n");
  assert.equal(lines.slice(0, 10), [
    "check           ",
    "log             [on|off|+<switch>|-<switch>]",
    "live-update     [-c <cmdline>] [-F] [-t <timeout>] [-v <version>] <file>",
    "    Default timeout is 60 seconds, default version is 2.",
    "logfile         <file>",
    "memreport       [<file>]",
    "print           <string>",
    "quota           [set [<domid>] <name> <val>|<domid>|max [-r]]",
    "quota-soft      [set <name> <val>]",
    "help            ",
  ]);
  for (const name of ["compact", "mfn", "trim", "txn", "watches", "xenbus"])
    assert.ok(
      lines.some((line) => line.startsWith(name.padEnd(16))),
      name,
    );
});

test("what a client has chosen is printed without line ends and escape sequences", () => {
  const world = new World();
  world.request("1", "WATCH data|t\nwatch D0: /secret x None\u001b[31m\u00e9\u007f|");
  assert.is(
    ask(world, "watches|1"),
    "watch D1: /local/domain/1/data t\\010watch\\032D0:\\032/secret\\032x\\032None\\027[31m\\233\\127 None\n|",
  );
  assert.is(ask(world, "print|one\ntwo\u001b"), "OK|");
  assert.is(world.host.lines.at(-1), "control: one\\010two\\027");
});

test("quota of a domain, and the most that was seen", () => {
  const world = new World();
  world.request("1", "WRITE data/a|1");
  world.request("1", "RM data/a|");
  const lines = ask(world, "quota|1").slice(0, -2).split("\n");
  assert.is(lines[0], "Domain 1:");
  assert.is(lines[1], "nodes            :        1 (max        2)");
  for (const line of lines.slice(1)) assert.match(line, /^[a-z-]+ *: {1,8}\d+ \(max {1,8}\d+\)$/);
  const most = ask(world, "quota|max").slice(0, -2).split("\n");
  assert.is(most[0], "Max. seen accounting values:");
  assert.is(most[1], "nodes            :        2");
  assert.is(ask(world, "quota|max|-r").split("\n")[1], "nodes            :        1");
});

test("a quota of a domain that cannot be recorded is not in force", () => {
  const world = new World();
  const far = (): string => world.request("1", "READ data/a/long/way|").reply;
  const { journal } = world.host;
  const { keep } = journal;
  journal.keep = () => {
    throw new Error("out of memory");
  };
  world.host.full = true;
  assert.is(ask(world, "quota|set|1|path-max|8"), "!ENOMEM");
  journal.keep = keep;
  world.host.full = false;
  assert.is(far(), "!ENOENT");
  assert.is(ask(world, "quota|set|1|path-max|8"), "OK|");
  assert.is(far(), "!EINVAL");
});

test("memreport: as the answer, into the trace's file, into a file", () => {
  const world = new World();
  const report = ask(world, "memreport");
  assert.match(report, /^nodes: \d+\n/);
  assert.match(report, /\nengine-bytes: 1000\n/);
  assert.match(report, /\ncollector-last-ms: 1.3\n/);
  assert.is(ask(world, "memreport|/file"), "OK|");
  assert.match(world.host.update.files.get("/file") as string, /^nodes: \d+\n/);
  assert.is(ask(world, "memreport|"), "!EINVAL");
  ask(world, "logfile|/trace");
  assert.is(ask(world, "memreport"), "OK|");
  assert.ok(world.host.logs.files.get("/trace")?.some((line) => line.startsWith("nodes: ")));
});

run();
