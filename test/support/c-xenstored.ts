import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "./client.ts";
import { connected } from "./socket-world.ts";

const OUT = resolve("build/out");
const DEBIAN = join(OUT, "trixie");
/** Our program. */
export const OURS = join(OUT, "xenstored");
const PATIENCE = 20_000;

/**
 * C xenstored of a release of Xen in a directory of its own, where there is no Xen (test/bench/standin.c); what it becomes
 * by live updates stays in its process.
 */
export class Host {
  readonly directory = mkdtempSync(join(tmpdir(), "xs-"));
  /** A script that executes this C xenstored with the libraries that it needs. */
  readonly c = join(this.directory, "c-xenstored");
  private readonly process: ChildProcess;
  private reqId = 0;
  log = "";

  constructor(xen: string, args: readonly string[] = []) {
    const { directory } = this;
    for (const name of ["proc/xen", "run/xen", "var/run/xen", "var/log/xen", "usr/lib", "r"])
      mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, "proc/xen/xsd_port"), "1");
    writeFileSync(join(directory, "proc/xen/xsd_kva"), Buffer.alloc(4096));
    const tools = join(DEBIAN, `usr/lib/xen-${xen}`);
    symlinkSync(tools, join(directory, `usr/lib/xen-${xen}`));
    const loader = join(DEBIAN, "usr/lib64/ld-linux-x86-64.so.2");
    const libraries = `--library-path ${join(DEBIAN, "usr/lib/x86_64-linux-gnu")} --preload ${join(OUT, "bench/standin.so")}`;
    writeFileSync(this.c, `#!/bin/sh\nexec ${loader} ${libraries} ${join(tools, "bin/xenstored")} "$@"\n`);
    chmodSync(this.c, 0o755);
    this.process = spawn(this.c, ["-N", "--pid-file", join(directory, "pid"), ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, STANDIN_ROOT: directory, XENSTORED_RUNDIR: join(directory, "r") },
    });
    this.process.stderr?.on("data", (data) => {
      this.log += data;
    });
  }

  async client(): Promise<Client> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      try {
        return await connected(join(this.directory, "r/socket"));
      } catch (thrown) {
        if (Date.now() > end || this.process.exitCode !== null) throw new Error(`${thrown} ${this.log}`);
        await new Promise((go) => setTimeout(go, 10));
      }
    }
  }

  /** Makes a request. Resolves with the payload of the reply. */
  async ask(c: Client, type: number, payload: string, txId = 0): Promise<string> {
    const reqId = ++this.reqId;
    c.write({ type, reqId, txId, payload });
    await c.until(() => c.messages.some((m) => m.reqId === reqId && m.type !== Op.WATCH_EVENT));
    const reply = c.messages.find((m) => m.reqId === reqId && m.type !== Op.WATCH_EVENT);
    if (reply === undefined) throw new Error(`the connection has ended: ${this.log}`);
    c.messages = c.messages.filter((m) => m !== reply);
    return reply.payload;
  }

  /** A live update to `path`. Resolves with the last reply. */
  async update(c: Client, path: string, options: readonly string[] = [], words?: string): Promise<string> {
    const found = await this.ask(c, Op.CONTROL, `live-update\0-f\0${path}\0`);
    if (found !== "OK\0") return found;
    if (words !== undefined) await this.ask(c, Op.CONTROL, `live-update\0-c\0${words}\0`);
    return this.ask(c, Op.CONTROL, `live-update\0-s\0${options.map((word) => `${word}\0`).join("")}`);
  }

  /** Whether our program serves. */
  get ours(): boolean {
    return readlinkSync(`/proc/${this.process.pid}/exe`) === OURS;
  }

  /** Its number in the pid file. */
  get pidFile(): number {
    return Number(readFileSync(join(this.directory, "pid"), "utf8"));
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((go) => this.process.once("exit", go));
      this.process.kill("SIGKILL");
      await ended;
    }
    rmSync(this.directory, { recursive: true });
  }
}
