import * as assert from "uvu/assert";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("access log");

/** What was told since, without the dates, which must be of UTC. */
function since(world: World): string[] {
  const file = world.host.logs.files.get("/access") as string[];
  const lines = file.splice(0).map((line) => {
    assert.match(line, /^\[20231114T22:13:20\.000Z\] {2}/);
    return line.slice("[20231114T22:13:20.000Z]  ".length);
  });
  return lines;
}

const FILE = ["--access-log-file=/access"];

test("off until it is asked for", () => {
  const world = new World({ args: FILE });
  assert.equal(since(world), []);
  assert.is(world.request("0", "CONTROL config|access-log|true|").reply, "OK|");
  since(world);
  world.request("1", "WRITE data|a secret");
  assert.equal(since(world), ["DOM1         write     data <8 bytes>"]);
});

test("as oxenstored writes it", () => {
  const world = new World({ args: [...FILE, "--access-log", "--log-values"] });
  since(world);
  world.request("1", "WRITE data|two\nlin\\es");
  world.request("1", "READ data|");
  world.request("1", "READ none|");
  world.request("1", "WRITE /local/x|no");
  world.request("1.t", "TRANSACTION_START |");
  world.request("1.t", "MKDIR data/in|");
  world.request("1", "WATCH data|t|");
  world.request("0", "GET_DOMAIN_PATH 1|");
  world.request("0", "CONTROL print|hello|");
  world.connect("s");
  world.request("s", "RM /no/such|");
  assert.equal(since(world), [
    "DOM1         write     data two.lin\\\\es",
    "DOM1         write     /local/x no",
    "DOM1         error     EACCES",
    "DOM1.1       mkdir     data/in",
    "DOM1         watch     data t",
    "DOM1         w event   data t",
    "=======>     debug     hello",
    "DOM0         debug     print hello",
    "DOM0 (ANON CONN #4) newconn   ",
    "DOM0 (ANON CONN #4) rm        /no/such",
  ]);
});

test("reads, transactions and what toolstacks ask for, each by its switch", () => {
  const world = new World({
    args: [
      ...FILE,
      "--access-log",
      "--access-log-read-ops",
      "--access-log-transactions-ops",
      "--access-log-special-ops",
    ],
  });
  since(world);
  world.request("1", "READ data|");
  world.request("1", "DIRECTORY none|");
  world.request("1.t", "TRANSACTION_START |");
  world.request("1.t", "READ data|");
  world.request("1.t", "WRITE data/x|1");
  world.request("2", "READ data|");
  world.request("1.t", "TRANSACTION_END T|");
  world.request("0", "IS_DOMAIN_INTRODUCED 1|");
  world.kill(2);
  assert.equal(since(world), [
    "DOM1         read      data",
    "DOM1         directory none",
    "DOM1         error     ENOENT",
    "DOM1         t start   ",
    "DOM1.1       read      data",
    "DOM1.1       write     data/x <1 bytes>",
    "DOM2         read      data",
    "DOM1.1       commit    ",
    "DOM1.1       t end     T",
    "DOM0         is introduced 1",
    "DOM2         endconn   ",
  ]);
});

test("a conflict is told, a long line is cut", () => {
  const world = new World({ args: [...FILE, "--access-log", "--access-log-nb-chars=60", "--log-values"] });
  world.request("0", "SET_PERMS /local/domain/1/data|n1|b2|");
  world.request("1.t", "TRANSACTION_START |");
  world.request("1.t", "READ data|");
  world.request("1.t", "WRITE data/x|1");
  world.request("2", `WRITE /local/domain/1/data|${"long ".repeat(30)}`);
  since(world);
  world.request("1.t", "TRANSACTION_END T|");
  assert.equal(since(world), ["DOM1.1       conflict  ", "DOM1.1       error     EAGAIN"]);
  world.request("2", `WRITE /local/domain/1/data|${"long ".repeat(30)}`);
  const [line] = world.host.logs.files.get("/access") as [string];
  assert.is(line.length, 59);
  assert.match(line, / {2}DOM2 {9}write {5}\/loc.*\.\.$/);
});

test("without a file into the log, and told to the system without a date", () => {
  const world = new World({ args: ["--access-log"] });
  world.host.lines.length = 0;
  world.request("1", "RM data|");
  assert.equal(world.host.lines, ["DOM1         rm        data"]);
  assert.is(world.request("0", "CONTROL config|access-log-file|syslog:local3|").reply, "OK|");
  world.request("2", "RM data|");
  assert.is(world.host.logs.files.get("syslog:local3")?.at(-1), "DOM2         rm        data");
});

test("a commit beside others, and events that their watchers may not have", () => {
  const world = new World({ args: [...FILE, "--access-log", "--access-log-transactions-ops"] });
  world.request("1", "WATCH /secret|t|");
  since(world);
  world.request("1.t", "TRANSACTION_START |");
  world.request("1.t", "WRITE data/a|1");
  world.request("1", "WRITE data/b|2");
  world.request("1.t", "TRANSACTION_END T|");
  world.request("1.u", "TRANSACTION_START |");
  world.request("1.u", "WRITE data/a|3");
  world.request("1.u", "TRANSACTION_END T|");
  assert.equal(
    since(world).filter((line) => /coalesce|commit/.test(line)),
    ["DOM1.1       coalesce  ", "DOM1.2       commit    "],
  );
  world.request("0", "WRITE /secret|x");
  world.request("0", "SET_PERMS /secret|n0|r2|");
  world.request("0", "WRITE /secret|y");
  assert.equal(
    since(world).filter((line) => /notfired/.test(line)),
    [
      "DOM1         w notfired EPERM perms=[n0] path=/secret",
      "DOM1         w notfired EPERM perms=[n0 r2] path=/secret",
      "DOM1         w notfired EPERM perms=[n0 r2] path=/secret",
    ],
  );
});

run();
