// Makes the pictures of docs/web.md (make pictures): a store with example content, and some load on it.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import type { Page } from "playwright-core";
import { Op } from "../../src/wire/ops.ts";
import { SocketWorld } from "../support/socket-world.ts";
import { closeAll, nodeRow, openPage, until, Web } from "../support/web.ts";

const NAMES = ["web-1", "web-2", "database", "mail", "build-runner", "router", "backup", "desktop"];
/** Milliseconds of load before the first picture, for the curves. */
const LOAD = 60_000;
/** A picture in the repository is smaller than this. */
const MOST = 100_000;

async function ok(world: SocketWorld, who: string, request: string): Promise<void> {
  const { reply } = await world.request(who, request);
  if (reply.startsWith("!")) throw new Error(`${request}: ${reply}`);
}

/** What xl makes for a guest, about. */
async function guest(world: SocketWorld, domid: number, name: string): Promise<void> {
  const home = `/local/domain/${domid}`;
  await ok(world, "0", `WRITE ${home}/name|${name}`);
  await ok(world, "0", `WRITE ${home}/memory/target|${524288 * domid}`);
  await ok(world, "0", `WRITE ${home}/control/shutdown|`);
  await ok(world, "0", `SET_PERMS ${home}/control|n${domid}|`);
  for (const [kind, number] of [
    ["vif", "0"],
    ["vbd", "51712"],
  ]) {
    const front = `${home}/device/${kind}/${number}`;
    const back = `/local/domain/0/backend/${kind}/${domid}/${number}`;
    await ok(world, "0", `WRITE ${front}/backend|${back}`);
    await ok(world, "0", `SET_PERMS ${front}|n${domid}|r0|`);
    for (const [key, value] of [
      ["backend-id", "0"],
      ["state", "4"],
      ["event-channel", String(8 + domid)],
      ["tx-ring-ref", "768"],
    ]) {
      await ok(world, "0", `WRITE ${front}/${key}|${value}`);
      await ok(world, "0", `SET_PERMS ${front}/${key}|n${domid}|r0|`);
    }
    await ok(world, "0", `WRITE ${back}/frontend|${front}`);
    await ok(world, "0", `WRITE ${back}/state|4`);
    await ok(world, "0", `WRITE ${back}/mac|00:16:3e:00:00:0${domid}`);
    await ok(world, "0", `SET_PERMS ${back}|n0|r${domid}|`);
  }
  await ok(world, String(domid), `WATCH control/shutdown|shutdown|`);
}

async function content(world: SocketWorld): Promise<void> {
  await ok(world, "0", "WRITE /local/domain/0/name|Domain-0");
  for (const [i, name] of NAMES.entries()) await guest(world, i + 1, name);
  for (let i = 0; i < 60; i++) await ok(world, "3", `WRITE data/table/row${i}|${"v".repeat(30)}`);
  for (let i = 0; i < 47; i++) await ok(world, "5", `WRITE data/job/${i}|waiting`);
  for (let i = 0; i < 26; i++) await ok(world, "6", `WATCH data/route/${i}|route ${i}|`);
  await ok(world, "0", "SET_PERMS /local/domain/2/data|n2|b1|");
  await ok(world, "0", "WATCH /local/domain/0/backend|backends|");
}

let reqId = 0x10000;

/** A request and nothing beside it: the world's own ask every client for a sign after each. */
async function sent(world: SocketWorld, who: number, type: Op, payload: string, txId = 0): Promise<string> {
  const client = world.client(String(who));
  const id = ++reqId;
  client.write({ type, reqId: id, txId, payload });
  await client.until(() => client.messages.some((m) => m.reqId === id));
  const reply = client.messages.find((m) => m.reqId === id)?.payload ?? "";
  client.messages = [];
  return reply;
}

/** A transaction of domain 2 that domain 1 makes fail. */
async function conflict(world: SocketWorld): Promise<void> {
  const txId = Number.parseInt(await sent(world, 2, Op.TRANSACTION_START, "\0"), 10);
  await sent(world, 2, Op.READ, "data\0", txId);
  await sent(world, 2, Op.WRITE, "data/own\x001", txId);
  await sent(world, 1, Op.WRITE, `/local/domain/2/data\0${reqId}`);
  await sent(world, 2, Op.TRANSACTION_END, "T\0", txId);
}

/** Requests of several guests, in waves; watch events, conflicts and refusals among them. */
async function load(world: SocketWorld, goes: () => boolean): Promise<void> {
  for (let i = 0; goes(); i++) {
    const wave = 2 + Math.round(6 * (1 + Math.sin(Date.now() / 5000)));
    for (let n = 0; n < wave; n++) {
      await sent(world, 1, Op.WRITE, `data/load\0${(n * 0.13).toFixed(2)}`);
      await sent(world, 3, Op.READ, `data/table/row${n}\0`);
    }
    await sent(world, 0, Op.WRITE, `/local/domain/0/backend/vif/${(i % 8) + 1}/0/rate\0${1000 + i}`);
    await sent(world, 0, Op.WRITE, `/local/domain/${(i % 3) + 1}/control/shutdown\0`);
    if (i % 9 === 0) await conflict(world);
    if (i % 40 === 0) for (let n = 0; n < 50; n++) await sent(world, 5, Op.WRITE, `data/job/more${n}\0waiting`);
    await new Promise((go) => setTimeout(go, 30));
  }
}

async function picture(page: Page, name: string): Promise<void> {
  const path = `docs/web-${name}.png`;
  await page.screenshot({ path, animations: "allow" });
  // A palette of 256 colours, which is all that such a page has.
  const { status, stderr } = spawnSync("pngquant", ["--force", "--speed", "1", "--output", path, "256", path]);
  if (status !== 0) throw new Error(`pngquant: ${stderr}`);
  const { size } = statSync(path);
  if (size >= MOST) throw new Error(`${path} has ${size} bytes`);
  console.log(`${path}: ${size} bytes`);
}

async function tree(page: Page): Promise<void> {
  const open = async (path: string): Promise<void> => {
    await nodeRow(page, path).locator(".twisty").click();
    await nodeRow(page, path).and(page.locator("[aria-expanded=true]")).waitFor();
  };
  for (const path of ["0", "0/backend", "0/backend/vif", "0/backend/vif/1", "1", "1/data", "1/device", "1/device/vif"])
    await open(`/local/domain/${path}`);
  await nodeRow(page, "/local/domain/1/device/vif/0").click();
  await open("/local/domain/1/device/vif/0");
  await nodeRow(page, "/local/domain/1/device/vif/0/state").click();
  await until("a glow", async () => (await page.locator(".glow, .glow-below").count()) > 1);
  await picture(page, "tree");
}

async function shown(page: Page, name: string, tab: string, theme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: theme });
  await page.getByRole("tab", { name: tab }).click();
  // The list of slow requests and the table are drawn with the next figures.
  await page.waitForTimeout(2500);
  if (tab === "Domains") {
    await page.getByRole("grid", { name: "Domains" }).focus();
    await page.keyboard.press("Home");
    await page.locator("#domain-details h3").waitFor();
    await page.getByRole("tab", { name: tab }).click();
  }
  await picture(page, name);
}

const quotas = ["--quota", "nodes=100", "--quota", "watches=32"];
const world = await SocketWorld.start({ domains: NAMES.map((_, i) => i + 1), args: quotas });
const web = await Web.start(`${world.directory}/socket`, "-p", "8480");
let going = true;
try {
  await content(world);
  const { page } = await openPage(web.url, { viewport: { width: 1120, height: 600 } });
  await page.locator("#status.live").waitFor();
  const busy = load(world, () => going);
  await page.waitForTimeout(LOAD);
  await tree(page);
  await shown(page, "domains", "Domains", "dark");
  await shown(page, "load", "Load", "light");
  going = false;
  await busy;
} finally {
  going = false;
  await closeAll();
  await web.stop();
  await world.stop();
}
