import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "../support/client.ts";
import { ask, begin, list } from "../support/pipeline.ts";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("full stores");

const MIB = 1024 * 1024;
const FILLERS = [40, 41, 42, 43, 44, 45];
const MODEST = Array.from({ length: 30 }, (_, n) => 100 + n);

/** A store of 8 MiB with these guests, those that fill it, and modest ones. */
async function inLittle(guests: readonly number[], play: (w: SocketWorld) => Promise<void>): Promise<void> {
  const w = await SocketWorld.start({ domains: [...guests, ...FILLERS, ...MODEST], memory: 8 * MIB });
  try {
    await play(w);
  } finally {
    await w.stop();
  }
}

const of = (w: SocketWorld, domid: number): Client => w.client(String(domid));

/** What guests can: values up to their limit, then small ones up to that of modest guests. */
async function fill(w: SocketWorld, bytes: number, modest = MODEST): Promise<void> {
  const value = "v".repeat(bytes);
  for (const domid of FILLERS)
    await ask(
      of(w, domid),
      list(950, (n) => [Op.WRITE, `data/${n % 4}/${n}\0${value}`]),
    );
  for (const domid of modest)
    await ask(
      of(w, domid),
      list(33, (n) => [Op.WRITE, `data/${n % 4}/${n}\0${"m".repeat(1200)}`]),
    );
}

const recoveries = async (w: SocketWorld): Promise<number> =>
  Number(await w.raw("0", Op.READ, "/tool/xenstored/recoveries\0"));

/** The program fails once; it comes back with everything. */
async function fail(w: SocketWorld): Promise<void> {
  const before = await recoveries(w);
  const inject = async (every: number): Promise<void> => {
    while ((await w.raw("0", Op.CONTROL, `config\0inject-faults\0${every}\0`)) !== "OK\0");
  };
  while ((await recoveries(w)) === before) {
    await inject(1);
    await w.raw("0", Op.READ, "/\0");
    await inject(0);
  }
  assert.is(await w.raw("0", Op.CONTROL, "check\0"), "OK\0");
}

async function nothingFailed(w: SocketWorld): Promise<void> {
  assert.is(await recoveries(w), 0);
  assert.is(await w.raw("0", Op.CONTROL, "check\0"), "OK\0");
}

test("values that became short, and guests that remove trees beside a transaction of Dom0", () =>
  inLittle([10, 11, 12, 30, 31], async (w) => {
    for (const domid of [10, 11, 12])
      await ask(
        of(w, domid),
        list(940, (n) => [Op.WRITE, `data/d/${n % 4}/${n}\0`]),
      );
    for (const domid of [30, 31])
      for (const length of [1900, 0])
        await ask(
          of(w, domid),
          list(600, (n) => [Op.WRITE, `data/${n % 8}/${n}\0${"p".repeat(length)}`]),
        );
    await fill(w, 300);
    await begin(w.client("0"));
    await Promise.all([10, 11, 12].map((domid) => ask(of(w, domid), [[Op.RM, "data/d\0"]])));
    await nothingFailed(w);
    await fail(w);
  }));

test("permission lists that were dropped are no burden for a recovery", () =>
  inLittle([20, 21, 22], async (w) => {
    const letter = (n: number, shift: number): string => "nrwb"[(n >> shift) & 3] as string;
    for (const domid of [20, 21, 22]) {
      await ask(
        of(w, domid),
        list(900, (n) => [Op.WRITE, `data/${n % 8}/${n}\0`]),
      );
      for (const own of [false, true])
        await ask(
          of(w, domid),
          list(900, (n) => {
            const others = own ? "" : [10, 11, 12, 13].map((d, i) => `${letter(n, 2 + 2 * i)}${d}\0`).join("");
            return [Op.SET_PERMS, `data/${n % 8}/${n}\0${own ? "n" : letter(n, 0)}${domid}\0${others}`];
          }),
        );
    }
    await fill(w, 500, []);
    await fail(w);
  }));

test("watches on long paths are as large after a recovery as before", () =>
  inLittle(
    Array.from({ length: 16 }, (_, n) => 10 + n),
    async (w) => {
      for (let domid = 10; domid < 26; domid++)
        await ask(
          of(w, domid),
          list(120, (n) => [Op.WATCH, `data/${"x".repeat(1200)}/${n}\0t\0`]),
        );
      await fill(w, 500);
      await fail(w);
    },
  ));

for (const way of ["dies", "is released"])
  test(`a guest ${way} whose nodes lie in directories of another, beside a transaction of Dom0`, () =>
    inLittle([10, 11], async (w) => {
      const paths = list(900, (n) => [Op.MKDIR, `data/${n % 4}/${n}\0`]);
      await ask(of(w, 10), paths);
      await ask(
        of(w, 10),
        paths.map(([, path]) => [Op.SET_PERMS, `${path}n10\0w11\0`]),
      );
      await ask(
        of(w, 11),
        list(900, (n) => [Op.WRITE, `/local/domain/10/data/${n % 4}/${n}/${"c".repeat(1000)}\0`]),
      );
      await fill(w, 1500);
      await begin(w.client("0"));
      if (way === "dies") await w.happen("kill 11");
      else assert.is(await w.raw("0", Op.RELEASE, "11\0"), "OK\0");
      assert.is(await w.raw("0", Op.DIRECTORY, "/local/domain/10/data/1/1\0"), "");
      await nothingFailed(w);
    }));

test("Dom0 is served while its own open transaction holds what there was for it", () =>
  inLittle([], async (w) => {
    const dom0 = w.client("0");
    await ask(
      dom0,
      list(1500, (n) => [Op.WRITE, `/big/${n % 50}/${n}\0v`]),
    );
    await fill(w, 1500);
    await begin(dom0);
    await ask(dom0, [[Op.RM, "/big\0"]]);
    for (let n = 0; n < 50; n++)
      assert.equal(
        await ask(dom0, [
          [Op.WRITE, `/new${n}\0x`],
          [Op.INTRODUCE, `${300 + n}\x001\x007\0`],
          [Op.RELEASE, `${300 + n}\0`],
        ]),
        new Map(),
      );
    await nothingFailed(w);
  }));

for (const dom0 of [false, true])
  test(`sockets come to a store of 3 MiB that ${dom0 ? "Dom0" : "guests"} filled, until there is no memory for more`, async () => {
    const w = await SocketWorld.start({ domains: FILLERS, memory: 3 * MIB });
    try {
      await fill(w, 1500, []);
      if (dom0) for (let n = 0; !(await ask(w.client("0"), [[Op.WRITE, `/full/${n}\0${"d".repeat(300)}`]])).size; n++);
      let served = 0;
      for (let open = true; open && served < 400; served += open ? 1 : 0) {
        await w.connect(`socket ${served}`);
        const client = w.client(`socket ${served}`);
        client.write({ type: Op.READ, reqId: 1, txId: 0, payload: "/\0" });
        await client.until(() => client.messages.length > 0);
        open = client.open;
      }
      assert.ok(served >= 5, `${served} were served`);
      // Who has come can make room.
      assert.is((await ask(w.client("socket 0"), [[Op.RM, "/local/domain/40/data\0"]])).size, 0);
      await nothingFailed(w);
    } finally {
      await w.stop();
    }
  });

test("domains are introduced to a store of 3 MiB that guests filled, until there is no memory for more", async () => {
  const w = await SocketWorld.start({ domains: FILLERS, memory: 3 * MIB });
  try {
    await fill(w, 1500, []);
    let last = 0;
    const errors = new Map<string, number>();
    for (let domid = 200; errors.size === 0 && domid < 900; last = domid++)
      for (const [error, count] of await ask(w.client("0"), [[Op.INTRODUCE, `${domid}\x001\x007\0`]]))
        errors.set(error, count);
    assert.equal([...errors.keys()], ["ENOMEM\0"]);
    assert.is(await w.raw("0", Op.IS_DOMAIN_INTRODUCED, `${last}\0`), "F\0");
    assert.is(await w.raw("0", Op.RELEASE, "200\0"), "OK\0");
    await nothingFailed(w);
  } finally {
    await w.stop();
  }
});

test("a guest dies in a store of 3 MiB that guests filled, and a hundred sockets watch for that", async () => {
  const w = await SocketWorld.start({ domains: FILLERS, memory: 3 * MIB });
  try {
    await fill(w, 1500, []);
    const watchers: Client[] = [];
    for (let n = 0; n < 100; n++) {
      await w.connect(`watcher ${n}`);
      const client = w.client(`watcher ${n}`);
      if ((await ask(client, [[Op.WATCH, "@releaseDomain\0t\0"]])).size > 0 || !client.open) break;
      watchers.push(client);
    }
    assert.ok(watchers.length > 40, `${watchers.length} watch`);
    await ask(watchers[0] as Client, [[Op.READ, "/\0"]]);
    for (const client of watchers) client.messages = [];
    await w.happen("kill 40");
    for (const client of watchers) await client.until(() => client.messages.some((m) => m.type === Op.WATCH_EVENT));
    assert.is(await w.raw("0", Op.RELEASE, "41\0"), "OK\0");
    await nothingFailed(w);
  } finally {
    await w.stop();
  }
});

/** One guest commits once. So many sockets of Dom0, which do not read, have so many watches each that see its nodes. */
for (const [mib, sockets, watches] of [
  [8, 1, 40],
  [8, 30, 1],
  [16, 40, 1],
] as const)
  test(`a commit that ${sockets} sockets of Dom0 with ${watches} watches each see, in ${mib} MiB`, async () => {
    const w = await SocketWorld.start({ domains: [10], memory: mib * MIB });
    try {
      for (let n = 0; n < sockets; n++) {
        await w.connect(`watcher ${n}`);
        const watcher = w.client(`watcher ${n}`);
        await ask(
          watcher,
          list(watches, (token) => [Op.WATCH, `/local/domain\0${token}\0`]),
        );
        watcher.pause();
      }
      const t = await begin(of(w, 10));
      const long = "y".repeat(1500);
      const writes = list(900, (n) => [Op.WRITE, `data/${long}/${n % 23}/${n}\0v`, t]);
      assert.equal([...(await ask(of(w, 10), writes))], []);
      const refused = await ask(of(w, 10), [[Op.TRANSACTION_END, "T\0", t]]);
      assert.equal([...refused], []);
      for (let n = 0; n < 20; n++) assert.is(await w.raw("0", Op.WRITE, `/x${n}\0y`), "OK\0");
      await nothingFailed(w);
    } finally {
      await w.stop();
    }
  });

test.run();
