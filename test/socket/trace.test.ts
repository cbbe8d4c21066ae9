import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("the packets that were");
const SLOT = 96;

function tool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("tools/xenstore-trace", args, { encoding: "utf8", timeout: 20_000 });
  assert.is(status, 0, stderr);
  return stdout;
}

test("a dump to a file, told as text and as pcap", async () => {
  const w = await SocketWorld.start();
  const file = join(w.directory, "dump");
  try {
    await w.request("1", "WRITE data/a|some value");
    await w.request("1.t", "TRANSACTION_START |");
    await w.request("1.t", "READ none|");
    await w.request("2", `WRITE data/long|${"x".repeat(200)}`);
    assert.is((await w.request("0", `CONTROL trace-dump|${file}|`)).reply, "OK|");
    assert.is((await w.request("0", "CONTROL trace-dump|/no/such/place|")).reply, "File not accessible.|");
    assert.is((await w.request("0", "CONTROL trace-dump|-o|nonsense|")).reply, "!EINVAL");
    assert.is(statSync(file).mode & 0o777, 0o600);

    const lines = tool("text", file).trim().split("\n");
    const now = new Date().getFullYear();
    const found = (pattern: RegExp): void =>
      assert.ok(
        lines.some((line) => pattern.test(line)),
        `${pattern}`,
      );
    found(new RegExp(`^${now}-.* domain 1 connection \\d+ -> WRITE \\d+: data/a\\|some value$`));
    found(/ domain 1 connection \d+ <- WRITE \d+: OK\|$/);
    found(/ domain 1 .* -> READ \d+ in transaction 1: none\|$/);
    found(/ domain 1 .* <- ERROR \d+ in transaction 1: ENOENT\|$/);
    found(/ domain 2 .* -> WRITE \d+: data\/long\|x{54} and 146 bytes$/);
    found(/ <- ERROR 4294967295: ENOSYS\|$/);

    tool("pcap", file, `${file}.pcap`);
    assert.is(statSync(`${file}.pcap`).mode & 0o777, 0o600);
    const pcap = readFileSync(`${file}.pcap`);
    assert.is(pcap.readUInt32LE(0), 0xa1b23c4d);
    assert.is(pcap.readUInt32LE(20), 147);
    let count = 0;
    let before = 0;
    for (let at = 24; at < pcap.length; count++) {
      const [seconds, nanoseconds, kept, length] = [0, 4, 8, 12].map((n) => pcap.readUInt32LE(at + n)) as [
        number,
        number,
        number,
        number,
      ];
      assert.ok(seconds + nanoseconds / 1e9 >= before);
      before = seconds + nanoseconds / 1e9;
      assert.is(pcap[at + 16], 1);
      const payload = pcap.readUInt32LE(at + 16 + 8 + 12);
      assert.is(length, 8 + 16 + payload);
      assert.is(kept, 8 + 16 + Math.min(payload, 64));
      at += 16 + kept;
    }
    assert.is(count, lines.length);
    assert.ok(Math.abs(Date.now() / 1000 - before) < 20, "times are those of the clock");
  } finally {
    await w.stop();
  }
});

test("fetched over CONTROL in pieces, it is the same", async () => {
  const w = await SocketWorld.start();
  const file = join(w.directory, "fetched");
  try {
    for (let i = 0; i < 300; i++) await w.request("1", `WRITE data/n|${i}`);
    const said = tool("fetch", "-s", join(w.directory, "socket"), file);
    const count = Number(/^(\d+) packets/.exec(said)?.[1]);
    assert.ok(count > 600, said);
    assert.is(statSync(file).size, 64 + SLOT * count);
    const text = tool("text", file);
    for (const i of [0, 150, 299]) assert.match(text, new RegExp(`-> WRITE \\d+: data/n\\|${i}\n`));
  } finally {
    await w.stop();
  }
});

test("after more than it holds, the newest are there", async () => {
  const w = await SocketWorld.start();
  const file = join(w.directory, "dump");
  try {
    for (let i = 0; i < 3000; i++) await w.request("1", `READ data/${i}|`);
    await w.request("0", `CONTROL trace-dump|${file}|`);
    const text = tool("text", file);
    assert.is(statSync(file).size, 64 + SLOT * 4096);
    assert.is(text.trim().split("\n").length, 4096);
    assert.match(text, /READ \d+: data\/2999\|/);
    assert.not.match(text, /READ \d+: data\/1\|/);
  } finally {
    await w.stop();
  }
});

test("told to the log, as lines that the script reads", async () => {
  const w = await SocketWorld.start();
  await w.request("1", "READ data/look|");
  await w.request("0", "CONTROL trace-dump|");
  const file = join(w.directory, "log");
  const log = await w.stop();
  assert.match(log, /^packet \d+ \d+ /m);
  spawnSync("mkdir", ["-p", w.directory]);
  writeFileSync(file, log.replaceAll(/^packet/gm, "(XEN) [   12.3] d1 packet"));
  const text = tool("text", file);
  assert.match(text, / domain 1 connection \d+ -> READ \d+: data\/look\|/);
  assert.is(text.trim().split("\n").length, 24);
  spawnSync("rm", ["-r", w.directory]);
});

test("a fatal signal tells the last packets before it ends the process", async () => {
  const w = await SocketWorld.start();
  await w.request("1", "READ data/the-last|");
  const { log, signal } = await w.crash("SIGSEGV");
  assert.is(signal, "SIGSEGV");
  assert.match(log, /signal 11 at .*; the last packets:\n/);
  const hex = Buffer.from("data/the-last\0").toString("hex");
  assert.match(log, new RegExp(`^packet \\d+ \\d+ \\d+ 1 in 2 \\d+ 0 14 ${hex}$`, "m"));
});

test("what is no dump is refused", () => {
  const { status, stderr } = spawnSync("tools/xenstore-trace", ["text", "README.md"], { encoding: "utf8" });
  assert.is(status, 1);
  assert.match(stderr, /^xenstore-trace: there are no packets in it\n$/);
});

test.run();
