import * as assert from "uvu/assert";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("statistics");

test("every two minutes, into a log file alone", () => {
  const world = new World({ args: ["--xenstored-log-file=/log"], domains: [1, 2] });
  const file = world.host.logs.files.get("/log") as string[];
  const said = (): string[] => file.splice(0).map((line) => line.replace(/^\[[^\]]*\] /, ""));
  world.request("1", "WATCH data|t|");
  for (const child of ["a", "b"]) {
    world.request("1.t", "TRANSACTION_START |");
    world.request("1.t", "READ data|");
    world.request("1.t", "WRITE data/own|1");
    world.request("2", "WRITE data|x");
    if (child === "b") world.request("0", "WRITE /local/domain/1/data|other");
    world.request("1.t", "TRANSACTION_END T|");
  }
  said();
  world.host.clock += 119_000;
  world.settle();
  assert.equal(said(), []);
  world.host.clock += 1_000;
  world.settle();
  const lines = said();
  assert.equal(lines.slice(0, 3), [
    "Transaction conflict statistics for last 120 seconds:",
    "Dom0 caused 1 conflicts",
    "1 failed transactions; of these no culprit was found for 0",
  ]);
  assert.match(lines[3] as string, /^store stat: nodes\(\d+\) t-abort\(1\) t-coalesce\(1\)$/);
  assert.match(lines[4] as string, /^ {2}con stat: anonymous\(0, 0 o, 0 w\) domains\(4, \d+ o, 1 w\)$/);
  assert.match(lines[5] as string, /^ {2}mem stat: /);
  assert.is(lines.length, 6);
  world.host.clock += 120_000;
  world.settle();
  assert.is(said()[1], "0 failed transactions; of these no culprit was found for 0");
  // A console is for what needs somebody.
  assert.is(world.request("0", "CONTROL config|xenstored-log-file||").reply, "OK|");
  world.host.clock += 300_000;
  world.settle();
  assert.equal(said(), []);
});

run();
