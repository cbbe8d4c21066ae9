/** Worlds with more events than one slice has, and what their clients were told. */
import * as assert from "uvu/assert";
import { EventKind } from "../../src/host.ts";
import { EVENT_SLICE } from "../../src/limits.ts";
import { Op } from "../../src/wire/ops.ts";
import { World } from "./world.ts";

export const MANY = 3 * EVENT_SLICE;

/** `who` watches /a, many times. */
export function watched(who = "0"): World {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"] });
  world.connect("s");
  assert.is(world.request("0", "WRITE /a|").reply, "OK|");
  world.request("0", "SET_PERMS /a|b0|");
  for (let i = 0; i < MANY; i++) world.request(who, `WATCH /a|${i}|`);
  return world;
}

export const kinds = (world: World, who: string): string[] =>
  world.fake(who).output.map((m) => `${m.type === Op.WATCH_EVENT ? "event" : "reply"} ${m.payload.split("\0")[0]}`);

/** One turn, without events beyond those that wait. */
export function turn(world: World): void {
  const { host } = world;
  const events = host.pending.splice(0, 256);
  for (const [i, [kind, value]] of events.entries()) {
    host.events[2 * i] = kind;
    host.events[2 * i + 1] = value;
  }
  world.wait = world.program.turn(events.length);
}

export const EVERYBODY = [1, 2, 3, 4];

/** Directories have few children. */
export const place = (i: number): string => `${i >> 5}/${i & 31}`;

/** Guests of which 1 to 3 have 128 watches each on what 1 has in `pub`, and is about to change in a transaction. */
export function fanOut(changes: number): World {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"], domains: EVERYBODY });
  world.connect("s");
  world.request("1", "WRITE data/pub|");
  world.request("1", "SET_PERMS data/pub|b1|");
  for (const who of ["1", "2", "3"])
    for (let i = 0; i < 128; i++) world.request(who, `WATCH /local/domain/1/data/pub|${i}|`);
  world.request("1.t", "TRANSACTION_START |");
  for (let i = 0; i < changes; i++) world.request("1.t", `WRITE data/pub/${place(i)}|x`);
  return world;
}

/** Bytes that a guest is charged now. */
export function charged(world: World, who: number): number {
  world.fake("s").output = [];
  world.put("s", `READ /tool/xenstored/domain/${who}/memory|`);
  turn(world);
  return Number.parseInt(world.fake("s").output.pop()?.payload ?? "", 10);
}

export function commit(world: World): void {
  world.clear();
  world.put("1.t", "TRANSACTION_END T|");
  turn(world);
}

/** Events of a path that a client was told, by token. */
export function toldOf(world: World, who: string, path: string): number {
  return world.fake(who).output.filter((m) => m.type === Op.WATCH_EVENT && m.payload.startsWith(`${path}\0`)).length;
}

/** A request whose reply does not touch what others were told. Returns the payload of the reply. */
export function ask(world: World, who: string, request: string): string {
  world.fake(who).output = [];
  world.put(who, request);
  world.settle();
  const reply = world.fake(who).output.find((m) => m.type !== Op.WATCH_EVENT);
  return (reply?.payload ?? "").replaceAll("\0", "|");
}

/** A client that took nothing takes all that waits for it. */
export function takesAll(world: World, who: string): void {
  world.fake(who).room = Number.POSITIVE_INFINITY;
  world.event(EventKind.room, who);
  world.settle();
}
