import * as assert from "uvu/assert";
import { group } from "../support/rows.ts";
import { World } from "../support/world.ts";

const { test, run } = group("metrics");

/** Series by name and labels; every line must be one of Prometheus' text format. */
function series(world: World): Map<string, number> {
  return parse(world.request("0", "CONTROL metrics|").reply);
}

function parse(text: string): Map<string, number> {
  assert.ok(text.length <= 4096 && text.endsWith("\n|"), `${text.length} bytes`);
  const found = new Map<string, number>();
  for (const line of text.slice(0, -2).split("\n")) {
    if (/^# (HELP xenstored_[a-z_]+ .+|TYPE xenstored_[a-z_]+ (gauge|counter))$/.test(line)) continue;
    const parts = /^(xenstored_[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?) (\d+(?:\.\d+)?)$/.exec(line);
    assert.ok(parts, line);
    found.set(parts?.[1] as string, Number(parts?.[2]));
  }
  return found;
}

test("figures are those of the store", () => {
  const world = new World();
  const before = series(world);
  world.request("1", "WRITE data/a|1");
  world.request("1", "WATCH data|t|");
  world.request("1.t", "TRANSACTION_START |");
  const after = series(world);
  const grew = (name: string): number => (after.get(name) as number) - (before.get(name) as number);
  assert.is(grew("xenstored_nodes"), 1);
  assert.is(grew("xenstored_watches"), 1);
  assert.is(grew("xenstored_transactions_open"), 1);
  assert.is(grew('xenstored_domain_usage{domid="1",quota="nodes"}'), 1);
  assert.is(grew('xenstored_domain_usage{domid="1",quota="watches"}'), 1);
  assert.is(grew('xenstored_domain_usage{domid="2",quota="nodes"}'), 0);
});

test("with more domains than a message carries, those with most nodes are told", () => {
  const domains = Array.from({ length: 60 }, (_, i) => i + 1);
  const world = new World({ domains });
  for (let i = 0; i < 5; i++) world.request("42", `WRITE data/n${i}|x`);
  assert.is(series(world).get('xenstored_domain_usage{domid="42",quota="nodes"}'), 6);
});

test("domain by domain, in pages", () => {
  const domains = Array.from({ length: 60 }, (_, i) => i + 1);
  const world = new World({ domains });
  world.request("42", "WRITE data/a|x");
  world.request("42", "WATCH data|t|");
  const all = new Map<string, number>();
  let pages = 0;
  for (let from = 0; ; pages++) {
    const { reply } = world.request("0", `CONTROL metrics|${from}|`);
    if (reply === "|") break;
    for (const [name, value] of parse(reply)) {
      assert.not(all.has(name), `${name} comes twice`);
      all.set(name, value);
    }
    from = Math.max(...[...all.keys()].map((name) => Number(/domid="(\d+)"/.exec(name)?.[1]))) + 1;
  }
  assert.ok(pages > 10);
  for (const domid of [0, ...domains])
    assert.ok(all.has(`xenstored_domain_requests_total{domid="${domid}"}`), `${domid}`);
  assert.is(all.get('xenstored_domain_usage{domid="42",quota="nodes"}'), 2);
  assert.is(all.get('xenstored_domain_limit{domid="42",quota="nodes"}'), 1000);
  assert.is(all.get('xenstored_domain_limit{domid="0",quota="nodes"}'), 0);
  assert.is(all.get('xenstored_domain_requests_total{domid="42"}'), 2);
  assert.is(all.get('xenstored_domain_events_total{domid="42"}'), 1);
  assert.is(world.request("0", "CONTROL metrics|x|").reply, "!EINVAL");
});

test("what was refused, to all and to a domain", () => {
  const world = new World({ args: ["-E", "2"] });
  const page = (): string => world.request("0", "CONTROL metrics|0|").reply;
  assert.not.match(page() + world.request("0", "CONTROL metrics|").reply, /refusals_total\{/);
  world.request("1", "WRITE data/a|");
  for (const name of ["b", "c"]) assert.is(world.request("1", `WRITE data/${name}|`).reply, "!ENOSPC");
  world.request("2", `WRITE data|${"x".repeat(3000)}`);
  assert.is(series(world).get('xenstored_refusals_total{quota="nodes"}'), 2);
  assert.is(series(world).get('xenstored_refusals_total{quota="node-size"}'), 1);
  const domains = parse(page());
  assert.is(domains.get('xenstored_domain_refusals_total{domid="1",quota="nodes"}'), 2);
  assert.is(domains.get('xenstored_domain_refusals_total{domid="2",quota="node-size"}'), 1);
  assert.not(domains.has('xenstored_domain_refusals_total{domid="2",quota="nodes"}'));
});

test("a guest is not told", () => {
  assert.is(new World().request("1", "CONTROL metrics|").reply, "!EACCES");
});

run();
