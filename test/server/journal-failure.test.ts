import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import { say } from "../support/contention.ts";
import type { FakeJournal } from "../support/journal.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("no memory for the journal");

/** What of the journal finds no memory. */
type Part = "keep" | "note" | "drop" | "reserve";

/** A request that the journal has no memory for, and another request that shows whether it did something. */
const requests: readonly (readonly [
  part: Part,
  who: string,
  request: string,
  before: readonly string[],
  shows: string,
])[] = [
  ["keep", "0", "SET_FEATURE 5|7|", [], "GET_FEATURE 5|"],
  ["keep", "0", "SET_QUOTA watches|3|", [], "GET_QUOTA watches|"],
  ["keep", "0", "SET_QUOTA 1|watches|3|", [], "GET_QUOTA 1|watches|"],
  ["keep", "0", "SET_QUOTA 1|watches|3|", ["SET_QUOTA 1|watches|9|"], "GET_QUOTA 1|watches|"],
  ["keep", "0", "CONTROL quota|set|watches|3|", [], "GET_QUOTA watches|"],
  ["keep", "0", "CONTROL quota|set|1|watches|3|", [], "GET_QUOTA 1|watches|"],
  ["keep", "0", "CONTROL quota|set|1|watches|3|", ["SET_QUOTA 1|watches|9|"], "GET_QUOTA 1|watches|"],
  ["note", "0", "SET_TARGET 1|2|", [], "READ /local/domain/2/data|"],
  ["note", "1", "WATCH data|t|", [], "UNWATCH data|t|"],
  ["drop", "1", "UNWATCH data|t|", ["WATCH data|t|"], "WATCH data|t|"],
  ["reserve", "1", "RESET_WATCHES |", ["WATCH data|t|", "WATCH data|u|"], "WATCH data|u|"],
];

for (const [part, who, request, before, shows] of requests)
  test(`${request} with [${before.join(" ")}] before changes nothing, now and after a recovery`, () => {
    const world = new World();
    world.exist(5);
    const asking = request.startsWith("SET_TARGET") ? "1" : who;
    const asks = (): string => say(world, asking, shows);
    /** What it shows in a store where it was not asked for. */
    const other = new World();
    other.exist(5);
    for (const earlier of before) {
      assert.is(world.request(who, earlier).reply, "OK|");
      other.request(who, earlier);
    }
    const expected = say(other, asking, shows);
    const journal = world.host.journal as FakeJournal;
    const works = journal[part];
    (journal as unknown as { [part: string]: () => never })[part] = () => {
      throw new Error("out of memory");
    };
    world.host.full = true;
    assert.is(say(world, who, request), "!ENOMEM");
    journal[part] = works as never;
    world.host.full = false;
    const memory = (of: World): string => say(of, "0", "READ /tool/xenstored/domain/1/memory|");
    if (part === "drop" || part === "reserve") assert.is(memory(world), memory(other));
    assert.is(asks(), expected);
    world.recover();
    world.clear();
    assert.is(asks(), expected);
    assert.is(say(world, "0", "CONTROL check|"), "OK|");
  });

test("who is left at a watched path pays for it, before a live update and after", () => {
  const world = new World();
  const memory = (who: number): string => {
    const text = say(world, "0", `READ /tool/xenstored/domain/${who}/memory|`);
    world.clear();
    return text;
  };
  world.request("1", "WATCH /local/domain/1/data|one|");
  const alone = memory(1);
  world.request("1", "WATCH /local/domain/1/data|two|");
  world.request("1", "UNWATCH /local/domain/1/data|one|");
  world.clear();
  assert.is(memory(1).split(" ")[0], alone.split(" ")[0]);
  world.recover();
  world.clear();
  assert.is(memory(1).split(" ")[0], alone.split(" ")[0]);
  assert.is(say(world, "0", "CONTROL check|"), "OK|");
});

test("a shutdown is told again only after a RESUME that had memory", () => {
  const world = new World();
  /** The events of a shutdown. */
  const told = (): number => {
    world.clear();
    world.shutdown(1);
    world.settle();
    return world.fake("0").output.filter(({ type }) => type === Op.WATCH_EVENT).length;
  };
  say(world, "0", "WATCH @releaseDomain|t|");
  const first = told();
  assert.ok(first > 0);
  const { keep } = world.host.journal;
  world.host.journal.keep = () => {
    throw new Error("out of memory");
  };
  world.host.full = true;
  assert.is(say(world, "0", "RESUME 1|"), "!ENOMEM");
  world.host.journal.keep = keep;
  world.host.full = false;
  assert.is(told(), 0);
  assert.is(say(world, "0", "RESUME 1|"), "OK|");
  assert.is(told(), first);
});

run();
