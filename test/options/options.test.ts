import * as assert from "uvu/assert";
import { parseOptions } from "../../src/options/parse.ts";
import { defaultOptions } from "../../src/options/settings.ts";
import { optionTable } from "../../src/options/table.ts";
import { Quotas } from "../../src/quota/quotas.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, rows, run } = group("options");

test("every name and letter is there once", () => {
  const names = optionTable.flatMap((row) => [row.name, ...row.also]);
  assert.is(new Set(names).size, names.length);
  const letters = optionTable.map((row) => row.short).filter((short) => short !== "");
  assert.is(new Set(letters).size, letters.length);
});

test("the peers' names are all known", () => {
  const c =
    "pid-file no-fork trace-file trace-control entry-nb entry-size watch-nb transaction perm-nb path-max quota quota-soft " +
    "timeout keep-orphans event master-domid priv-domid live-update help";
  const o =
    "no-domain-init config-file no-fork reraise-top-level no-access-log pid-file restart live config-test disable-socket " +
    "merge-activate test-eagain conflict-burst-limit conflict-max-history-seconds conflict-rate-limit-is-aggregate " +
    "perms-activate perms-watch-activate quota-activate quota-maxentity quota-maxsize quota-maxwatch quota-transaction " +
    "quota-maxrequests quota-path-max quota-maxoutstanding quota-maxwatchevents gc-max-overhead persistent " +
    "xenstored-log-file xenstored-log-level xenstored-log-nb-files xenstored-log-nb-lines xenstored-log-nb-chars " +
    "access-log-file access-log-nb-files access-log-nb-lines access-log-nb-chars access-log-read-ops " +
    "access-log-transactions-ops access-log-special-ops allow-debug ring-scan-interval xenstored-kva xenstored-port";
  const names = new Set(optionTable.flatMap((row) => [row.name, ...row.also]));
  for (const name of [...c.split(" "), ...o.split(" ")]) assert.ok(names.has(name), name);
  const letters = new Set(optionTable.map((row) => row.short));
  for (const letter of "FNTESWtAMQqwKUH") assert.ok(letters.has(letter), letter);
});

test("what a row says is the default is the default", () => {
  for (const row of optionTable) {
    const value = row.get(defaultOptions(), new Quotas());
    if (value !== null) assert.is(value, row.standard, row.name);
  }
});

test("each takes what it tells, and nothing else", () => {
  for (const row of optionTable.filter((r) => r.by === "daemon")) {
    const options = defaultOptions();
    const quotas = new Quotas();
    if (row.standard !== "" && row.name !== "trace-control")
      assert.is(row.set(row.standard, options, quotas), null, row.name);
    if (row.argument === "<n>") assert.is.not(row.set("many", options, quotas), null, row.name);
  }
});

function parse(...args: string[]): {
  wrong: string[];
  notes: string[];
  quotas: Quotas;
  options: Record<string, unknown>;
} {
  const options = defaultOptions();
  const quotas = new Quotas();
  return { ...parseOptions(args, options, quotas), quotas, options: { ...options } };
}

test("forms of a command line", () => {
  assert.equal(parse("-E", "5", "-S6", "--watch-nb=7", "-K").wrong, []);
  const { quotas, options } = parse("-E", "5", "-S6", "--watch-nb=7", "--quota-maxwatch", "8", "-K", "-Q", "memory=9");
  assert.equal(
    [0, 9, 1, 3].map((n) => quotas.get(-1, n)),
    [5, 6, 8, 9],
  );
  assert.is(options.keepOrphans, true);
  assert.is(parse("--keep-orphans=false").options.keepOrphans, false);
  assert.equal(parse("--no-such", "-x", "word", "-E").wrong, [
    "unknown option: --no-such",
    "unknown option: -x",
    "no arguments are wanted: word",
    "-E: <n> is missing",
  ]);
  assert.equal(parse("-E", "many", "--keep-orphans=perhaps", "-w", "watch=3", "--quota", "none=3").wrong, [
    "-E: many is not a number",
    "--keep-orphans: perhaps is not true or false",
    "-w: watch=3 is not watch-event=<seconds>",
    "--quota: there is no quota none",
  ]);
  assert.equal(parse("--persistent", "true", "-U", "--event", "3").notes, [
    "option --persistent has no meaning here: see control command dump",
    "option -U has no meaning here: it is for Linux",
    "option --event has no meaning here: it is for a stub domain",
  ]);
  assert.is(parse("--conflict-max-history-seconds=0.1").options.conflictTick, 100);
  assert.is(parse("--access-log-nb-chars=-1").options.accessChars, -1);
  assert.is.not(parse("--access-log-nb-files=-1").wrong.length, 0);
  assert.is(parse("--quota-activate=false").quotas.get(-1, 0), 0);
});

test("of a file and of a command line, the latter has the last word", () => {
  const world = new World({
    fileArgs: ["--quota-maxentity=3", "--quota-maxwatch=4", "--nonsense=1"],
    args: ["-E", "5"],
  });
  const value = (name: string): string => world.request("0", `CONTROL config|${name}|`).reply;
  assert.is(value("entry-nb"), "5|");
  assert.is(value("quota-maxentity"), "5|");
  assert.is(value("watch-nb"), "4|");
  assert.ok(world.host.lines.includes("/file:3: unknown option: --nonsense=1"));
});

rows("at run time", [
  ["0", "CONTROL config|keep-orphans|", "false|"],
  ["0", "CONTROL config|keep-orphans|true|"],
  ["0", "CONTROL config|keep-orphans|", "true|"],
  ["0", "CONTROL config|keep-orphans|perhaps|", "perhaps is not true or false|"],
  ["0", "CONTROL config|nothing|", "!EINVAL"],
  ["0", "CONTROL config|nothing|1|", "there is no option nothing|"],
  ["0", "CONTROL config|persistent|1|", "it has no meaning here: see control command dump|"],
  ["0", "CONTROL config|rundir|1|", "it cannot be changed any more|"],
  ["0", "CONTROL config|a|b|c|", "!EINVAL"],
  ["1", "CONTROL config|", "!EACCES"],
  ["0", "CONTROL config|entry-nb|2|"],
  ["1", "WRITE data/a|1"],
  ["1", "WRITE data/b|1", "!ENOSPC"],
  ["0", "CONTROL config|entry-nb|3|"],
  ["1", "WRITE data/b|1"],
  ["0", "CONTROL config|conflict-burst-limit|7.5|"],
  ["0", "CONTROL config|conflict-burst-limit|", "7.5|"],
  ["0", "CONTROL config|slow-after|50|"],
  ["0", "READ /tool/xenstored/slow/after-ms|", "50"],
]);

test("the list is whole, and what it tells is what holds", () => {
  const world = new World({ args: ["--timeout", "watch-event=7"] });
  const text = world.request("0", "CONTROL config|").reply;
  assert.ok(text.length < 4096);
  const lines = text.slice(0, -1).trim().split("\n");
  assert.ok(lines.includes("timeout = watch-event=7"));
  assert.ok(lines.includes("entry-nb = 1000"));
  assert.ok(lines.length > 25);
});

test("one commit of three fails where that is asked for", () => {
  const world = new World({ args: ["--test-eagain"] });
  let failed = 0;
  for (let i = 0; i < 300; i++) {
    world.request(`1.t${i}`, "TRANSACTION_START |");
    world.request(`1.t${i}`, "WRITE data|x");
    if (world.request(`1.t${i}`, "TRANSACTION_END T|").reply === "!EAGAIN") failed++;
  }
  assert.ok(failed > 50 && failed < 150, `${failed}`);
});

test("a log that cannot be opened keeps nobody from serving, and what was before holds", () => {
  const world = new World({ args: ["--access-log-file=relative", "-E", "7"] });
  assert.ok(world.host.lines.includes("relative: File not accessible."));
  assert.is(
    world.request("0", "CONTROL config|xenstored-log-file|also/relative|").reply,
    "also/relative: File not accessible.|",
  );
  assert.is(world.request("0", "CONTROL config|xenstored-log-file|").reply, "|");
});

test("the log: levels and oxenstored's lines", () => {
  const world = new World({ args: ["--xenstored-log-file=/log"] });
  const file = world.host.logs.files.get("/log") as string[];
  world.request("0", "CONTROL print|hello|");
  assert.equal(file.splice(0), ["[20231114T22:13:20.000Z| info|xenstored] control: hello"]);
  assert.is(world.request("0", "CONTROL config|xenstored-log-level|warn|").reply, "OK|");
  world.request("0", "CONTROL print|hello|");
  assert.equal(file.splice(0), []);
  assert.is(
    world.request("0", "CONTROL config|xenstored-log-level|loud|").reply,
    "loud is not one of debug info warn error null|",
  );
});

test("before Dom0's tools have run, init-xenstore-domain finds Dom0's number", () => {
  const path = "/local/domain/0/domid";
  assert.is(new World({ domains: [] }).request("0", `READ ${path}|`).reply, "!ENOENT");
  const world = new World({ domains: [], first: true });
  assert.is(world.request("0", `READ ${path}|`).reply, "0");
  assert.is(world.request("0", `GET_PERMS ${path}|`).reply, "n0|");
  // xen-init-dom0 does its work as long as one of the two is missing.
  assert.is(world.request("0", "READ /local/domain/0/name|").reply, "!ENOENT");
});

run();
