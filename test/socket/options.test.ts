import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { optionTable } from "../../src/options/table.ts";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("options of the Linux program");
const DAEMON = resolve("build/out/xenstored");
const scratch = mkdtempSync(join(tmpdir(), "options-"));

function run(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(DAEMON, args, { encoding: "utf8", timeout: 20_000 });
  return { status, out: stdout, err: stderr };
}

function file(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

test("--help names every option", () => {
  const { status, out } = run("--help");
  assert.is(status, 0);
  for (const { name } of optionTable) assert.match(out, new RegExp(`--${name}\\b`));
});

test("--version", () => {
  const version = JSON.parse(readFileSync("package.json", "utf8")).version;
  const { status, out } = run("--version");
  assert.is(status, 0);
  assert.match(out, new RegExp(`^xenstore-ts ${version.replaceAll(".", "\\.")} \\([0-9a-f]{8}\\), quickjs-`));
});

test("what is not known ends it", () => {
  for (const args of [["--no-such"], ["word"], ["-E", "many"], ["--config-file"], ["--config-file", "/none"]]) {
    const { status, err } = run("--rundir", scratch, ...args);
    assert.is(status, 1, args.join(" "));
    assert.match(err, /^xenstored: .*\n$/);
  }
});

test("an unknown option is named before the socket is looked at, or its directory made", async () => {
  const nowhere = join(scratch, "nowhere");
  const { status, err } = run("--no-fork", "--rundir", nowhere, "--entrynb=3");
  assert.equal([status, err], [1, "xenstored: unknown option: --entrynb=3\n"]);
  assert.not(existsSync(nowhere));
  const w = await SocketWorld.start({});
  try {
    assert.match(run("--no-fork", "--rundir", w.directory, "--bogus").err, /^xenstored: unknown option: --bogus\n$/);
    // What has the look of an option can be a value, and an option can have another name.
    const taken = run("--no-fork", "--rundir", w.directory, "--trace-file", "--bogus", "--quota-maxentity", "7");
    assert.match(taken.err, /^xenstored: .*another/);
  } finally {
    await w.stop();
  }
});

test("a state that cannot be restored is named", () => {
  for (const [path, why] of [
    [join(scratch, "none"), `--restore ${join(scratch, "none")}: No such file or directory`],
    [scratch, `--restore ${scratch}: Invalid argument`],
    [file("state", "something"), "--restore: not a state stream"],
  ] as const) {
    const { status, err } = run("--no-fork", "--rundir", join(scratch, "run"), "--restore", path);
    assert.is(status, 1);
    assert.match(err, new RegExp(`^xenstored: ${why}$`, "m"));
  }
});

test("--config-test looks and ends", () => {
  const good = file("good", "# all of it\n\nquota-maxentity = 7 # nodes\n  persistent=true\nmerge-activate = true\n");
  assert.equal(run("--config-test", "--config-file", good), {
    status: 0,
    out: `Configuration valid at ${good}\n`,
    err: `${good}:4: option --persistent has no meaning here: see control command dump\n${good}:5: option --merge-activate has no meaning here: transactions that touch different nodes never conflict\n`,
  });
  for (const [line, why] of [
    ["quota-maxentities = 7", "unknown option: --quota-maxentities=7"],
    ["quota-maxentity = seven", "--quota-maxentity: seven is not a number"],
    ["what is this", "no arguments are wanted: what is this"],
  ] as const) {
    const bad = file("bad", `\n# a comment\n${line}\n`);
    const { status, err } = run("--config-test", "--config-file", bad);
    assert.is(status, 1);
    assert.is(err, `xenstored: ${bad}:3: ${why}\n`);
  }
  assert.not(existsSync(join(scratch, "socket")));
});

/** A file with several mistakes, keys without a meaning, and good lines between them. */
const MIXED = [
  "quota-maxentity = 7",
  "persistent = true",
  "",
  "nonsense = 1 # no such key",
  "  gc-max-overhead=3\r",
  "quota-maxwatch = many",
  "event = 3",
  "no-fork = true",
  "slow-after = 77",
];
const told = (path: string): string[] => [
  `${path}:2: option --persistent has no meaning here: see control command dump`,
  `${path}:4: unknown option: --nonsense=1`,
  `${path}:5: option --gc-max-overhead has no meaning here: there is nothing to collect`,
  `${path}:6: --quota-maxwatch: many is not a number`,
  `${path}:7: option --event has no meaning here: it is for a stub domain`,
];

test("--config-test tells all that is wrong or means nothing, with file and line", () => {
  const path = file("mixed", MIXED.join("\n"));
  const { status, err } = run("--config-test", "--config-file", path, "--nothing", "-E", "many");
  assert.is(status, 1);
  const lines = err.trimEnd().split("\n");
  assert.equal(lines.at(-1), "xenstored: -E: many is not a number");
  assert.equal(lines.slice(0, -1).sort(), [...told(path), "unknown option: --nothing"].sort());
  // A key of the process alone has its place as well.
  const bare = file("bare", "\n--pid-file\n");
  assert.equal(
    run("--config-test", "--config-file", bare).err,
    `xenstored: ${bare}:2: option --pid-file wants a value\n`,
  );
});

test("at a start the same is told, all of it, and the daemon serves", async () => {
  const path = file("mixed", MIXED.join("\n"));
  const w = await SocketWorld.start({ args: ["--config-file", path] });
  try {
    assert.is((await w.request("0", "CONTROL config|entry-nb|")).reply, "7|");
    assert.is((await w.request("0", "CONTROL config|watch-nb|")).reply, "128|");
    assert.is((await w.request("0", "CONTROL config|slow-after|")).reply, "77|");
  } finally {
    const lines = (await w.stop()).split("\n");
    assert.equal(lines.filter((line) => line.startsWith(path)).sort(), told(path).sort());
  }
});

test("the file that oxenstored comes with is valid", () => {
  const shipped = resolve("build/out/trixie/etc/xen/oxenstored.conf");
  const { status, err } = run("--config-test", "--config-file", shipped);
  assert.is(status, 0, err);
  assert.match(err, /^(\S+\/oxenstored\.conf:\d+: option --[a-z-]+ has no meaning here: .*\n)*$/);
});

/** The options in force that these arguments set, as `quota` and `config` name them, in a daemon that runs. */
async function inForce(args: string[], body?: (w: SocketWorld) => Promise<void>): Promise<string[]> {
  const w = await SocketWorld.start({ args });
  try {
    await body?.(w);
    return (await w.request("0", "CONTROL config|")).reply.trim().split("\n");
  } finally {
    assert.is((await w.stop()).includes("option"), false);
  }
}

for (const name of readdirSync("packaging/profiles"))
  test(`the profile ${name} does what it says, in each way that it names`, async () => {
    const path = resolve("packaging/profiles", name);
    assert.equal(run("--config-test", "--config-file", path), {
      status: 0,
      out: `Configuration valid at ${path}\n`,
      err: "",
    });
    const text = readFileSync(path, "utf8");
    const wanted = [...text.matchAll(/^[a-z-]+ = .*$/gm)].map(([line]) => line);
    const ways = [...text.matchAll(/^# {3}OPTIONS="(.*)"$/gm)].map(([, options]) => (options as string).split(" "));
    const commands = [...text.matchAll(/^# {3}xenstore-control (.*)$/gm)].map(([, words]) => words as string);
    assert.ok(wanted.length > 0 && ways.length === 2 && commands.length === wanted.length);
    const values: string[][] = [];
    for (const args of ways)
      values.push(
        await inForce(args.map((arg) => arg.replace("/usr/share/xenstore-ts/profiles/", `${dirname(path)}/`))),
      );
    const byCommand = await inForce([], async (w) => {
      for (const words of commands)
        assert.is((await w.request("0", `CONTROL ${words.replaceAll(" ", "|")}|`)).reply, "OK|", words);
    });
    for (const lines of [...values, byCommand])
      for (const line of wanted) assert.ok(lines.includes(line), `${line}: ${lines.join(" ")}`);
  });

test("with many-watches a guest has 64 transactions and 1,024 watches, and no more", async () => {
  const w = await SocketWorld.start({ args: ["--config-file", resolve("packaging/profiles/many-watches.conf")] });
  try {
    const replies: string[] = [];
    for (let i = 0; i < 65; i++) replies.push((await w.request(`1.t${i}`, "TRANSACTION_START |")).reply);
    assert.is(replies.filter((reply) => reply.startsWith("!")).length, 1);
    assert.is(replies.at(-1), "!ENOSPC");
    for (let i = 0; i < 1024; i++) assert.is((await w.request("1", `WATCH data|${i}|`)).reply, "OK|");
    assert.is((await w.request("1", "WATCH data|more|")).reply, "!ENOSPC");
  } finally {
    await w.stop();
  }
});

test("a file sets what the command line does not, and its mistakes are only told", async () => {
  const path = file(
    "conf",
    "quota-maxentity=7\nquota-maxwatch = 8\nnonsense = 1\npid-file = /no/such/place\nno-fork=true",
  );
  const w = await SocketWorld.start({
    args: ["--config-file", path, "-W", "9", "--pid-file", join(scratch, "pid"), "--slow-after=77"],
  });
  try {
    assert.is((await w.request("0", "CONTROL config|entry-nb|")).reply, "7|");
    assert.is((await w.request("0", "CONTROL config|watch-nb|")).reply, "9|");
    assert.is((await w.request("0", "READ /tool/xenstored/slow/after-ms|")).reply, "77");
    assert.match(readFileSync(join(scratch, "pid"), "utf8"), /^\d+\n$/);
  } finally {
    assert.match(await w.stop(), /^\S+\/conf:3: unknown option: --nonsense=1$/m);
  }
});

test("SIGUSR1 writes the tree as text beside the socket", async () => {
  const w = await SocketWorld.start({});
  try {
    await w.request("1", 'WRITE data/x|a "line"\nand\u0001more');
    w.signal("SIGUSR1");
    // The signal is taken between two turns.
    for (let i = 0; i < 3; i++) await w.request("1", "READ data|");
    const text = readFileSync(join(w.directory, "db.debug"), "utf8");
    assert.match(text, /^\/\{n0\} = $/m);
    assert.ok(text.includes('\n/local/domain/1/data/x{n1} = a \\"line\\"\\nand\\001more\n'));
  } finally {
    await w.stop();
  }
});

test("logs in files: C xenstored's trace, the access log, opened again by SIGHUP", async () => {
  const [trace, access, log] = ["trace", "access", "log"].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  const w = await SocketWorld.start({
    args: ["-T", trace, "--access-log", "--access-log-file", access, "--xenstored-log-file", log],
  });
  try {
    await w.request("1", "WRITE data|a secret");
    const lines = readFileSync(trace, "utf8");
    assert.match(lines, /^\n\*\*\*\n/);
    assert.match(lines, /^io: IN 0x[0-9a-f]+ \(d1\) \d{8} \d\d:\d\d:\d\d WRITE \(data <8 bytes>\)$/m);
    const today = new Date().toISOString().slice(0, 10).replaceAll("-", "");
    const line = new RegExp(`^\\[${today}T[\\d:.]{12}Z\\]  DOM1         write     data <8 bytes>$`, "m");
    assert.match(readFileSync(access, "utf8"), line);
    await w.request("0", "CONTROL print|hello|");
    assert.match(readFileSync(log, "utf8"), /^\[\d{8}T[\d:.]{12}Z\| info\|xenstored\] control: hello$/m);

    renameSync(trace, `${trace}.old`);
    w.signal("SIGHUP");
    await w.request("1", "READ data|");
    // The signal is taken between two turns.
    await w.request("1", "READ data|");
    assert.match(readFileSync(trace, "utf8"), /READ \(data \)/);
    const before = readFileSync(`${trace}.old`, "utf8");
    await w.request("1", "READ data|");
    assert.is(readFileSync(`${trace}.old`, "utf8"), before);

    const another = join(scratch, "another");
    assert.is((await w.request("0", `CONTROL logfile|${another}|`)).reply, "OK|");
    await w.request("1", "READ data|");
    assert.match(readFileSync(another, "utf8"), /READ \(data \)/);
    assert.is((await w.request("0", "CONTROL config|access-log-nb-lines|5|")).reply, "OK|");
    for (let i = 0; i < 12; i++) await w.request("1", `WRITE data|${i}`);
    assert.is(readFileSync(`${access}.1`, "utf8").trim().split("\n").length, 5);

    // What was changed while it runs holds for the program that takes over.
    assert.is((await w.request("0", `CONTROL live-update|-f|${resolve("build/out/xenstored.prog")}|`)).reply, "OK|");
    assert.is((await w.request("0", "CONTROL live-update|-s|")).reply, "OK|");
    assert.is((await w.request("0", "CONTROL config|trace-file|")).reply, `${another}|`);
    assert.is((await w.request("0", "CONTROL config|access-log-nb-lines|")).reply, "5|");
    await w.request("1", "READ data/after|");
    assert.match(readFileSync(another, "utf8"), /READ \(data\/after \)/);
  } finally {
    await w.stop();
  }
});

test("--disable-socket leaves none", () => {
  const { status } = spawnSync("timeout", ["1", DAEMON, "--no-fork", "--disable-socket", "--rundir", scratch]);
  assert.is(status, 124);
  assert.not(existsSync(join(scratch, "socket")));
});

test("the scratch directory goes", () => rmSync(scratch, { recursive: true }));

test.run();
