import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import type { SocketWorld } from "../support/socket-world.ts";
import { closeAll, gridRow, nodeRow, until, withPage } from "../support/web.ts";

const test = suite("the page: many nodes and domains");
test.after(closeAll);

const DOMAINS = 1000;

/** Simulated domains with ten nodes each, all asked for before the first reply is awaited. */
async function fill(world: SocketWorld): Promise<void> {
  const client = world.client("0");
  let id = 0;
  const send = (type: number, payload: string): void => client.write({ type, reqId: ++id, txId: 0, payload });
  for (let domid = 1; domid <= DOMAINS; domid++) {
    const home = `/local/domain/${domid}`;
    send(Op.CONTROL, `sim\0create\0${domid}\0`);
    send(Op.WRITE, `${home}\0`);
    send(Op.SET_PERMS, `${home}\0n${domid}\0`);
    send(Op.WRITE, `${home}/name\0guest-${domid}`);
    for (let i = 0; i < 8; i++) send(Op.WRITE, `${home}/data/k${i}\0value ${i}`);
    send(Op.INTRODUCE, `${domid}\x001\0${domid}\0`);
    if (domid % 100 !== 0) continue;
    await client.until(() => client.messages.some((m) => m.reqId === id));
    const wrong = client.messages.find((m) => m.type === Op.ERROR);
    // Some numbers of simulated domains are there from the start.
    assert.ok(wrong === undefined || wrong.payload === "EINVAL\0", wrong?.payload);
    client.messages = [];
  }
}

test("10,000 nodes and 1,000 domains: a page draws what is seen, and finds the others", () =>
  withPage({ domains: [] }, async (page, world) => {
    await fill(world);
    await page.locator("#filter-count", { hasText: /^1\d,\d{3} nodes$/ }).waitFor();
    const tree = page.locator("#tree-rows");
    await tree.focus();
    await page.keyboard.press("End");
    await nodeRow(page, "/tool").waitFor();
    const drawn = await page.locator("#tree-rows .row").count();
    assert.ok(drawn > 20 && drawn < 100, `${drawn} rows`);
    assert.is(await nodeRow(page, "/local/domain/1000").getAttribute("aria-setsize"), "1000");
    // All of it open: the whole list, and as few rows.
    await page.getByLabel("Path").fill("/");
    await page.locator("#filter-count", { hasText: /^1\d,\d{3} of 1\d,\d{3} nodes$/ }).waitFor();
    await tree.focus();
    await page.keyboard.press("End");
    await until("the end", async () => (await tree.evaluate((box) => box.scrollTop)) > 200_000);
    await page.keyboard.press("PageUp");
    assert.ok((await page.locator("#tree-rows .row").count()) < 100);
    await page.getByLabel("Path").fill("domain/777/ k5");
    await nodeRow(page, "/local/domain/777/data/k5").waitFor();
    await world.request("0", "WRITE /local/domain/777/data/k5|another");
    await nodeRow(page, "/local/domain/777/data/k5").getByText("another").waitFor();

    await page.getByRole("tab", { name: "Domains" }).click();
    await page.locator("#domain-count", { hasText: "1,000 of 1,000 domains" }).waitFor();
    await page.getByRole("columnheader", { name: "domain" }).getByRole("button").click();
    await gridRow(page, "domains", "guest-1000").waitFor();
    await page.getByRole("grid", { name: "Domains" }).focus();
    await page.keyboard.press("End");
    await page.locator("#domain-details", { hasText: "Domain 1 guest-1" }).waitFor();
    assert.ok((await page.locator("#domains-grid .row").count()) < 100);
    await page.getByLabel("Number or name").fill("guest-500");
    await until("one row", async () => (await page.locator("#domains-grid .row").count()) === 1);
  }));

test("a browser that was away for more changes than are kept begins anew", () =>
  withPage({}, async (page, world) => {
    await nodeRow(page, "/local/domain/1").waitFor();
    await page.route("**/tree?*", (route) => route.abort());
    await page.locator("#status.away").waitFor();
    await world.request("0", "RM /local/domain/1|");
    const client = world.client("0");
    for (let i = 1; i <= 5200; i++) client.write({ type: Op.WRITE, reqId: i, txId: 0, payload: `/n/${i}\0` });
    await client.until(() => client.messages.length >= 5200);
    client.messages = [];
    await page.unroute("**/tree?*");
    await page.locator("#filter-count", { hasText: /^5,2\d\d nodes$/ }).waitFor();
    await nodeRow(page, "/n").waitFor();
    assert.is(await nodeRow(page, "/local/domain/1").count(), 0);
    await world.request("0", "RM /n|");
    await nodeRow(page, "/n").waitFor({ state: "detached" });
  }));

test.run();
