import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Bundle, EventKind } from "../../src/host.ts";
import { World, type WorldOptions } from "./world.ts";

/** The product's own bundle, where the runner has loaded it beside the suites (test/engine/run.mjs). */
const product = (globalThis as { xenstored?: Bundle }).xenstored;

/**
 * One step: who, the request (`|` stands for NUL), the reply (`!` before an
 * error's name, `*` for any), and the events of all clients, each as `who path|token|`.
 * A who of "host" makes something happen: `kill 1`, `shutdown 1`, `exist 1`,
 * `name 1`, `connect s`, `close s`, `broken 1`, `reset 1`; its events come with the next step.
 */
export type Row = readonly [who: string, request: string, reply?: string, ...events: string[]];

/** A suite: `rows` adds a test of one world, whose rows run in order; `run` comes last. */
export function group(title: string) {
  const test = suite(title);
  const rows = (name: string, list: readonly Row[], options: WorldOptions = {}): void => {
    test(name, () => play(list, options));
    test(`${name}, with a live update after each`, () => play(list, { ...options, exchanging: true }));
    if (options.steady !== true)
      test(`${name}, with a failure after each`, () => play(list, { ...options, failing: true }));
  };
  return { test, rows, run: () => test.run() };
}

function play(list: readonly Row[], options: WorldOptions): void {
  const world = new World(product ? { ...options, start: product.start } : options);
  for (const [n, [who, request, reply = "OK|", ...events]] of list.entries()) {
    if (who === "host") {
      happen(world, request);
      continue;
    }
    const got = world.request(who, request);
    const where = `row ${n + 1}: ${who} ${request.slice(0, 200)}`;
    if (reply !== "*") assert.is(options.failing ? asBefore(who, request, got.reply, reply) : got.reply, reply, where);
    assert.equal(got.events, events, where);
  }
  assert.equal(
    world.host.lines.filter((line) => line.includes("Error")),
    [],
    "no bug is logged",
  );
}

/**
 * Transactions end with the program that failed: their numbers go on elsewhere, and one that is unknown may have been
 * one of them.
 */
function asBefore(who: string, request: string, got: string, expected: string): string {
  if (request.startsWith("TRANSACTION_START") && /^[0-9]+\|$/.test(got)) return expected;
  return who.includes(".") && expected === "!ENOENT" && got === "!EAGAIN" ? expected : got;
}

function happen(world: World, what: string): void {
  const [verb, who] = what.split(" ") as [string, string];
  if (verb === "kill") world.kill(Number(who));
  else if (verb === "shutdown") world.shutdown(Number(who));
  else if (verb === "exist") world.exist(Number(who));
  else if (verb === "name") world.name(Number(who));
  else if (verb === "connect") world.connect(who);
  else if (verb === "broken") world.event(EventKind.broken, who);
  else if (verb === "reset") world.event(EventKind.reset, who);
  else throw new Error(`what is ${what}`);
}
