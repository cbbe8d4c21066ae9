import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "../support/client.ts";
import { FAN_OUT, FanOut } from "../support/fan-out.ts";
import { connected } from "../support/socket-world.ts";

const test = suite("another executable");
const DAEMON = resolve("build/out/xenstored");

let directory = "";
let daemon: ChildProcess;
let log = "";

test.before.each(async () => {
  directory = mkdtempSync(join(tmpdir(), "xenstored-"));
  log = "";
  const pid = join(directory, "pid");
  daemon = spawn(DAEMON, ["--no-fork", "--rundir", directory, "--pid-file", pid], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  daemon.stderr?.on("data", (data) => {
    log += data;
  });
  // The file is there before somebody listens at it.
  for (let n = 0; n < 500 && !(await answers()); n++) await new Promise((go) => setTimeout(go, 10));
});

const answers = (): Promise<boolean> =>
  client().then(
    (c) => c.close().then(() => true),
    () => false,
  );

test.after.each(async () => {
  const ended = new Promise((go) => daemon.once("exit", go));
  daemon.kill();
  await ended;
  const left = existsSync(join(directory, "socket")) || existsSync(join(directory, "pid"));
  rmSync(directory, { recursive: true });
  assert.is(daemon.exitCode, 0, log);
  assert.not(left, "socket and pid file go with it");
});

const client = () => connected(join(directory, "socket"));

let reqId = 0;
async function ask(c: Client, type: number, payload: string, txId = 0): Promise<string> {
  const id = ++reqId;
  c.write({ type, reqId: id, txId, payload });
  await c.until(() => c.messages.some((m) => m.reqId === id));
  const reply = c.messages.find((m) => m.reqId === id);
  c.messages = c.messages.filter((m) => m.reqId !== id);
  assert.ok(c.open, `the client is connected; ${log}`);
  return reply?.payload ?? "";
}

async function replace(c: Client, path: string): Promise<string> {
  const found = await ask(c, Op.CONTROL, `live-update\0-f\0${path}\0`);
  return found === "OK\0" ? ask(c, Op.CONTROL, "live-update\0-s\0-t\x0060\0") : found;
}

test("goes on with everything: clients, watches, transactions, what is half in and what waits", async () => {
  const [a, b, slow] = [await client(), await client(), await client()];
  await ask(a, Op.WATCH, "/w\0t\0");
  await a.until(() => a.messages.length === 1);
  a.messages = [];
  for (let n = 0; n < 300; n++) await ask(b, Op.WRITE, `/many/n${n}\0${n}`);
  const txId = Number.parseInt(await ask(b, Op.TRANSACTION_START, "\0"), 10);
  await ask(b, Op.WRITE, "/w/in\0x", txId);
  // More than a socket holds waits for who does not read.
  await ask(b, Op.WRITE, `/large\0${"y".repeat(4000)}`);
  slow.pause();
  for (let n = 1; n <= 400; n++) slow.write({ type: Op.READ, reqId: 100_000 + n, txId: 0, payload: "/large\0" });
  // Half a request.
  a.send(Buffer.from([Op.READ, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0x2f, 0x6c]));
  await ask(b, Op.READ, "/large\0");
  for (let round = 0; round < 2; round++) assert.is(await replace(b, DAEMON), "OK\0");
  a.send(Buffer.from("arge\0"));
  await a.until(() => a.messages.some((m) => m.reqId === 77));
  assert.is(a.messages.pop()?.payload.length, 4000);
  slow.resume();
  await slow.until(() => slow.messages.length === 400);
  assert.equal(
    slow.messages.map((m) => m.reqId),
    Array.from({ length: 400 }, (_, n) => 100_001 + n),
  );
  assert.is(await ask(b, Op.TRANSACTION_END, "T\0", txId), "OK\0");
  await a.until(() => a.messages.length > 0);
  assert.equal(
    a.messages.map((m) => m.payload),
    ["/w/in\0t\0"],
  );
  for (let n = 0; n < 300; n += 50) assert.is(await ask(a, Op.READ, `/many/n${n}\0`), String(n));
  const late = await client();
  assert.is(await ask(late, Op.READ, "/w/in\0"), "x", "and accepts new ones");
  assert.is(await ask(late, Op.READ, "/tool/xenstored/outage/wholes\0"), "2", "it knows of those before");
  assert.is(await ask(late, Op.READ, "/tool/xenstored/outage/last\0"), "whole");
  assert.is(Number(readFileSync(join(directory, "pid"), "utf8")), daemon.pid, "it is the same process");
});

test("what cannot take over changes nothing", async () => {
  const c = await client();
  await ask(c, Op.WRITE, "/a\0b");
  const copy = join(directory, "copy");
  copyFileSync(DAEMON, copy);
  chmodSync(copy, 0o600);
  assert.is(await replace(c, copy), "File not executable.\0");
  assert.is(await replace(c, join(directory, "none")), "File not accessible.\0");
  writeFileSync(copy, readFileSync(DAEMON).subarray(0, 5000));
  chmodSync(copy, 0o700);
  assert.is(await replace(c, copy), "Error activating new binary.\0", "half of one");
  assert.is(await replace(c, "/bin/true"), "Error activating new binary.\0", "another program");
  rmSync(copy);
  assert.is(await ask(c, Op.READ, "/a\0"), "b");
  assert.is(await replace(c, DAEMON), "OK\0");
  assert.is(await ask(c, Op.READ, "/a\0"), "b");
});

test("options that name no pid file leave the old one to its end", async () => {
  const c = await client();
  assert.is(await ask(c, Op.CONTROL, `live-update\0-f\0${DAEMON}\0`), "OK\0");
  assert.is(await ask(c, Op.CONTROL, `live-update\0-c\0--no-fork --rundir ${directory}\0`), "OK\0");
  assert.is(await ask(c, Op.CONTROL, "live-update\0-s\0-t\x0060\0"), "OK\0");
  assert.ok(existsSync(join(directory, "pid")));
});

test("a trial that fails loses nothing of what is on its way", async () => {
  const [committer, watcher, other] = [await client(), await client(), await client()];
  const fan = new FanOut(committer, watcher, (signal) => daemon.kill(signal));
  await fan.prepare();
  assert.is(await ask(other, Op.CONTROL, `live-update\0-f\0${DAEMON}\0`), "OK\0");
  assert.is(await ask(other, Op.CONTROL, "live-update\0-c\0--no-such-option\0"), "OK\0");
  assert.equal(await fan.commit(other, ["live-update\0-s\0"]), ["Error activating new binary."]);
  assert.is(await fan.answer(), "OK\0");
  assert.is(await fan.answerBehind(), "x");
  assert.is(new Set(await fan.events()).size, FAN_OUT);
});

test.run();
