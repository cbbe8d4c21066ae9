import { join } from "node:path";
import type { Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connected } from "../support/socket-world.ts";
import { closeAll, gridRow, until, withPage } from "../support/web.ts";

const test = suite("the page: figures");
test.after(closeAll);

const tab = (page: Page, name: string): Promise<void> => page.getByRole("tab", { name, exact: true }).click();
const cells = (page: Page, grid: string, column: number): Promise<string[]> =>
  page.locator(`#${grid}-grid .row > :nth-child(${column})`).allTextContents();

test("domains: who is near a limit, sorted, as bars and in words", () =>
  withPage({ domains: [1, 2, 3], args: ["--quota", "nodes=10"] }, async (page, world) => {
    for (let i = 0; i < 8; i++) await world.request("2", `WRITE data/${i}|x`);
    for (let i = 0; i < 4; i++) await world.request("3", `WRITE data/${i}|x`);
    await world.request("0", "WRITE /local/domain/2/name|the second");
    await tab(page, "Domains");
    const second = gridRow(page, "domains", "the second");
    await second.getByText("⚠ nodes 90 %").waitFor();
    await second.getByText("9 / 10").waitFor();
    const width = (row: typeof second): Promise<number> =>
      row
        .locator(".bar .fill")
        .first()
        .evaluate((fill) => fill.clientWidth / (fill.parentElement as Element).clientWidth);
    assert.ok(Math.abs((await width(second)) - 0.9) < 0.05, `${await width(second)}`);
    // Those near a limit come first, without a click.
    assert.is((await cells(page, "domains", 1))[0], "2");
    assert.is(await page.locator("#domain-count").textContent(), "3 of 3 domains, 1 near a limit");
    const nodes = page.getByRole("columnheader", { name: "nodes" });
    await nodes.getByRole("button").click();
    await until("by nodes", async () => (await cells(page, "domains", 1)).slice(0, 2).join() === "2,3");
    assert.is(await nodes.getAttribute("aria-sort"), "descending");
    await nodes.getByRole("button").press("Enter");
    await until("the other way", async () => (await cells(page, "domains", 1)).at(-1) === "2");
    assert.is(await nodes.getAttribute("aria-sort"), "ascending");
    await page.getByLabel("near a limit only").check();
    await until("one row", async () => (await cells(page, "domains", 1)).join() === "2");
    await page.getByRole("grid", { name: "Domains" }).focus();
    await page.keyboard.press("Home");
    await page.locator("#domain-details", { hasText: "highest 9, limit 10, 90 % used" }).waitFor();
    assert.is((await world.request("2", "WRITE data/9|x")).reply, "OK|");
    assert.is((await world.request("2", "WRITE data/a|x")).reply, "!ENOSPC");
    await page.locator("#domain-details", { hasText: "Refused: 1 nodes=1" }).waitFor();
  }));

test("tabs by arrow keys", () =>
  withPage({}, async (page) => {
    await page.getByRole("tab", { name: "Tree" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.locator("#panel-domains").waitFor();
    assert.is(await page.evaluate(() => document.activeElement?.id), "tab-domains");
    await page.keyboard.press("End");
    await page.locator("#panel-packets").waitFor();
    await page.keyboard.press("ArrowRight");
    await page.locator("#panel-tree").waitFor();
    assert.is(await page.locator("[role=tab][tabindex='0']").count(), 1);
    // The focus is seen.
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    assert.is(outline, "solid");
  }));

test("who fires whose watches, who makes whose transactions fail", () =>
  withPage({ domains: [1, 2, 3] }, async (page, world) => {
    await world.request("0", "SET_PERMS /local/domain/1/data|n1|b2|r3|");
    await world.request("3", "WATCH /local/domain/1/data|mark|");
    for (let i = 0; i < 5; i++) await world.request("2", `WRITE /local/domain/1/data|${i}`);
    await world.request("1.t", "TRANSACTION_START |");
    await world.request("1.t", "READ data|");
    await world.request("1.t", "WRITE data/x|1");
    await world.request("2", "WRITE /local/domain/1/data|theirs");
    assert.is((await world.request("1.t", "TRANSACTION_END T|")).reply, "!EAGAIN");
    await tab(page, "Watch events");
    const row = page.locator("#fires-grid .row");
    await until("six events", async () => {
      const found = await Promise.all((await row.all()).map((one) => one.locator("> *").allTextContents()));
      return found.some(
        ([who, whose, count, path]) => `${who} ${whose} ${count} ${path}` === "2 3 6 /local/domain/1/data",
      );
    });
    // The first event of the watch came for no change, and the page's own events are left out.
    assert.is(await row.count(), 1);
    await page.locator("#panel-watches .note", { hasText: "Derived from packets" }).waitFor();
    await tab(page, "Conflicts");
    const failed = page.locator("#conflicts-grid .row");
    await until("both", async () => (await failed.count()) === 2);
    const texts = await Promise.all((await failed.all()).map((one) => one.locator("> *").allTextContents()));
    assert.equal(
      texts.map(([domain, , , suffered, by, caused]) => [domain, suffered, by, caused]),
      [
        ["1", "1", "2", "0"],
        ["2", "0", "", "1"],
      ],
    );
  }));

test("curves, and slow requests", () =>
  withPage({ args: ["--slow-after", "0"] }, async (page, world) => {
    await tab(page, "Load");
    await until("curves", async () => {
      await world.request("1", "READ data|");
      return (await page.locator("#charts canvas").count()) >= 4;
    });
    const summary = (title: string) => page.locator("figure", { hasText: title }).locator(".sum");
    await until("requests a second", async () => {
      for (let i = 0; i < 20; i++) await world.request("1", "READ data|");
      const text = (await summary("Requests and watch events").textContent()) ?? "";
      return Number(/requests ([\d,.]+)/.exec(text)?.[1]?.replaceAll(",", "")) > 0;
    });
    await until("waiting times", async () => {
      await world.request("1", "READ data|");
      return /median [\d.]+ .*longest [\d.]+ .*READ [\d.]+/.test((await summary("Waiting times").textContent()) ?? "");
    });
    await page.locator("#slow li", { hasText: "domain" }).first().waitFor();
    await page.locator("#slowest li", { hasText: "domain 1, connection" }).first().waitFor();
    await page.locator("#slow-head", { hasText: "replies took longer than 0 ms" }).waitFor();
    // A chart has other colours in the dark.
    const pixel = (): Promise<string> =>
      page
        .locator("#charts canvas")
        .first()
        .evaluate((c) => (c as HTMLCanvasElement).toDataURL());
    const light = await pixel();
    await page.emulateMedia({ colorScheme: "dark" });
    await until("dark charts", async () => (await pixel()) !== light);
  }));

test("the last packets, without the page's own", () =>
  withPage({ domains: [1, 2] }, async (page, world) => {
    await tab(page, "Packets");
    const seen = async (text: string): Promise<void> =>
      until(text, async () => {
        const rows = await Promise.all((await page.locator("#packets-grid .row").all()).map((r) => r.textContent()));
        return rows.some((row) => row?.includes(text));
      });
    await world.request("1", "WRITE data/one|from one");
    await world.request("2", "READ data/none|");
    await seen("data/one\\x00from one");
    await seen("ENOENT");
    await page.locator("#packet-domid").fill("2");
    await page.locator("#packet-filter").fill("error enoent");
    await page.locator("#packet-count", { hasText: /^1 of / }).waitFor();
    const [, , way, domain, , type] = await page.locator("#packets-grid .row > *").allTextContents();
    assert.equal([way, domain, type], ["← reply", "2", "ERROR"]);
    await page.locator("#packet-domid").fill("");
    await page.locator("#packet-filter").fill("/tool/xenstored");
    await page.locator("#packet-count", { hasText: /^0 of / }).waitFor();
    // Another client's packets of the same kind are there.
    const other = await connected(join(world.directory, "socket"));
    other.write({ type: 2, reqId: 1, txId: 0, payload: "/tool/xenstored/uptime\0" });
    await other.until(() => other.messages.length > 0);
    await page.locator("#packet-count", { hasText: /^1 of / }).waitFor();
    await other.close();
    await tab(page, "Connections");
    await gridRow(page, "connections", "(this page)").waitFor();
    await gridRow(page, "connections", `${process.pid} node`).first().waitFor();
  }));

test.run();
