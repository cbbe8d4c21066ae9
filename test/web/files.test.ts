import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SocketWorld } from "../support/socket-world.ts";
import { closeAll, gridRow, nodeRow, PROGRAM, pageOf, until } from "../support/web.ts";

const test = suite("the page: files");
const scratch = mkdtempSync(join(tmpdir(), "web-"));
test.after(async () => {
  rmSync(scratch, { recursive: true });
  await closeAll();
});

const HOSTILE =
  '</script><script>window.taken=1</script><!--<script>\u00e2\u0080\u00a8\xff\x00\x1b" onload="window.taken=1';

/** A state and a trace of a store with a bit of everything. */
async function files(): Promise<{ state: Buffer; trace: Buffer }> {
  const world = await SocketWorld.start({ domains: [1, 2, 3] });
  const socket = join(world.directory, "socket");
  const fetched = (tool: string): Buffer => {
    const file = join(scratch, tool);
    const { status, stderr } = spawnSync(`tools/${tool}`, ["fetch", "-s", socket, file], { encoding: "utf8" });
    assert.is(status, 0, stderr);
    return readFileSync(file);
  };
  try {
    await world.request("0", "WRITE /local/domain/2/name|the second");
    await world.request("0", "SET_QUOTA 2|nodes|5|");
    for (let i = 0; i < 4; i++) await world.request("2", `WRITE data/${i}|x`);
    await world.request("1", "WATCH data|t|");
    await world.request("0", "WRITE /local/domain/1/data|fired");
    await world.raw("0", 11, `/hostile\0${HOSTILE}`);
    await world.request("3", "READ /none|");
    return { state: fetched("xenstore-state"), trace: fetched("xenstore-trace") };
  } finally {
    await world.stop();
  }
}

let made: { state: Buffer; trace: Buffer };
test.before(async () => {
  made = await files();
});

test("a page of a state: tree, domains, connections; nothing in it runs, and nothing is fetched", async () => {
  const { page, wrong, html } = await pageOf(made.state);
  await page.locator("#status", { hasText: "from a file" }).waitFor();
  assert.equal(await page.locator("[role=tab]:visible").allTextContents(), ["Tree", "Domains", "Connections"]);
  await nodeRow(page, "/hostile").click();
  await page.locator("#details pre", { hasText: "</script><script>window.taken=1</script>" }).waitFor();
  await page.getByRole("tab", { name: "Domains" }).click();
  await gridRow(page, "domains", "the second").getByText("⚠ nodes 100 %").waitFor();
  assert.is(await page.evaluate("window.taken"), undefined);
  // Two scripts, the data and the page's own.
  assert.is(html.match(/<script/g)?.length, 2);
  assert.is(html.match(/<\/script/g)?.length, 2);
  assert.not.match(html, /[^\n\x20-\x7e]/);
  assert.not.match(html, /(?:src|href)="http/);
  assert.match(html, /Copyright .* Leon Sorokin/);
  assert.match(html, /Content-Security-Policy" content="default-src 'none'/);
  assert.equal(wrong, []);
  await page.context().close();
});

test("a page of a trace: packets, who fires whose watches, waiting times", async () => {
  const { page, wrong } = await pageOf(made.trace);
  assert.equal(await page.locator("[role=tab]:visible").allTextContents(), [
    "Load",
    "Watch events",
    "Conflicts",
    "Packets",
  ]);
  await page.locator("figure", { hasText: "Waiting times" }).locator("canvas").waitFor();
  await page.locator("#slowest li").first().waitFor();
  await page.getByRole("tab", { name: "Watch events" }).click();
  await gridRow(page, "fires", "/local/domain/1/data").waitFor();
  assert.equal((await page.locator("#fires-grid .row > *").allTextContents()).slice(0, 3), ["0", "1", "1"]);
  await page.getByRole("tab", { name: "Packets" }).click();
  await page.locator("#packet-filter").fill("write hostile");
  await until("the packet", async () => (await page.locator("#packets-grid .row").count()) === 1);
  await gridRow(page, "packets", "</script><script>window.taken=1</script>").waitFor();
  assert.is(await page.evaluate("window.taken"), undefined);
  assert.equal(wrong, []);
  await page.context().close();
});

test("a trace whose times are in no order is no endless page", async () => {
  // A packet in the middle is of the far future.
  const { page, html } = await pageOf(Buffer.from(made.trace).fill(0xff, 64 + 2 * 96, 72 + 2 * 96));
  assert.ok(html.length < 2_000_000, `${html.length}`);
  await page.getByRole("tab", { name: "Packets" }).click();
  await page.locator("#packets-grid .row").first().waitFor();
  await page.context().close();
});

test("a page of a log with packets in it", async () => {
  const hex = Buffer.from("/a/b\0").toString("hex");
  const { page, wrong } = await pageOf(
    `what came before\nxenstored: packet 7 2000 1 5 in 2 9 0 5 ${hex}\npacket 8 500 1 5 out 2 9 0 0\n`,
  );
  await page.getByRole("tab", { name: "Packets" }).click();
  await gridRow(page, "packets", "/a/b").waitFor();
  await gridRow(page, "packets", "1.500").waitFor();
  assert.equal(wrong, []);
  await page.context().close();
});

test("a file that is none gives one line, and no page", () => {
  const state = made.state;
  const bad: [string, Buffer | string, RegExp][] = [
    ["text", "just a text\n", /neither a state of a xenstore nor a trace/],
    ["nothing", "", /neither a state of a xenstore nor a trace/],
    ["half a state", state.subarray(0, state.length >> 1), /at \d+: |the state has no end/],
    ["the beginning of a state", state.subarray(0, 16), /the state has no end/],
    [
      "another version",
      Buffer.concat([state.subarray(0, 11), Buffer.of(9), state.subarray(12)]),
      /version 9 is not known/,
    ],
    ["half a trace", made.trace.subarray(0, 200), /the dump ends in the middle/],
    ["the head of a trace", made.trace.subarray(0, 20), /xenstore-web: /],
    ["a clock that stands", Buffer.from(made.trace).fill(0, 48, 56), /its packets cannot be read/],
    ["a log with a bad packet", "packet x y z a in 1 2 3 4\n", /xenstore-web: /],
  ];
  for (const [what, data, why] of bad) {
    const file = join(scratch, "bad");
    writeFileSync(file, data);
    const { status, stdout, stderr } = spawnSync(PROGRAM, [file], { encoding: "utf8" });
    assert.is(status, 1, what);
    assert.is(stdout, "", what);
    assert.match(stderr, why, what);
    assert.is(stderr.trimEnd().split("\n").length, 1, stderr);
  }
  const { status, stderr } = spawnSync(PROGRAM, [join(scratch, "none")], { encoding: "utf8" });
  assert.is(status, 1);
  assert.match(stderr, /^xenstore-web: .*No such file.*\n$/);
});

test.run();
