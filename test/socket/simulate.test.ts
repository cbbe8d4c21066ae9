import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "../support/client.ts";
import { connected, SocketWorld } from "../support/socket-world.ts";

const test = suite("simulated domains");

/** A test with a daemon of its own, which must end well. */
function world(name: string, body: (world: SocketWorld) => Promise<void>, args: string[] = []): void {
  test(name, async () => {
    const started = await SocketWorld.start({ args });
    try {
      await body(started);
    } finally {
      assert.not.match(await started.stop(), /Error/);
    }
  });
}

async function answered(client: Client, reqId: number): Promise<string> {
  const isReply = (m: { reqId: number }): boolean => m.reqId === reqId;
  await client.until(() => client.messages.some(isReply));
  return client.messages.find(isReply)?.payload ?? "(none)";
}

world("the socket is there from INTRODUCE to RELEASE or death", async (w) => {
  const path = (domid: number): string => join(w.directory, `domains/${domid}.sock`);
  assert.ok(existsSync(path(1)) && existsSync(path(2)));
  assert.not(existsSync(path(3)));
  await w.request("0", "RELEASE 1|");
  assert.not(existsSync(path(1)));
  await w.client("1").until(() => false);
  assert.is((await w.request("0", "INTRODUCE 1|1|1|")).reply, "OK|");
  assert.ok(existsSync(path(1)));
  await w.happen("kill 2");
  assert.not(existsSync(path(2)));
});

world("one client at a time: the next waits, and starts with nothing set", async (w) => {
  const path = join(w.directory, "domains/1.sock");
  await w.request("1", "WATCH data|t|");
  await w.request("1.a", "TRANSACTION_START |");
  const second = await connected(path);
  second.write({ type: Op.READ, reqId: 7, txId: 0, payload: "data\0" });
  await w.request("0", "WRITE /local/domain/1/data|x");
  assert.is(second.messages.length, 0);
  assert.is((await w.request("0", "CONTROL watches|1|")).reply, "watch D1: /local/domain/1/data t None\n|");
  await w.client("1").close();
  assert.is(await answered(second, 7), "x");
  assert.is((await w.request("0", "CONTROL watches|1|")).reply, "|");
  second.write({ type: Op.READ, reqId: 8, txId: 1, payload: "data\0" });
  assert.is(await answered(second, 8), "ENOENT\0");
  await second.close();
});

world("what a client asked for before it went is done", async (w) => {
  w.client("1").write({ type: Op.WRITE, reqId: 1, txId: 0, payload: "data/last\0word" });
  await w.client("1").close();
  assert.is((await w.request("0", "READ /local/domain/1/data/last|")).reply, "word");
});

world(
  "a guest that does not read slows nobody else, and gets its replies once it reads",
  async (w) => {
    const guest = w.client("1");
    await w.request("0", `WRITE /local/domain/1/data|${"v".repeat(4000)}`);
    guest.pause();
    for (let i = 1; i <= 2000; i++) guest.write({ type: Op.READ, reqId: 1000 + i, txId: 0, payload: "data\0" });
    const dom0 = w.client("0");
    for (let i = 1; i <= 100; i++) dom0.write({ type: Op.READ, reqId: i, txId: 0, payload: "/tool\0" });
    assert.is(await answered(dom0, 100), "");
    assert.is(guest.messages.length, 0);
    dom0.messages = [];
    guest.resume();
    assert.is((await answered(guest, 3000)).length, 4000);
    assert.is(guest.messages.length, 2000);
    guest.messages = [];
    dom0.messages = [];
  },
  ["--quota", "outstanding=5"],
);

/** Bytes that the engine has in use. */
async function used(w: SocketWorld): Promise<number> {
  return Number((await w.request("0", "READ /tool/xenstored/memory/engine-bytes|")).reply);
}

/** Guests with watches, transactions and replies that they do not read, each of which dies. */
async function generations(w: SocketWorld, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await w.happen("exist 3");
    await w.request("0", "WRITE /local/domain/3|");
    await w.request("0", "SET_PERMS /local/domain/3|n3|");
    await w.request("0", "INTRODUCE 3|1|3|");
    const guest = await connected(join(w.directory, "domains/3.sock"));
    guest.write({ type: Op.WRITE, reqId: 1, txId: 0, payload: `data\0${"v".repeat(2000)}` });
    guest.write({ type: Op.WATCH, reqId: 2, txId: 0, payload: "data\0token\0" });
    guest.write({ type: Op.TRANSACTION_START, reqId: 3, txId: 0, payload: "\0" });
    assert.is((await answered(guest, 3)).length, 2);
    guest.pause();
    for (let n = 0; n < 400; n++) guest.write({ type: Op.READ, reqId: 10 + n, txId: 0, payload: "data\0" });
    await w.request("0", "WRITE /local/domain/3/data|x");
    await w.happen("kill 3");
    await guest.close();
    const client = await connected(join(w.directory, "socket"));
    client.write({ type: Op.WATCH, reqId: 1, txId: 0, payload: "/local\0token\0" });
    await answered(client, 1);
    await client.close();
  }
}

world("guests and clients that went leave nothing", async (w) => {
  await generations(w, 20);
  const before = await used(w);
  await generations(w, 40);
  const more = (await used(w)) - before;
  assert.ok(more < 4000, `${more} bytes after 40 guests`);
});

test.run();
