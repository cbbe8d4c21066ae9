import { spawnSync } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import { started } from "../bench/daemons.mjs";
import { bridge } from "../support/bridge.ts";
import { connected, SocketWorld } from "../support/socket-world.ts";
import { closeAll, openPage, PROGRAM, until, Web } from "../support/web.ts";

const test = suite("the page: its server");
test.after(closeAll);

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

function ask(url: string, options: { method?: string; host?: string } = {}): Promise<Answer> {
  return new Promise((go, fail) => {
    const headers = options.host === undefined ? {} : { Host: options.host };
    const sent = request(url, { method: options.method ?? "GET", headers }, (reply) => {
      let body = "";
      reply.setEncoding("latin1");
      reply.on("data", (data) => {
        body += data;
      });
      reply.on("end", () => go({ status: reply.statusCode ?? 0, headers: reply.headers, body }));
    });
    sent.on("error", fail);
    sent.end();
  });
}

async function withServer(body: (web: Web, world: SocketWorld) => Promise<void>): Promise<void> {
  const world = await SocketWorld.start();
  try {
    const web = await Web.start(join(world.directory, "socket"));
    try {
      await body(web, world);
    } finally {
      await web.stop();
    }
  } finally {
    await world.stop();
  }
}

test("GET alone, on the loopback, for the loopback's names", () =>
  withServer(async (web) => {
    const url = new URL(web.url);
    assert.is(url.hostname, "127.0.0.1");
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]) {
      const { status, headers } = await ask(`${web.url}tree`, { method });
      assert.is(status, 405, method);
      assert.is(headers.allow, "GET");
    }
    for (const [host, status] of [
      ["evil.example", 403],
      [`evil.example:${url.port}`, 403],
      ["127.0.0.1.evil.example", 403],
      ["[", 403],
      ["192.0.2.1", 403],
      [url.host, 200],
      ["localhost", 200],
      ["localhost:9999", 200],
      ["[::1]:80", 200],
    ] as const)
      for (const path of ["", "tree", "figures", "packets"]) {
        const answer = await ask(web.url + path, { host });
        assert.is(answer.status, status, `${host} ${path}`);
        if (status === 403) assert.not.match(answer.body, /xenstored/);
      }
    for (const [path, status] of [
      ["none", 404],
      ["../../etc/passwd", 404],
      ["tree?since=x", 400],
      ["tree?since=99999999999999999999", 400],
    ] as const)
      assert.is((await ask(web.url + path)).status, status, path);
    const { headers } = await ask(web.url);
    assert.match(String(headers["content-security-policy"]), /^default-src 'none'; script-src 'sha256-/);
    assert.is(headers["access-control-allow-origin"], undefined);
    assert.is(headers["x-content-type-options"], "nosniff");
  }));

test("the store sees one connection, whoever looks, and nothing changes", () =>
  withServer(async (web, world) => {
    const before = await world.dump();
    const pages = await Promise.all([1, 2, 3].map(() => openPage(web.url)));
    for (const { page } of pages) await page.locator("#status.live").waitFor();
    const links = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const link of (await world.request("0", "DIRECTORY /tool/xenstored/connection|")).reply
        .split("|")
        .slice(0, -1)) {
        const { reply } = await world.request("0", `READ /tool/xenstored/connection/${link}/process|`);
        if (reply === String(web.pid)) found.push(link);
      }
      return found;
    };
    assert.is((await links()).length, 1);
    // A browser that takes nothing costs the others nothing.
    const stalled = connect(Number(new URL(web.url).port), "127.0.0.1");
    stalled.write("GET /tree HTTP/1.1\r\n");
    await world.request("0", "WRITE /seen|x");
    for (const { page } of pages) {
      await page.locator('#tree-rows [data-path="/seen"]').waitFor();
      await page.context().close();
    }
    stalled.destroy();
    await world.request("0", "RM /seen|");
    assert.equal(await world.dump(), before);
  }));

test("over a device instead of a socket", async () => {
  const world = await SocketWorld.start();
  const { device, stop } = await bridge(join(world.directory, "socket"));
  const web = await Web.start(device);
  try {
    const { page, wrong } = await openPage(web.url);
    await page.locator("#status.live").waitFor();
    await page.locator('#tree-rows [data-path="/local/domain/2"]').waitFor();
    await world.request("0", "WRITE /later|x");
    await page.locator('#tree-rows [data-path="/later"]').waitFor();
    stop();
    await page.locator("#status.away").waitFor();
    assert.equal(wrong, []);
    await page.context().close();
  } finally {
    stop();
    await web.stop();
    await world.stop();
  }
});

/** Packets of Dom0's ring, which all its programs share, and of a guest's: which of them count as the program's own. */
const SHARED = `
import sys
sys.path.insert(0, sys.argv[1])
from xenstore_trace import Packet
from xenstore_web.packets import Own
own = Own()
own.link, own.shared = 3, True
for link, out, kind, number, payload in (
    (3, 0, 4, 1, b"/\\0kernel1\\0"), (3, 1, 4, 1, b"OK\\0"), (3, 1, 15, 0, b"/a\\0kernel1\\0"), (3, 1, 15, 0, b"/a\\0kernel2\\0"),
    (3, 0, 2, 2, b"/tool/xenstored/uptime\\0"), (3, 0, 2, 3, b"/a\\0"), (3, 1, 2, 2, b"7"), (3, 1, 2, 3, b"x"),
    (5, 0, 2, 2, b"/tool/xenstored/domain/5/nodes\\0"), (5, 1, 15, 0, b"/a\\0kernel1\\0"),
):
    print(int(own.is_own(Packet(0, 0.0, link, 0, out, (kind, number, 0, len(payload)), payload))), end="")
`;

test("where all of Dom0 shares a ring, its own packets are those that nobody else causes", () => {
  const { stdout, stderr } = spawnSync("python3", ["-c", SHARED, PROGRAM], { encoding: "utf8" });
  assert.is(stdout, "1110101000", stderr);
});

for (const [key, title] of [
  ["c", "C xenstored"],
  ["ocaml", "oxenstored"],
] as const)
  test(`${title}: the tree as it changes, and what is missing in words`, async () => {
    const store = await started(key);
    const client = await connected(store.socket);
    const put = async (path: string, value: string): Promise<void> => {
      client.messages = [];
      client.write({ type: Op.WRITE, reqId: 1, txId: 0, payload: `${path}\0${value}` });
      await client.until(() => client.messages.length > 0);
      assert.is(client.messages[0]?.payload, "OK\0");
    };
    await put("/local/domain/7/name", "before");
    // A directory that no reply carries.
    for (let i = 0; i < 500; i++) await put(`/many/a-name-of-twenty-bytes-${i}`, "x");
    const web = await Web.start(store.socket);
    try {
      const { page, wrong } = await openPage(web.url);
      await page.locator("#status.live").waitFor();
      await page.getByText("This store has no status tree").waitFor();
      await page.getByLabel("Path").fill("7/name");
      await page.locator("#tree-rows").getByText("before").waitFor();
      await put("/local/domain/7/name", "after");
      await page.locator("#tree-rows").getByText("after").waitFor();
      await page.getByLabel("Path").fill("twenty-bytes");
      await page.locator("#filter-count", { hasText: /^500 of/ }).waitFor();
      await page.getByRole("tab", { name: "Packets" }).click();
      await page.getByText("This store has no packet trace").waitFor();
      await page.getByRole("tab", { name: "Domains" }).click();
      await until("words", async () => (await page.locator("#domains-grid .grid").getAttribute("data-empty")) !== "");
      await page.getByRole("tab", { name: "Load" }).click();
      // What the program measures itself is there all the same.
      await page.locator("figure", { hasText: "Waiting times" }).locator("canvas").waitFor();
      assert.equal(wrong, []);
      await page.context().close();
    } finally {
      await web.stop();
      await client.close();
      await store.stop();
    }
  });

test("what is wrong with its arguments is one clear line, and a status", () => {
  for (const [args, status, why] of [
    [["-s", "/none"], 1, /^xenstore-web: \/none: .*-s PATH/],
    [["-s", "package.json"], 1, /neither a socket nor a device/],
    [["-l", "here"], 2, /here is not an IP address/],
    [["-p", "65536"], 2, /65536 is not a port/],
    [["-p", "x"], 2, /x is not a port/],
    [["--write"], 2, /unrecognized arguments/],
  ] as const) {
    const run = spawnSync(PROGRAM, args, { encoding: "utf8", timeout: 20_000 });
    assert.is(run.status, status, args.join(" "));
    assert.is(run.stdout, "");
    assert.match(run.stderr.trimEnd().split("\n").at(-1) as string, why);
  }
});

test("a port that is taken, and another address", () =>
  withServer(async (web, world) => {
    const socket = join(world.directory, "socket");
    const taken = spawnSync(PROGRAM, ["-s", socket, "-p", new URL(web.url).port], {
      encoding: "utf8",
      timeout: 20_000,
    });
    assert.is(taken.status, 1);
    assert.match(taken.stderr, /^xenstore-web: .*in use.*\n$/);
    const open = await Web.start(socket, "-l", "0.0.0.0");
    const port = new URL(open.url).port;
    assert.is((await ask(`http://127.0.0.1:${port}/tree`, { host: "any.example" })).status, 200);
    assert.is((await ask(`http://127.0.0.1:${port}/tree`, { method: "POST" })).status, 405);
    await until("a warning", async () => open.errors.includes("whoever reaches this address sees all of the store"));
    await open.stop();
  }));

test.run();
