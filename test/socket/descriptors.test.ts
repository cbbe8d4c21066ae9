import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "../support/client.ts";
import { connected } from "../support/socket-world.ts";

const test = suite("descriptors of the Linux program");
const DAEMON = resolve("build/out/xenstored");

/** A daemon that a shell starts, for what only a shell can set. Ended, and its directory removed, in any case. */
async function daemon(
  words: string,
  body: (directory: string, child: ChildProcess, log: () => string) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "descriptors-"));
  const script = words.replaceAll("DAEMON", `${DAEMON} --no-fork --rundir ${directory}`).replaceAll("DIR", directory);
  const child = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr?.on("data", (data) => {
    log += data;
  });
  try {
    await body(directory, child, () => log);
  } finally {
    const ended = new Promise((go) => child.once("close", go));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill();
      await ended;
    }
    rmSync(directory, { recursive: true });
  }
}

/** Waits for progress: a slow machine is not wrong. */
async function until<T>(what: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const got = await what();
    if (got !== undefined) return got;
    if (Date.now() > end) throw new Error("it does not come");
    await new Promise((go) => setTimeout(go, 10));
  }
}

const served = (directory: string): Promise<Client> =>
  until(() => connected(join(directory, "socket")).catch(() => undefined));

async function read(client: Client, path: string): Promise<string> {
  client.write({ type: Op.READ, reqId: 77, txId: 0, payload: `${path}\0` });
  return until(() => client.messages.find((m) => m.reqId === 77)?.payload);
}

for (const closed of ["<&- >&- 2>&-", "<&- >&-", "<&-", "2>&-"]) {
  test(`it serves when it was started with ${closed}`, () =>
    daemon(
      `exec DAEMON --pid-file DIR/pid --xenstored-log-file DIR/log --trace-file DIR/trace ${closed}`,
      async (dir) => {
        const first = await served(dir);
        const clients = [first, await served(dir), await served(dir)];
        for (const client of clients) assert.is(await read(client, "/tool/xenstored/recoveries"), "0");
        for (const client of clients) await client.close();
      },
    ));
}

test("without descriptors it waits instead of spinning, says so once, and serves who waited", () =>
  daemon("ulimit -n 40; exec DAEMON", async (dir, child, log) => {
    const first = await served(dir);
    const sockets: Socket[] = [];
    for (let i = 0; i < 60; i++) sockets.push(connect(join(dir, "socket")).on("error", () => {}));
    await until(() => (/^new connections wait: Too many open files$/m.test(log()) ? true : undefined));
    const ticks = (): number => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").replace(/.*\) /, "").split(" ");
      return Number(fields[11]) + Number(fields[12]);
    };
    const before = ticks();
    await new Promise((go) => setTimeout(go, 2000));
    // Of two hundred: what spins takes them all, even on a machine that is busy.
    assert.ok(ticks() - before < 20, `${ticks() - before} ticks of CPU while it should wait`);
    assert.is(await read(first, "/tool/xenstored/recoveries"), "0");
    assert.is(log().split("new connections wait").length, 2, "told once");
    for (const socket of sockets.splice(0)) socket.destroy();
    const last = await served(dir);
    assert.is(await read(last, "/tool/xenstored/recoveries"), "0");
    await last.close();
    await first.close();
  }));

test("a second one that is refused leaves no pid file, and the first one's alone", () =>
  daemon("exec DAEMON --pid-file DIR/pid", async (dir) => {
    const client = await served(dir);
    const args = ["--no-fork", "--rundir", dir, "--pid-file", join(dir, "second")];
    const { status, stderr } = spawnSync(DAEMON, args, { encoding: "utf8", timeout: 60_000 });
    assert.is(status, 1);
    assert.match(stderr, /^xenstored: another xenstored serves .*\/socket\n$/);
    assert.not(existsSync(join(dir, "second")));
    assert.ok(existsSync(join(dir, "pid")));
    assert.is(await read(client, "/tool/xenstored/recoveries"), "0");
    await client.close();
  }));

test("a directory on the command line comes before what the environment says", () =>
  daemon("XENSTORED_PATH=DIR/elsewhere exec DAEMON", async (dir) => {
    const client = await served(dir);
    assert.not(existsSync(join(dir, "elsewhere")));
    await client.close();
  }));

test.run();
