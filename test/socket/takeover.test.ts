import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import { Host, OURS } from "../support/c-xenstored.ts";
import type { Client } from "../support/client.ts";

/** C xenstored becomes this program by its own live update, and the other way round, in one process. */
const test = suite("live updates from and to C xenstored");
let host: Host;

test.after.each(() => host.stop());

/** A client of which the reply to WATCH and the first event are gone. */
async function watcher(path: string): Promise<Client> {
  const c = await host.client();
  await host.ask(c, Op.WATCH, `${path}\0token\0`);
  await c.until(() => c.messages.length === 1);
  c.messages = [];
  return c;
}

/** What an update that came to nothing left, because C xenstored has said OK before. */
const result = (): string => readFileSync(join(host.directory, "r/live-update-result"), "utf8");

const events = (c: Client): (string | undefined)[] =>
  c.messages.filter((m) => m.type === Op.WATCH_EVENT).map((m) => m.payload.split("\0")[0]);

for (const xen of ["4.17", "4.20"])
  test(`Xen ${xen}: there and back twenty times, with all clients`, async () => {
    host = new Host(xen);
    const [admin, half, slow] = [await host.client(), await host.client(), await host.client()];
    const sees = await watcher("/w");
    for (let n = 0; n < 300; n++) await host.ask(admin, Op.WRITE, `/many/n${n}\0${n}`);
    await host.ask(admin, Op.WRITE, `/large\0${"y".repeat(4000)}`);
    await host.ask(admin, Op.WRITE, "/perms\0x");
    await host.ask(admin, Op.SET_PERMS, "/perms\0n0\0r0\0b0\0");
    // More than a socket holds waits for who does not read.
    slow.pause();
    for (let n = 1; n <= 400; n++) slow.write({ type: Op.READ, reqId: 100_000 + n, txId: 0, payload: "/large\0" });
    // Half a request.
    half.send(Buffer.from([Op.READ, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0x2f, 0x6c]));
    await host.ask(admin, Op.READ, "/large\0");
    const told: string[] = [];
    for (let round = 0; round < 20; round++)
      for (const path of [OURS, host.c]) {
        assert.is(await host.update(admin, path, ["-t", "10"]), "OK\0", host.log);
        assert.is(host.ours, path === OURS, host.log);
        assert.not(existsSync(join(host.directory, "r/state_dump")), "nobody leaves the state behind");
        const name = `/w/${round}${path === OURS ? "there" : "back"}`;
        told.push(name);
        assert.is(await host.ask(admin, Op.WRITE, `${name}\0${round}`), "OK\0");
        assert.is(await host.ask(admin, Op.READ, `/many/n${round}\0`), String(round));
        assert.is(await host.ask(admin, Op.GET_PERMS, "/perms\0"), "n0\0r0\0b0\0");
        const late = await host.client();
        assert.is(await host.ask(late, Op.READ, `${name}\0`), String(round), "new clients are accepted");
        await late.close();
      }
    assert.is(await host.update(admin, OURS), "OK\0");
    half.send(Buffer.from("arge\0"));
    await half.until(() => half.messages.some((m) => m.reqId === 77));
    assert.is(half.messages.pop()?.payload.length, 4000);
    slow.resume();
    await slow.until(() => slow.messages.length === 400);
    assert.equal(
      slow.messages.map((m) => m.reqId),
      Array.from({ length: 400 }, (_, n) => 100_001 + n),
    );
    assert.ok(slow.messages.every((m) => m.payload.length === 4000));
    await sees.until(() => events(sees).length >= told.length);
    assert.equal(events(sees), told, "each change is told once, in order");
    assert.is(host.pidFile, host.pid, "it is the same process");
    assert.is(await host.ask(admin, Op.CONTROL, "check\0"), "OK\0");
  });

test("C xenstored goes on where this program cannot start, and the reason is left", async () => {
  host = new Host("4.20");
  const c = await host.client();
  const sees = await watcher("/a");
  await host.ask(c, Op.WRITE, "/a\0b");
  const words = `-N --nosuch --pid-file=${join(host.directory, "pid")} --on-failure=${host.c}`;
  // C xenstored has answered before it hands over.
  assert.is(await host.update(c, OURS, ["-t", "1"], words), "OK\0");
  assert.is(await host.ask(c, Op.READ, "/a\0"), "b");
  assert.not(host.ours);
  assert.match(result(), /^Error activating new binary/);
  assert.is(await host.ask(c, Op.WRITE, "/a\0c"), "OK\0");
  await sees.until(() => events(sees).length >= 2);
  assert.equal(events(sees), ["/a", "/a"]);
  assert.is(await host.update(c, OURS, [], words.replace("--nosuch ", "")), "OK\0");
  assert.ok(host.ours);
  assert.is(await host.ask(c, Op.READ, "/a\0"), "c");
  assert.is(await host.ask(c, Op.READ, "/tool/xenstored/outage/takeovers\0"), "1");
  assert.not(existsSync(join(host.directory, "r/live-update-result")));
});

test("a rehearsal reads the state in another process, and changes nothing", async () => {
  host = new Host("4.20");
  const c = await host.client();
  const sees = await watcher("/a");
  for (let n = 0; n < 1500; n++) await host.ask(c, Op.WRITE, `/b/n${n}\0${n}`);
  const words = `-N --pid-file=${join(host.directory, "pid")} --rehearse --on-failure=${host.c}`;
  assert.is(await host.update(c, OURS, ["-t", "1"], words), "OK\0");
  assert.is(await host.ask(c, Op.WRITE, "/a\0b"), "OK\0");
  assert.not(host.ours);
  assert.match(result(), /^Rehearsed: /);
  assert.is(await host.update(c, OURS, [], words.replace("--rehearse ", "")), "OK\0");
  assert.ok(host.ours);
  assert.match(await host.update(c, host.c, ["-t", "1"], "--rehearse"), /^Rehearsed: /);
  assert.ok(host.ours);
  assert.not(existsSync(join(host.directory, "r/state_dump")));
  assert.is(await host.ask(c, Op.WRITE, "/a\0c"), "OK\0");
  await sees.until(() => events(sees).length >= 2);
  assert.equal(events(sees), ["/a", "/a"]);
});

test("open transactions are waited for, told, or dropped", async () => {
  host = new Host("4.20");
  const [c, other] = [await host.client(), await host.client()];
  assert.is(await host.update(c, OURS), "OK\0");
  let txId = Number.parseInt(await host.ask(other, Op.TRANSACTION_START, "\0"), 10);
  assert.match(
    await host.update(c, host.c, ["-t", "0"]),
    /^Domains with long running transactions:\nDomain 0: \d+ s\0$/,
  );
  assert.ok(host.ours);
  // It goes as soon as none is open.
  const going = host.update(c, host.c, ["-t", "60"]);
  await host.ask(other, Op.WRITE, "/in\0x", txId);
  assert.ok(host.ours);
  assert.is(await host.ask(other, Op.TRANSACTION_END, "T\0", txId), "OK\0");
  assert.is(await going, "OK\0");
  assert.not(host.ours);
  assert.is(await host.ask(c, Op.READ, "/in\0"), "x");
  assert.is(await host.update(c, OURS), "OK\0");
  txId = Number.parseInt(await host.ask(other, Op.TRANSACTION_START, "\0"), 10);
  assert.is(await host.update(c, host.c, ["-t", "0", "-F"]), "OK\0");
  assert.not(host.ours);
  assert.is(await host.ask(other, Op.TRANSACTION_END, "T\0", txId), "ENOENT\0");
  assert.is(await host.ask(other, Op.READ, "/in\0"), "x");
});

test("a watch with a depth is not lost unasked", async () => {
  host = new Host("4.17");
  const [c, other] = [await host.client(), await host.client()];
  assert.is(await host.update(c, OURS), "OK\0");
  assert.is(await host.ask(other, Op.WATCH, "/d\0token\x001\0"), "OK\0");
  assert.match(await host.update(c, host.c), /^1 watches have a depth/);
  assert.is(await host.update(c, host.c, ["-v", "2"]), "Migration stream version not supported.\0");
  assert.ok(host.ours);
  assert.is(await host.update(c, host.c, ["-F"]), "OK\0");
  await other.until(() => other.messages.length === 1);
  assert.is(await host.ask(c, Op.WRITE, "/d/e/f\0x"), "OK\0");
  await other.until(() => other.messages.length === 2);
  assert.equal(events(other), ["/d", "/d/e/f"]);
});

test("quotas and the pid file go over as options", async () => {
  host = new Host("4.20", ["--entry-nb=77", "--quota=memory=4711"]);
  const c = await host.client();
  const quota = async (): Promise<string> => (await host.ask(c, Op.CONTROL, "quota\0")).replace(/ +/g, " ");
  for (const path of [OURS, host.c, OURS]) {
    assert.is(await host.update(c, path), "OK\0");
    const shown = await quota();
    assert.match(shown, /nodes ?: 77 /);
    assert.match(shown, /memory ?: 4711 /);
    assert.is(host.pidFile, host.pid);
  }
});

test.run();
