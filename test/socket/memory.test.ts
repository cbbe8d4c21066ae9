import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "../support/client.ts";
import { ask, begin, list } from "../support/pipeline.ts";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("little memory");

const PROGRAM = resolve("build/out/xenstored.prog");
const MIB = 1024 * 1024;
/** A guest that does nothing wrong. */
const INNOCENT = 8;
const TRANSACTIONS = 10;

/** What Dom0 and an innocent guest ask for meanwhile; each refusal is told. */
class Others {
  readonly refusals: string[] = [];
  /** The innocent guest is asked, too. */
  innocent = true;
  private round = 0;

  constructor(private readonly w: SocketWorld) {}

  async ask(writes = 1): Promise<void> {
    const { w } = this;
    const dom0 = w.client("0");
    const n = this.round++;
    const note = (who: string, errors: Map<string, number>): void => {
      for (const [error, count] of errors) this.refusals.push(`${who} ${n}: ${count} times ${error.slice(0, -1)}`);
    };
    note(
      "Dom0's WRITE",
      await ask(
        dom0,
        list(writes, (i) => [Op.WRITE, `/dom0/${i % 50}\0${n}`]),
      ),
    );
    note("Dom0's RM", await ask(dom0, [[Op.RM, "/dom0\0"]]));
    note(
      "Dom0's WATCH",
      await ask(dom0, [
        [Op.WATCH, `/w\0${n}\0`],
        [Op.UNWATCH, `/w\0${n}\0`],
      ]),
    );
    const id = await begin(dom0);
    if (id === 0) this.refusals.push(`Dom0's TRANSACTION_START ${n}`);
    else
      note(
        "Dom0's transaction",
        await ask(dom0, [
          [Op.WRITE, "/in\0x", id],
          [Op.TRANSACTION_END, "T\0", id],
        ]),
      );
    note(
      "Dom0's INTRODUCE",
      await ask(dom0, [
        [Op.INTRODUCE, `${100 + n}\x001\x007\0`],
        [Op.RELEASE, `${100 + n}\0`],
      ]),
    );
    note("Dom0's CONTROL", await ask(dom0, [[Op.CONTROL, "quota\0"]]));
    note(
      "the status tree",
      await ask(dom0, [
        [Op.DIRECTORY, "/tool/xenstored/domain\0"],
        [Op.READ, "/tool/xenstored/domain/1/memory\0"],
      ]),
    );
    if (this.innocent)
      note("the innocent's WRITE", await ask(w.client(String(INNOCENT)), [[Op.WRITE, "data/mine\0x"]]));
  }

  async nothingWasRefused(): Promise<void> {
    assert.equal(this.refusals, []);
    const recoveries = await this.w.raw("0", Op.READ, "/tool/xenstored/recoveries\0");
    assert.is(recoveries, "0", "no program failed");
    assert.is(await this.w.raw("0", Op.CONTROL, "check\0"), "OK\0");
  }
}

/** The bytes of one request, so many times. */
function request(type: number, payload: string, times = 1): Buffer {
  const one = Buffer.alloc(16 + payload.length);
  one.writeUInt32LE(type, 0);
  one.writeUInt32LE(1, 4);
  one.writeUInt32LE(payload.length, 12);
  one.write(payload, 16, "latin1");
  return Buffer.concat(Array.from({ length: times }, () => one));
}

async function withGuests(
  guests: number,
  mebibytes: number,
  play: (w: SocketWorld, guests: Client[], others: Others) => Promise<void>,
): Promise<void> {
  const domids = Array.from({ length: guests }, (_, n) => 20 + n);
  const w = await SocketWorld.start({ domains: [INNOCENT, 1, ...domids], memory: mebibytes * MIB });
  try {
    await play(
      w,
      domids.map((domid) => w.client(String(domid))),
      new Others(w),
    );
  } finally {
    await w.stop();
  }
}

for (const [guests, mebibytes] of [
  [2, 8],
  [8, 4],
] as const) {
  const where = `${guests} guests in ${mebibytes} MiB`;

  test(`transactions that look at many names: ${where}`, () =>
    withGuests(guests, mebibytes, async (w, clients, others) => {
      for (const client of clients) {
        const open = await Promise.all(list(1, () => [0, ""]).map(() => begin(client)));
        while (open.length < TRANSACTIONS) open.push(await begin(client));
        for (const id of open) {
          await ask(
            client,
            list(1020, (n) => [Op.READ, `no/${n}\0`, id]),
          );
          await others.ask();
        }
      }
      await others.ask(1000);
      // Whoever made them can end them, and whoever is gone has nothing any more.
      const [first] = clients as [Client];
      for (let id = 1; id <= TRANSACTIONS; id++) await ask(first, [[Op.TRANSACTION_END, "F\0", id]]);
      assert.is(await w.raw("0", Op.CONTROL, `sim\0destroy\x00${20 + guests - 1}\0`), "OK\0");
      await others.ask();
      await others.nothingWasRefused();
    }));

  test(`history for an old snapshot: ${where}`, () =>
    withGuests(guests, mebibytes, async (_w, clients, others) => {
      for (const client of clients) {
        await ask(
          client,
          list(980, (n) => [Op.WRITE, `data/${n % 9}/${n}\0x`]),
        );
        await begin(client);
      }
      for (let round = 0; round < 20; round++) {
        for (const client of clients) {
          const id = await begin(client);
          await ask(
            client,
            list(980, (n) => [Op.WRITE, `data/${n % 9}/${n}\0${round}`]),
          );
          if (id !== 0) await ask(client, [[Op.TRANSACTION_END, "F\0", id]]);
        }
        await others.ask();
      }
      await others.ask(1000);
      await others.nothingWasRefused();
    }));
}

test("a transaction that Dom0 forgot, in 8 MiB", () =>
  withGuests(1, 8, async (w, _clients, others) => {
    const dom0 = w.client("0");
    await ask(
      dom0,
      list(3000, (n) => [Op.WRITE, `/n/${n % 50}/${n}\0${"x".repeat(100)}`]),
    );
    const old = await begin(dom0);
    await ask(dom0, [[Op.READ, "/n/1/1\0", old]]);
    for (let round = 0; round < 20; round++) {
      const id = await begin(dom0);
      const errors = await ask(
        dom0,
        list(3000, (n) => [Op.WRITE, `/n/${n % 50}/${n}\0${String(round).repeat(60)}`]),
      );
      assert.is(errors.size, 0);
      assert.is((await ask(dom0, [[Op.TRANSACTION_END, "T\0", id]])).size, 0);
      await others.ask();
    }
    await others.nothingWasRefused();
  }));

for (const [bytes, first] of [
  [10, "full"],
  [300, "full"],
  [300, "transaction"],
  [2000, "full"],
] as const)
  test(`a large tree goes while another client's transaction needs it, in a full store, ${bytes} bytes, ${first}`, () =>
    withGuests(0, 8, async (w) => {
      const dom0 = w.client("0");
      await w.connect("other");
      const other = w.client("other");
      const fill = async (): Promise<void> => {
        const value = "x".repeat(bytes);
        for (let n = 0, full = false; !full; n += 64)
          full = (
            await ask(
              dom0,
              list(64, (i) => [Op.WRITE, `/full/${n}/${i}\0${value}`]),
            )
          ).has("ENOMEM\0");
      };
      await ask(
        dom0,
        list(13_000, (n) => [Op.WRITE, `/big/${n % 130}/${n}\0${n}`]),
      );
      if (first === "full") await fill();
      const id = await begin(other);
      assert.is((await ask(other, [[Op.READ, "/big/1/1\0", id]])).size, 0);
      if (first === "transaction") await fill();
      assert.is((await ask(dom0, [[Op.RM, "/big\0"]])).size, 0);
      // Until all is swept.
      while ((await ask(dom0, [[Op.WRITE, `/again\0${"x".repeat(4000)}`]])).size > 0);
      await ask(other, [[Op.TRANSACTION_END, "F\0", id]]);
      assert.is(await w.raw("0", Op.READ, "/tool/xenstored/recoveries\0"), "0");
      assert.is(await w.raw("0", Op.CONTROL, "check\0"), "OK\0");
    }));

test("a dump beside a full store is whole, or is refused and leaves nothing", () =>
  withGuests(0, 4, async (w) => {
    const dom0 = w.client("0");
    for (let n = 0; !(await ask(dom0, [[Op.WRITE, `/full/${n}\0${"x".repeat(2000)}`]])).has("ENOMEM\0"); n++);
    const state = join(w.directory, "state");
    const report = join(w.directory, "report");
    // How much is left beside the store depends on the sizes of blocks.
    const whole = (await w.raw("0", Op.CONTROL, `dump\0${state}\0`)) === "OK\0";
    assert.is(existsSync(state), whole);
    if (whole) assert.ok(statSync(state).size > 1_000_000);
    assert.match(await w.raw("0", Op.CONTROL, "dump\0-b\0"), /^(ENOMEM|[0-9]+)\0$/);
    assert.is(await w.raw("0", Op.CONTROL, `memreport\0${report}\0`), "OK\0");
    assert.match(readFileSync(report, "latin1"), /^nodes: /);
    assert.is((await ask(dom0, [[Op.RM, "/full\0"]])).size, 0);
    assert.is(await w.raw("0", Op.CONTROL, `dump\0${state}\0`), "OK\0");
    assert.match(readFileSync(state, "latin1"), /^xenstore/);
    assert.is(await w.raw("0", Op.READ, "/tool/xenstored/recoveries\0"), "0");
  }));

test("live updates for which there is too little memory say so, and change nothing", () =>
  withGuests(0, 4, async (w) => {
    const dom0 = w.client("0");
    const value = "x".repeat(2000);
    let left = 0;
    while (!(await ask(dom0, [[Op.WRITE, `/full/${left}\0${value}`]])).has("ENOMEM\0")) left++;
    const refused: string[] = [];
    for (;;) {
      assert.is(await w.raw("0", Op.CONTROL, `live-update\0-f\0${PROGRAM}\0`), "OK\0");
      const said = await w.raw("0", Op.CONTROL, "live-update\0-s\0");
      if (said === "OK\0") break;
      refused.push(said);
      for (let n = 0; n < 20; n++) assert.is((await ask(dom0, [[Op.RM, `/full/${--left}\0`]])).size, 0, said);
    }
    // First the old program finds no room for the state, then the new one none for itself.
    assert.ok(refused.length > 1);
    for (const why of refused) assert.match(why, /too little memory|Allocation failure/);
    assert.is(await w.raw("0", Op.READ, `/full/${left - 1}\0`), value);
    assert.is(await w.raw("0", Op.READ, "/tool/xenstored/recoveries\0"), "0");
    assert.is(await w.raw("0", Op.CONTROL, "check\0"), "OK\0");
  }));

for (const [guests, mebibytes, every] of [
  [8, 2, 0],
  [20, 2, 0],
  [8, 2, 97],
  [20, 3, 97],
] as const) {
  // Their watches alone take what guests may have altogether: then the others of them are refused, too.
  const full = guests > 4 * mebibytes;
  const failing = every > 0 ? ", while programs fail" : "";
  test(`events that nobody reads, of ${guests} guests in ${mebibytes} MiB${failing}`, () =>
    withGuests(guests, mebibytes, async (w, clients, others) => {
      const [owner, ...watchers] = clients as [Client, ...Client[]];
      others.innocent = !full;
      await ask(owner, [
        [Op.MKDIR, "data/home\0"],
        [Op.SET_PERMS, "data/home\0b20\0"],
      ]);
      // Of the first, for some may find no room.
      let watches = 0;
      for (const client of watchers) {
        const path = "/local/domain/20/data/home";
        const errors = await ask(
          client,
          list(128, (n) => [Op.WATCH, `${path}\0token ${n}\0`]),
        );
        if (client === watchers[0]) watches = 128 - (errors.get("ENOMEM\0") ?? 0);
        client.pause();
      }
      if (every > 0) await w.raw("0", Op.CONTROL, `config\0inject-faults\0${every}\0`);
      for (let round = 0; round < 4; round++) {
        await ask(
          owner,
          list(300, (n) => [Op.WRITE, `data/home/${n}\0x`]),
        );
        await ask(
          owner,
          list(300, (n) => [Op.RM, `data/home/${n}\0`]),
        );
        assert.ok(owner.open, "whoever reads is not cut off");
        if (every === 0) await others.ask(50);
      }
      if (every > 0) await w.raw("0", Op.CONTROL, "config\0inject-faults\x000\0");
      else await others.nothingWasRefused();
      await others.ask(1000);
      assert.equal(others.refusals, []);
      // Whoever reads again is told of each watch, though not of each change.
      const [first] = watchers as [Client];
      // Where nothing could be written, there was nothing to tell.
      if (full) await ask(w.client("0"), [[Op.WRITE, "/local/domain/20/data/home\0x"]]);
      first.resume();
      const told = new Set<string>();
      await first.until(() => {
        for (const m of first.messages.splice(0))
          if (m.type === Op.WATCH_EVENT) told.add(m.payload.split("\0")[1] ?? "");
        return told.size === watches;
      });
    }));
}

// More clients than memory has room for what each of them may have waiting: first those fill it who hold nodes.
for (const [holders, guests, mebibytes] of [
  [8, 60, 8],
  [8, 20, 4],
  [0, 100, 8],
] as const)
  test(`replies that nobody reads, and halves of requests, of ${guests} guests beside ${holders} full ones in ${mebibytes} MiB`, () =>
    withGuests(holders + guests, mebibytes, async (_w, clients, others) => {
      others.innocent = false;
      for (const client of clients) await ask(client, [[Op.WRITE, `data/large\0${"v".repeat(1900)}`]]);
      for (const client of clients.slice(0, holders))
        await ask(
          client,
          list(750, (n) => [Op.WRITE, `data/${n % 20}/${n}\0${"v".repeat(1500)}`]),
        );
      for (const [n, client] of clients.slice(holders).entries()) {
        client.pause();
        // The first of them fill what lies between them and the daemon; then the daemon keeps it, and reads no more.
        if (n % 4 < 3) client.send(request(Op.READ, "data/large\0", 600));
        // A header, and not all of what it says will follow.
        client.send(request(Op.WRITE, `data/half\0${"v".repeat(4000)}`).subarray(0, n % 2 ? 19 : 4000));
        await others.ask();
      }
      await others.ask(1000);
      await others.nothingWasRefused();
    }));

test.run();
