import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "../support/client.ts";
import { connected } from "../support/socket-world.ts";
import { closeAll, nodeRow, openPage, until, Web, withPage } from "../support/web.ts";

const test = suite("the page: the tree");
test.after(closeAll);

test("the tree by keyboard: open, go in, go out, to the end", () =>
  withPage({}, async (page, world) => {
    await world.request("0", "WRITE /local/domain/1/device/vif/0/state|4");
    const tree = page.locator("#tree-rows");
    await nodeRow(page, "/local/domain/1").waitFor();
    await tree.focus();
    const active = async (): Promise<string | null> => {
      const id = await tree.getAttribute("aria-activedescendant");
      return id && page.locator(`#${id}`).getAttribute("data-path");
    };
    const press = async (key: string, path: string): Promise<void> => {
      await page.keyboard.press(key);
      await until(`${key} to ${path}, not ${await active()}`, async () => (await active()) === path);
    };
    await press("Home", "/");
    await press("ArrowDown", "/local");
    await press("ArrowRight", "/local/domain");
    await press("ArrowRight", "/local/domain/1");
    assert.is(await nodeRow(page, "/local/domain/1").getAttribute("aria-expanded"), "false");
    await page.keyboard.press("Enter");
    // What was written after the page began comes a little later.
    await nodeRow(page, "/local/domain/1/device").waitFor();
    await press("ArrowDown", "/local/domain/1/data");
    await press("ArrowDown", "/local/domain/1/device");
    await press("ArrowRight", "/local/domain/1/device");
    await press("ArrowRight", "/local/domain/1/device/vif");
    await press("ArrowLeft", "/local/domain/1/device");
    await page.keyboard.press("ArrowLeft");
    await nodeRow(page, "/local/domain/1/device/vif").waitFor({ state: "detached" });
    await press("End", "/tool");
    assert.is(await nodeRow(page, "/tool").getAttribute("aria-level"), "2");
    // The row's place among its siblings is told, though only the rows in sight are drawn.
    assert.is(await nodeRow(page, "/local/domain/2").getAttribute("aria-posinset"), "2");
  }));

test("what changes glows, and its parent if it is closed", () =>
  withPage({}, async (page, world) => {
    await nodeRow(page, "/local/domain/1").waitFor();
    assert.is(await page.locator(".glow, .glow-below").count(), 0);
    // The glow lasts for seconds, which a busy machine may take to look: the change comes again until it is seen.
    const seen = (path: string, name: string): Promise<void> =>
      until(`${path} has ${name}`, async () => {
        await world.request("0", `WRITE /local/domain/1/data|${Math.random()}`);
        const found = await nodeRow(page, path).getAttribute("class");
        return found?.split(" ").includes(name) ?? false;
      });
    await seen("/local/domain/1", "glow-below");
    await nodeRow(page, "/local/domain/1").locator(".twisty").click();
    await seen("/local/domain/1/data", "glow");
    assert.is(await nodeRow(page, "/local/domain/2").getAttribute("class"), "row");
    await world.request("0", "WRITE /local/domain/1/data|the last value");
    await nodeRow(page, "/local/domain/1/data").getByText("the last value").waitFor();
    await page.locator("#recent button", { hasText: "/local/domain/1/data" }).first().click();
    await page.locator("#details pre", { hasText: "the last value" }).waitFor();
    await world.request("0", "RM /local/domain/1/data|");
    await nodeRow(page, "/local/domain/1/data").waitFor({ state: "detached" });
    await page.locator("#recent .removed").first().waitFor();
    // And the glow ends, though nothing changes any more.
    await world.request("0", "WRITE /local/domain/1/data|again");
    await nodeRow(page, "/local/domain/1/data").getByText("again").waitFor();
    await page.locator(".glow").waitFor({ state: "detached" });
  }));

test("less motion: the change is marked, and nothing is animated", () =>
  withPage({ browser: { reducedMotion: "reduce" } }, async (page, world) => {
    await nodeRow(page, "/local/domain/1").waitFor();
    await until("a mark", async () => {
      await world.request("0", `WRITE /local/domain|${Math.random()}`);
      return (await page.locator(".row.glow").count()) > 0;
    });
    const names = await page.evaluate(
      "[...document.querySelectorAll('.row')].map((r) => getComputedStyle(r).animationName)",
    );
    assert.equal(new Set(names as string[]), new Set(["none"]));
  }));

test("filters by path, owner and what a domain may do", () =>
  withPage({ domains: [1, 2, 3] }, async (page, world) => {
    await world.request("0", "WRITE /local/domain/3/device/vbd/768/state|1");
    await world.request("0", "SET_PERMS /local/domain/3/data|n3|r2|");
    await world.request("2", "WRITE data/mine|x");
    const matches = page.locator("#filter-count");
    const shown = async (count: number): Promise<void> => {
      await until(`${count} nodes`, async () => (await matches.textContent())?.startsWith(`${count} of `) ?? false);
    };
    await page.getByLabel("Path").fill("VBD state");
    await shown(1);
    // The way to it is open.
    await nodeRow(page, "/local/domain/3/device/vbd/768/state").waitFor();
    assert.is(await nodeRow(page, "/local/domain/1").count(), 0);
    await page.getByRole("button", { name: "Clear" }).click();
    await nodeRow(page, "/local/domain/1").waitFor();
    await page.getByLabel("Owner").fill("2");
    await shown(2);
    await nodeRow(page, "/local/domain/2/data/mine").waitFor();
    await page.getByLabel("Owner").fill("");
    await page.locator("#filter-domid").fill("2");
    await page.getByLabel("may").selectOption("read");
    await shown(4);
    await nodeRow(page, "/local/domain/3/data").waitFor();
    await page.getByLabel("may").selectOption("write");
    await shown(2);
  }));

test("hostile names and values are text", () =>
  withPage({}, async (page, world) => {
    const value = '<img src=x onerror="window.taken=1">\x01\x1b[31m\u00ff\u0080</script><b>';
    await world.request("0", `WRITE /local/domain/1/data|${value}`);
    await world.request("0", "WRITE /local/domain/1/name|<i>guest</i>\u00e2\u0080\u00ae");
    await nodeRow(page, "/local/domain/1").locator(".twisty").click();
    await nodeRow(page, "/local/domain/1/data").click();
    const text = '<img src=x onerror="window.taken=1">\\x01\\x1b[31m\\xff\\x80</script><b>';
    await page.locator("#details pre", { hasText: text }).waitFor();
    assert.equal(await page.locator("#details .escape").allTextContents(), ["\\x01\\x1b", "\\xff\\x80"]);
    // UTF-8 is shown, but nothing that turns the direction of the text.
    await nodeRow(page, "/local/domain/1/name").getByText("<i>guest</i>\\u{202e}").waitFor();
    await page.getByRole("tab", { name: "Domains" }).click();
    await page.locator("#domains-grid .row", { hasText: "<i>guest</i>\\u{202e}" }).waitFor();
    assert.is(await page.locator("main img, main b, main i").count(), 0);
    assert.is(await page.evaluate("window.taken"), undefined);
  }));

test("dark and light: as the system has it, and by the switch", () =>
  withPage({ browser: { colorScheme: "dark" } }, async (page) => {
    const back = (): Promise<string> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const dark = await back();
    const button = page.getByRole("button", { name: "Theme" });
    assert.is(await button.textContent(), "Theme: auto");
    await button.click();
    assert.is(await button.textContent(), "Theme: light");
    const light = await back();
    assert.is(light, "rgb(255, 255, 255)");
    assert.is.not(dark, light);
    await page.reload();
    assert.is(await back(), light);
    await button.click();
    assert.is(await back(), dark);
  }));

test("a store that does not answer", () =>
  withPage({}, async (page, world) => {
    world.signal("SIGSTOP");
    try {
      await page.locator("#status.away", { hasText: "it has not answered for" }).waitFor();
    } finally {
      world.signal("SIGCONT");
    }
    await page.locator("#status.live").waitFor();
  }));

/** A daemon in a directory that outlives it. */
async function daemon(directory: string): Promise<{ client: Client; stop(): Promise<void> }> {
  const child = spawn(resolve("build/out/xenstored"), ["-N", "--rundir", directory], { stdio: "ignore" });
  let client: Client | null = null;
  await until("the daemon", async () => {
    client = await connected(join(directory, "socket")).catch(() => null);
    return client !== null;
  });
  const stop = async (): Promise<void> => {
    const ended = new Promise((go) => child.once("exit", go));
    child.kill();
    await ended;
  };
  return { client: client as unknown as Client, stop };
}

test("the store goes away and comes back; so does the program", async () => {
  const directory = mkdtempSync(join(tmpdir(), "web-"));
  const socket = join(directory, "socket");
  let store = await daemon(directory);
  const web = await Web.start(socket);
  const put = async (path: string): Promise<void> => {
    store.client.write({ type: Op.WRITE, reqId: 1, txId: 0, payload: `${path}\0x` });
    await store.client.until(() => store.client.messages.some((m) => m.reqId === 1));
    store.client.messages = [];
  };
  try {
    await put("/before");
    const { page, wrong } = await openPage(web.url);
    await nodeRow(page, "/before").waitFor();
    await store.stop();
    await page.locator("#status.away").waitFor();
    // What was there stays in sight.
    await nodeRow(page, "/before").waitFor();
    store = await daemon(directory);
    await put("/after");
    await page.locator("#status.live").waitFor();
    await nodeRow(page, "/after").waitFor();
    await nodeRow(page, "/before").waitFor({ state: "detached" });
    const port = new URL(web.url).port;
    await web.stop();
    await page.locator("#status", { hasText: "xenstore-web does not answer" }).waitFor();
    await put("/later");
    const again = await Web.start(socket, "-p", port);
    await nodeRow(page, "/later").waitFor();
    await page.locator("#status.live").waitFor();
    await again.stop();
    assert.equal(wrong, []);
    await page.context().close();
  } finally {
    await store.stop();
    rmSync(directory, { recursive: true });
  }
});

test.run();
