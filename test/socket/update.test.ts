import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import { FAN_OUT, FanOut } from "../support/fan-out.ts";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("live update of the Linux program");
const PROGRAM = resolve("build/out/xenstored.prog");

const control = async (w: SocketWorld, request: string): Promise<string> =>
  (await w.request("0", `CONTROL live-update|${request}`)).reply;

test("everything that was set and begun goes on", async () => {
  const w = await SocketWorld.start();
  try {
    await w.connect("s");
    await w.request("s", "WATCH /a|t|");
    await w.request("1", "WATCH data|t|1|");
    for (let i = 0; i < 500; i++) await w.request("0", `WRITE /many/n${i}|${i}`);
    await w.request("1.t", "TRANSACTION_START |");
    assert.is((await w.request("1.t", "WRITE data/in|x")).reply, "OK|");
    assert.is((await w.request("1.t", "READ data|")).reply, "");
    // Half a request is on its way while the program goes.
    const client = w.client("2");
    client.send(Buffer.from([Op.READ, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0x64, 0x61]));
    // Without the rows' barrier, which would follow that half.
    assert.is(await w.raw("0", Op.CONTROL, `live-update\0-f\0${PROGRAM}\0`), "OK\0");
    assert.is(await w.raw("0", Op.CONTROL, "live-update\0-s\0-t\x0060\0"), "OK\0");
    client.send(Buffer.from("ta\0"));
    await client.until(() => client.messages.some((m) => m.reqId === 77));
    assert.is(client.messages.pop()?.payload, "");
    assert.equal((await w.request("0", "WRITE /a/b|x")).events, ["s /a/b|t|"]);
    const end = await w.request("1.t", "TRANSACTION_END T|");
    assert.equal([end.reply, end.events], ["OK|", ["1 data/in|t|"]]);
    assert.is((await w.request("0", "READ /many/n499|")).reply, "499");
    assert.is((await w.request("0", "CONTROL check|")).reply, "OK|");
  } finally {
    await w.stop();
  }
});

test("in chunks, and again and again", async () => {
  const w = await SocketWorld.start();
  try {
    const bytes = readFileSync(PROGRAM, "latin1");
    for (let round = 0; round < 3; round++) {
      assert.is(await control(w, `-b|${bytes.length}|`), "OK|");
      for (let at = 0; at < bytes.length; at += 2048) {
        const part = bytes.slice(at, at + 2048);
        assert.is(await w.raw("0", Op.CONTROL, `live-update\0-d\0${part.length}\0${part}\0`), "OK\0");
      }
      assert.is(await control(w, "-s|-t|60|"), "OK|");
    }
    assert.is((await w.request("1", "WRITE data/x|1")).reply, "OK|");
    const outage = (name: string): Promise<string> => w.raw("0", Op.READ, `/tool/xenstored/outage/${name}\0`);
    assert.is(await outage("programs"), "3");
    assert.is(`${await outage("last")}, ${await outage("reason")}`, "program, live update");
    assert.ok(Number(await outage("last-ms")) > 0);
  } finally {
    await w.stop();
  }
});

test("a file that is damaged is refused, and the old program goes on", async () => {
  const w = await SocketWorld.start();
  try {
    await w.request("0", "WRITE /a|x");
    const bytes = readFileSync(PROGRAM, "latin1");
    const damaged = `${bytes.slice(0, -1)}${String.fromCharCode(bytes.charCodeAt(bytes.length - 1) ^ 1)}`;
    for (const [file, why] of [
      [damaged, "the program file is damaged"],
      [bytes.slice(0, 100), "the program file is not as long as it says"],
    ] as const) {
      assert.is(await control(w, `-b|${file.length}|`), "OK|");
      for (let at = 0; at < file.length; at += 2048) {
        const part = file.slice(at, at + 2048);
        assert.is(await w.raw("0", Op.CONTROL, `live-update\0-d\0${part.length}\0${part}\0`), "OK\0");
      }
      assert.is(await control(w, "-s|"), `${why}|`);
    }
    assert.is((await w.request("0", "READ /a|")).reply, "x");
  } finally {
    assert.not.match(await w.stop(), /the new program serves/);
  }
});

test("a state that was written is read at a start", async () => {
  const w = await SocketWorld.start();
  const state = join(w.directory, "..", `xenstored-state-${process.pid}`);
  await w.request("0", "WRITE /a/b|kept");
  await w.request("0", "SET_PERMS /a/b|r30|b31|");
  assert.is((await w.request("0", `CONTROL dump|${state}|`)).reply, "OK|");
  assert.ok(statSync(state).size > 500);
  await w.stop();
  const again = await SocketWorld.start({ args: ["--restore", state], domains: [] });
  try {
    assert.is((await again.request("0", "READ /a/b|")).reply, "kept");
    assert.is((await again.request("0", "GET_PERMS /a/b|")).reply, "r30|b31|");
    assert.is((await again.request("0", "CONTROL check|")).reply, "OK|");
  } finally {
    await again.stop();
  }
});

test("an exchange that is refused loses neither events nor replies", async () => {
  const w = await SocketWorld.start({ domains: [] });
  try {
    for (const name of ["committer", "watcher"]) await w.connect(name);
    const fan = new FanOut(w.client("committer"), w.client("watcher"), (signal) => w.signal(signal));
    await fan.prepare();
    assert.is(await control(w, `-f|${PROGRAM}|`), "OK|");
    assert.is(await control(w, "-c|--no-such-option|"), "OK|");
    const said = await fan.commit(w.client("0"), ["live-update\0-s\0"]);
    assert.equal(said, ["unknown option: --no-such-option"]);
    assert.is(await fan.answer(), "OK\0");
    assert.is(await fan.answerBehind(), "x", "what was asked meanwhile is answered");
    const events = await fan.events();
    assert.equal([events.length, new Set(events).size], [FAN_OUT, FAN_OUT]);
  } finally {
    await w.stop();
  }
});

for (const where of ["a file", "pieces"])
  test(`a dump to ${where} delivers what is on its way, and who waited for that is read on`, async () => {
    const w = await SocketWorld.start({ domains: [] });
    try {
      for (const name of ["committer", "watcher"]) await w.connect(name);
      const fan = new FanOut(w.client("committer"), w.client("watcher"), (signal) => w.signal(signal));
      await fan.prepare();
      const file = where === "a file" ? join(w.directory, "state") : "-b";
      assert.match((await fan.commit(w.client("0"), [`dump\0${file}\0`]))[0] ?? "", /^(OK|[0-9]+)$/);
      assert.is(await fan.answer(), "OK\0");
      assert.is(await fan.answerBehind(), "x");
      assert.is(new Set(await fan.events()).size, FAN_OUT);
    } finally {
      await w.stop();
    }
  });

test.run();
