import * as assert from "uvu/assert";
import { EVENT_SLICE } from "../../src/limits.ts";
import { Op } from "../../src/wire/ops.ts";
import { turn } from "../support/deliveries.ts";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("deliveries of large commits");

/** What the watchers 0, 1 and 2 hear of requests of a socket's client: in a transaction, if it has a label, or one by one. */
function heard(world: World, label: string, requests: readonly string[]): { [who: string]: string[] } {
  world.connect("s");
  world.clear();
  const who = label === "" ? "s" : `s.${label}`;
  if (label !== "") world.request(who, "TRANSACTION_START |");
  for (const request of requests) {
    world.put(who, request);
    world.settle();
  }
  world.put(who, label === "" ? "READ /a|" : "TRANSACTION_END T|");
  turn(world);
  world.settle();
  const events = (of: string): string[] =>
    world
      .fake(of)
      .output.filter((m) => m.type === Op.WATCH_EVENT)
      .map((m) => m.payload);
  return Object.fromEntries(["0", "1", "2"].map((of) => [of, events(of)]));
}

const WATCHERS = ["0", "1", "2"];

/** WRITEs to 60 nodes, some of which not all watchers may read. */
function ofWrites(label: string, watches: number): { [who: string]: string[] } {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"] });
  const requests: string[] = [];
  for (let d = 0; d < 3; d++) {
    for (let i = 0; i < 20; i++) {
      world.request("0", `WRITE /a/${d}/${i}|`);
      world.request("0", `SET_PERMS /a/${d}/${i}|${["n0|r1", "n0|r1|r2", "n0", "b0"][(d + i) % 4]}|`);
    }
    world.request("0", `SET_PERMS /a/${d}|${["n0", "n0|r2", "b0"][d]}|`);
  }
  for (const who of WATCHERS) {
    for (let i = 0; i < watches; i++) world.request(who, `WATCH /a|${i}|`);
    for (const path of ["/a/1", "/a/1/7", "/a/2/3", "/"]) world.request(who, `WATCH ${path}|own|`);
    world.request(who, "WATCH /a|deep|1|");
    world.request(who, "WATCH /a|deeper|2|");
  }
  for (let i = 0; i < 20; i++) for (let d = 0; d < 3; d++) requests.push(`WRITE /a/${d}/${i}|x`);
  return heard(world, label, requests);
}

test("a commit of many changes tells each what single changes would tell, in their order", () => {
  const events = ofWrites("t", 2);
  assert.equal(events, ofWrites("", 2));
  assert.ok((events["1"] as string[]).length > 100);
  assert.ok((events["2"] as string[]).length < (events["0"] as string[]).length);
});

test("so it does where these are too many for one go", () => {
  const events = ofWrites("t", 2 * Math.ceil(EVENT_SLICE / 60));
  assert.ok((events["0"] as string[]).length > 2 * EVENT_SLICE);
  assert.equal(events, ofWrites("", 2 * Math.ceil(EVENT_SLICE / 60)));
});

/** All kinds of changes, made by chance but the same each time, of a path each level of which is watched. */
function ofLevels(label: string, seed: number): { [who: string]: string[] } {
  const world = new World({ args: ["--watch-nb", "0", "--quota", "memory=0"] });
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
  const perms = ["n0", "r0", "n0|r1", "n0|r2", "b0"];
  const paths: string[] = [];
  for (let path = "/a"; paths.length < 60; path += "/a") {
    world.request("0", `WRITE ${path}|`);
    world.request("0", `SET_PERMS ${path}|${perms[below(5)]}|`);
    for (const child of ["b", "c", "d"]) {
      world.request("0", `WRITE ${path}/${child}|`);
      world.request("0", `SET_PERMS ${path}/${child}|${perms[below(5)]}|`);
    }
    paths.push(path);
  }
  const watched: [string, string][] = [];
  for (const who of WATCHERS) {
    for (const path of paths) {
      watched.push([who, `${path}|t|`]);
      if (below(4) === 0) watched.push([who, `${path}|deep|${below(4)}|`]);
      if (below(4) === 0) watched.push([who, `${path}/${"bcd"[below(3)]}|t|`]);
    }
  }
  // Watches further down are not always the later ones.
  while (watched.length > 0) {
    const [[who, watch]] = watched.splice(below(watched.length), 1) as [[string, string]];
    world.request(who, `WATCH ${watch}`);
  }
  const requests: string[] = [];
  for (const path of paths) {
    for (const child of ["b", "c", "d"]) {
      const what = [
        `WRITE ${path}/${child}|x`,
        `RM ${path}/${child}|`,
        `SET_PERMS ${path}/${child}|${perms[below(5)]}|`,
      ];
      requests.splice(below(requests.length + 1), 0, what[below(3)] as string);
    }
  }
  return heard(world, label, requests);
}

for (const seed of [1, 2, 3])
  test(`changes of all kinds below many watched paths, ${seed}`, () => {
    const events = ofLevels("t", seed);
    for (const who of WATCHERS) assert.ok((events[who] as string[]).length > 2 * EVENT_SLICE);
    assert.equal(events, ofLevels("", seed));
  });

run();
