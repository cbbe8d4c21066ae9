import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import * as assert from "uvu/assert";
import { SocketWorld } from "./socket-world.ts";
import type { WorldOptions } from "./world.ts";

export const PROGRAM = resolve("build/out/xenstore-web");
/** How long something that must come may take, on a machine with other work. */
export const PATIENCE = 30_000;

let browser: Promise<Browser> | null = null;

/** A page of its own in Debian's Chromium. What goes wrong in it is kept. */
export async function openPage(url: string, options: object = {}): Promise<{ page: Page; wrong: string[] }> {
  // As root it has no sandbox.
  browser ??= chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const context = await (await browser).newContext({
    viewport: { width: 1280, height: 760 },
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(String(error.stack)));
  page.on("console", (message) => {
    // A fetch that fails while the server is away is what the page tells of.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) wrong.push(message.text());
  });
  await page.goto(url);
  return { page, wrong };
}

/** Programs that run: a test that fails may leave one. */
const running = new Set<ChildProcess>();

export async function closeAll(): Promise<void> {
  for (const child of running) child.kill("SIGKILL");
  await (await browser)?.close();
  browser = null;
}

/** The program as a server; its address comes with its first line. */
export class Web {
  errors = "";

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {
    child.stderr?.on("data", (data) => {
      this.errors += data;
    });
    running.add(child);
    child.once("close", () => running.delete(child));
  }

  static async start(socket: string, ...args: string[]): Promise<Web> {
    const child = spawn(PROGRAM, ["-s", socket, "-p", "0", ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const url = await new Promise<string>((go, fail) => {
      child.stdout?.once("data", (data) => go(String(data).trim()));
      child.once("close", (code) => fail(new Error(`xenstore-web ended with ${code}`)));
    });
    return new Web(url, child);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async stop(): Promise<void> {
    const ended = new Promise((go) => this.child.once("close", go));
    this.child.kill("SIGKILL");
    await ended;
  }
}

/** A store with domains, the program beside it, and a page of it. Nothing may go wrong in the page. */
export async function withPage(
  options: WorldOptions & { browser?: object },
  body: (page: Page, world: SocketWorld, web: Web) => Promise<void>,
): Promise<void> {
  const world = await SocketWorld.start(options);
  let web: Web | null = null;
  try {
    web = await Web.start(join(world.directory, "socket"));
    const { page, wrong } = await openPage(web.url, options.browser);
    await page.locator("#status.live").waitFor();
    await body(page, world, web);
    assert.equal(wrong, []);
    await page.context().close();
  } finally {
    await web?.stop();
    await world.stop();
  }
}

/** A page that the program made of a file, opened as a file. */
export async function pageOf(data: Buffer | string): Promise<{ page: Page; wrong: string[]; html: string }> {
  const { status, stdout, stderr } = spawnSync(PROGRAM, ["-"], { input: data, maxBuffer: 1 << 28 });
  assert.is(status, 0, String(stderr));
  const directory = mkdtempSync(join(tmpdir(), "web-"));
  try {
    const file = join(directory, "page.html");
    writeFileSync(file, stdout);
    return { ...(await openPage(`file://${file}`)), html: stdout.toString("latin1") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Waits until a question about the page has the answer. */
export async function until(what: string, question: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (!(await question())) {
    if (Date.now() > end) throw new Error(`it did not come: ${what}`);
    await new Promise((go) => setTimeout(go, 50));
  }
}

/** The row of the tree with this path. */
export const nodeRow = (page: Page, path: string) => page.locator(`#tree-rows [data-path="${path}"]`);
/** Rows of a table by a text in them. */
export const gridRow = (page: Page, grid: string, text: string) =>
  page.locator(`#${grid}-grid .row`).filter({ hasText: text });
