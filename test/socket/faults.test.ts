import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "../support/client.ts";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("failures on purpose");

/** How many, and one in how many messages. */
const FAULTS = Number(process.env.FAULTS ?? 200);
const EVERY = 7;
const WRITERS = 6;
const NODES = 12;

let seed = Number(process.env.SEED ?? Date.now() & 0xffff);
function any(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return (seed >>> 16) % below;
}

/** What a transaction makes below the node that it writes. */
const BELOW = "/a/b";

/** Errors that say that nothing was done. */
const UNDONE = ["EIO\0", "ENOMEM\0", "EAGAIN\0"];

/** A client with nodes of its own, who knows what is in them, and the events that others must get of them. */
class Writer {
  readonly known = new Map<string, string>();
  reqId = 0;
  private readonly name: string;

  constructor(
    readonly client: Client,
    readonly number: number,
  ) {
    this.name = `/load/${number}`;
  }

  async ask(type: number, payload: string, txId = 0): Promise<{ type: number; payload: string }> {
    const reqId = ++this.reqId;
    const { client } = this;
    client.write({ type, reqId, txId, payload });
    const mine = () => client.messages.filter((m) => m.type !== Op.WATCH_EVENT);
    await client.until(() => mine().length > 0);
    const replies = mine();
    assert.ok(client.open, "nobody is disconnected");
    assert.is(replies.length, 1, "a request has one answer");
    const reply = replies[0] as { reqId: number; type: number; payload: string };
    assert.is(reply.reqId, reqId);
    client.messages = client.messages.filter((m) => m.type === Op.WATCH_EVENT);
    return reply;
  }

  /** Asks until it is done; what is refused must not have been done. */
  private async done(type: number, payload: string, check: () => Promise<void>): Promise<void> {
    for (;;) {
      const reply = await this.ask(type, payload);
      if (reply.type !== Op.ERROR) return;
      assert.ok(UNDONE.includes(reply.payload), reply.payload);
      await check();
    }
  }

  /** The value of a node; undefined: there is none. */
  async value(path: string): Promise<string | undefined> {
    for (;;) {
      const reply = await this.ask(Op.READ, `${path}\0`);
      if (reply.type !== Op.ERROR) return reply.payload;
      if (reply.payload === "ENOENT\0") return undefined;
      assert.ok(UNDONE.includes(reply.payload), reply.payload);
    }
  }

  /** One change. Returns the paths whose changes are to be told. */
  async change(round: number): Promise<string[]> {
    const path = `${this.name}/n${any(NODES)}`;
    const before = this.known.get(path);
    const same = async () => assert.is(await this.value(path), before, `${path} is as it was`);
    const value = `${round}.${this.number}`;
    switch (any(4)) {
      case 0:
        if (before === undefined) return [];
        await this.done(Op.RM, `${path}\0`, same);
        this.known.delete(path);
        this.known.delete(path + BELOW);
        return [path];
      case 1:
        return (await this.transaction(path, value)) ? [path + BELOW, path] : [];
      default:
        await this.done(Op.WRITE, `${path}\0${value}`, same);
        this.known.set(path, value);
        return [path];
    }
  }

  private async transaction(path: string, value: string): Promise<boolean> {
    const start = await this.ask(Op.TRANSACTION_START, "\0");
    if (start.type === Op.ERROR) return false;
    const txId = Number.parseInt(start.payload, 10);
    let write = await this.ask(Op.WRITE, `${path}${BELOW}\0${value}`, txId);
    if (write.type !== Op.ERROR) write = await this.ask(Op.WRITE, `${path}\0${value}`, txId);
    const end = await this.ask(Op.TRANSACTION_END, write.type === Op.ERROR ? "F\0" : "T\0", txId);
    const good = write.type !== Op.ERROR && end.type !== Op.ERROR;
    if (good) this.known.set(path, value).set(path + BELOW, value);
    if (write.type !== Op.ERROR && end.type === Op.ERROR) {
      // A failure in the midst of END itself ends the transaction as well.
      assert.ok([...UNDONE, "ENOENT\0"].includes(end.payload), end.payload);
      assert.is(await this.value(path), this.known.get(path));
    }
    return good;
  }
}

async function faults(writer: Writer): Promise<number> {
  for (;;) {
    const reply = await writer.ask(Op.CONTROL, "metrics\0");
    const match = /^\S*faults\S* ([0-9]+)$/m.exec(reply.payload);
    if (match) return Number(match[1]);
    assert.is(reply.type, Op.ERROR, `there are no faults in ${reply.payload}`);
  }
}

test(`${FAULTS} of them under load: nothing is lost, nobody is disconnected, nothing is answered twice`, async () => {
  const first = seed;
  const w = await SocketWorld.start({ domains: [] });
  try {
    const writers: Writer[] = [];
    for (let n = 0; n < WRITERS; n++) {
      await w.connect(`w${n}`);
      writers.push(new Writer(w.client(`w${n}`), n));
    }
    const [watcher, looker] = [writers[0] as Writer, writers[1] as Writer];
    await watcher.ask(Op.WATCH, "/load\0token\0");
    await looker.ask(Op.WATCH, "/load\0token\0");
    for (const one of [watcher, looker]) {
      await one.client.until(() => one.client.messages.length > 0);
      one.client.messages = [];
    }
    assert.is((await watcher.ask(Op.CONTROL, `config\0inject-faults\0${EVERY}\0`)).payload, "OK\0");
    let round = 0;
    for (let done = 0; done < FAULTS; done = await faults(watcher)) {
      for (let n = 0; n < 20; n++) {
        round++;
        // All at once: what one of them breaks, the others must not notice.
        const told = (await Promise.all(writers.map((one) => one.change(round)))).flat();
        for (const one of [watcher, looker]) {
          const missing = () =>
            told.filter((path) => !one.client.messages.some((m) => m.payload === `${path}\0token\0`));
          await one.client.until(() => missing().length === 0).catch(() => {});
          assert.equal(missing(), [], `events of ${told} come to all, seed ${first}`);
          const events = one.client.messages.filter((m) => m.type === Op.WATCH_EVENT);
          assert.is(events.length, told.length, `and come once, seed ${first}`);
          one.client.messages = [];
        }
      }
    }
    while ((await watcher.ask(Op.CONTROL, "config\0inject-faults\x000\0")).type === Op.ERROR);
    for (const one of writers)
      for (let n = 0; n < NODES; n++) {
        for (const below of ["", BELOW]) {
          const path = `/load/${one.number}/n${n}${below}`;
          assert.is(await looker.value(path), one.known.get(path), `${path}, seed ${first}`);
        }
      }
    assert.is((await watcher.ask(Op.CONTROL, "check\0")).payload, "OK\0");
  } finally {
    await w.stop();
  }
});

test.run();
