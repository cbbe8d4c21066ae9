import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import { shown } from "./request.ts";
import { World } from "./world.ts";

// Guests that change much, or transactions of others, beside each other: the steps that tests of that share.

export const NODES = 900;
const SIZE = 1900;
/** So many that a transaction may write all of them. */
export const SOME = 500;

/** The reply to a request; what others get at the same time stays in their rings. */
export function say(world: World, who: string, request: string): string {
  world.put(who, request);
  world.settle();
  const { type, payload } = world.fake(who.split(".")[0] as string).output.at(-1) as { type: number; payload: string };
  return type === Op.ERROR ? `!${payload.slice(0, -1)}` : shown(payload);
}

/** Begins a transaction that reads and writes; returns who goes on with it. */
export function begin(world: World, who: string): string {
  const t = `${who}.${Number.parseInt(say(world, who, "TRANSACTION_START |"), 10)}`;
  assert.is(say(world, t, "READ data|"), "");
  assert.is(say(world, t, "WRITE data/x|1"), "OK|");
  return t;
}

/** Puts a request for each of the guest's values, or the first of them; nothing is served yet. */
export function rewrite(world: World, who: string, text: string, count = NODES): void {
  for (let i = 0; i < count; i++) world.put(who, `WRITE data/${i % 30}/${i}|${text.repeat(SIZE)}`);
}

/** Guests 1 and 2 have large values. */
export function writers(memory: number, count = NODES): World {
  const world = new World({ domains: [1, 2, 3], memory });
  for (const who of ["1", "2"]) {
    // They have more than guests may.
    say(world, "0", `SET_QUOTA ${who}|memory|0|`);
    world.clear();
    rewrite(world, who, "0", count);
  }
  world.settle();
  world.clear();
  return world;
}

export function served(world: World, who: string): number {
  return world.fake(who).output.length;
}

/** Seconds until it has so many replies. */
export function wait(world: World, who: string, replies: number): number {
  let tenths = 0;
  for (; served(world, who) < replies; tenths++) {
    assert.ok(tenths < 1000, "it is read again");
    world.host.clock += 100;
    world.settle();
  }
  return tenths / 10;
}

/** Guests with some large values each, none of whom makes much be kept. */
export function crowd(
  memory: number,
  guests: number,
  nodes: number,
): { world: World; all: string[]; put: (text: string) => void } {
  const all = Array.from({ length: guests }, (_, n) => String(n + 4));
  const world = new World({ domains: [1, 2, 3, ...all.map(Number)], memory });
  const put = (text: string): void => {
    for (const who of all) rewrite(world, who, text, nodes);
    world.settle();
  };
  put("0");
  world.clear();
  return { world, all, put };
}
