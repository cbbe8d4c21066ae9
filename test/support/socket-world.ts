import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Op } from "../../src/wire/ops.ts";
import { Client } from "./client.ts";
import { WireWorld } from "./wire-world.ts";
import type { WorldOptions } from "./world.ts";

/** DAEMON=: another build of it. */
const DAEMON = resolve(process.env.DAEMON ?? "build/out/xenstored");
/** RELAY=: a build of xenstore-relay, through which the clients on sockets come. */
const RELAY = process.env.RELAY === undefined ? null : resolve(process.env.RELAY);
/** Domids that rows use; the others count as existing in the daemon's test mode. */
const ABSENT = [1, 2, 3, 4, 5, 6, 7, 8];
const PATIENCE = 10_000;

/** A client on a stream socket. */
export function connected(path: string): Promise<Client> {
  return new Promise((done, fail) => {
    const socket = connect(path, () => {
      socket.off("error", fail);
      done(new Client(socket));
    });
    socket.once("error", fail);
  });
}

/** The Linux daemon in its test mode, and clients on its sockets: what World is on a fake host. */
export class SocketWorld extends WireWorld {
  private lines = "";
  readonly directory = mkdtempSync(join(tmpdir(), "xenstored-"));
  private readonly daemon: ChildProcess;
  private relay: ChildProcess | null = null;

  /** Bytes of address space that the daemon has when it serves; 0: not known yet. */
  private static base = 0;

  private constructor(options: WorldOptions) {
    super();
    const own = ["--no-fork", "--rundir", this.directory, "--simulate-domains", join(this.directory, "domains")];
    const args = [DAEMON, ...own, ...(options.args ?? [])];
    if (options.memory) args.unshift("prlimit", `--as=${SocketWorld.base + options.memory}`);
    this.daemon = spawn(args[0] as string, args.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
    this.daemon.stderr?.on("data", (data) => {
      this.lines += data;
    });
  }

  /** `memory`: address space beyond what it has at its start. */
  static async start(options: WorldOptions = {}): Promise<SocketWorld> {
    if (options.memory && SocketWorld.base === 0) {
      const plain = await SocketWorld.start({ domains: [] });
      SocketWorld.base = plain.space();
      await plain.stop();
    }
    const world = new SocketWorld(options);
    const end = Date.now() + PATIENCE;
    for (;;) {
      if (world.daemon.exitCode !== null) throw new Error(`the daemon does not start: ${world.lines}`);
      try {
        await world.connect("0");
        break;
      } catch (thrown) {
        if (Date.now() > end) throw thrown;
        await new Promise((go) => setTimeout(go, 5));
      }
    }
    if (RELAY !== null) await world.startRelay(RELAY);
    for (const domid of ABSENT) await world.control(`sim|destroy|${domid}|`);
    for (const domid of options.domains ?? [1, 2]) {
      await world.control(`sim|create|${domid}|`);
      await world.expectOk("0", `WRITE /local/domain/${domid}|`);
      await world.expectOk("0", `SET_PERMS /local/domain/${domid}|n0|r${domid}|`);
      await world.expectOk("0", `WRITE /local/domain/${domid}/data|`);
      await world.expectOk("0", `SET_PERMS /local/domain/${domid}/data|n${domid}|`);
      await world.expectOk("0", `INTRODUCE ${domid}|1|${domid}|`);
      await world.connect(String(domid));
    }
    return world;
  }

  /** From here on clients come through a relay. */
  private async startRelay(program: string): Promise<void> {
    await this.client("0").close();
    this.clients.delete("0");
    const paths = ["--socket", join(this.directory, "relay"), "--device", join(this.directory, "socket")];
    this.relay = spawn(program, [...paths, "--no-fork"], { stdio: "inherit" });
    const end = Date.now() + PATIENCE;
    while (!existsSync(join(this.directory, "relay"))) {
      if (this.relay.exitCode !== null || Date.now() > end) throw new Error("the relay does not start");
      await new Promise((go) => setTimeout(go, 5));
    }
    await this.connect("0");
  }

  /** Ends the daemon; returns what it logged. */
  async stop(): Promise<string> {
    for (const client of this.clients.values()) await client.close();
    this.relay?.kill();
    if (this.daemon.exitCode === null && this.daemon.signalCode === null) {
      const ended = new Promise((go) => this.daemon.once("exit", go));
      this.daemon.kill();
      await ended;
    }
    const left = existsSync(join(this.directory, "socket"));
    rmSync(this.directory, { recursive: true });
    if (this.daemon.exitCode !== 0) throw new Error(`the daemon ended with ${this.daemon.exitCode}: ${this.lines}`);
    if (left) throw new Error("the daemon left its socket behind");
    return this.lines;
  }

  /** Bytes of address space. */
  private space(): number {
    const status = readFileSync(`/proc/${this.daemon.pid}/status`, "utf8");
    return Number(/^VmSize:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  signal(signal: NodeJS.Signals): void {
    this.daemon.kill(signal);
  }

  /** Ends the daemon by a signal that it cannot survive. */
  async crash(signal: NodeJS.Signals): Promise<{ log: string; signal: string | null }> {
    const ended = new Promise((go) => this.daemon.once("close", go));
    this.daemon.kill(signal);
    await ended;
    rmSync(this.directory, { recursive: true });
    return { log: this.lines, signal: this.daemon.signalCode };
  }

  /** What `host` rows make happen. */
  async happen(what: string): Promise<void> {
    const [verb, who] = what.split(" ") as [string, string];
    if (verb === "kill") await this.control(`sim|destroy|${who}|`);
    else if (verb === "shutdown") await this.control(`sim|shutdown|${who}|`);
    else if (verb === "exist") await this.control(`sim|create|${who}|`);
    else if (verb === "name" || verb === "connect") await this.connect(who);
    else if (verb === "broken") await this.breakOff(who);
    else if (verb === "reset") await this.client(who).close();
    else throw new Error(`what is ${what}`);
  }

  /** A number is the name of a domain's ring, but for 0, which is on the daemon's own socket as others are. */
  async connect(name: string): Promise<void> {
    if (this.clients.get(name)?.open) return;
    const domain = /^[1-9]/.test(name);
    const own = this.relay === null ? "socket" : "relay";
    const path = join(this.directory, domain ? `domains/${name}.sock` : own);
    this.clients.set(name, await connected(path));
  }

  /** A message that no protocol allows: the daemon shuts the ring or the socket off. */
  private async breakOff(name: string): Promise<void> {
    const client = this.client(name);
    client.write({ type: Op.READ, reqId: 0, txId: 0, payload: "x".repeat(4097) });
    await client.until(() => false);
  }

  /** A command of the test itself; its events come with the next request. */
  private async control(command: string): Promise<void> {
    const held = [...this.clients.values()].map((client) => [client, client.messages] as const);
    for (const [client] of held) client.messages = [];
    const client = this.client("0");
    const reqId = ++this.reqId;
    client.write({ type: Op.CONTROL, reqId, txId: 0, payload: command.replaceAll("|", "\0") });
    await client.until(() => client.messages.some((m) => m.reqId === reqId));
    await this.barrier();
    const answer = client.messages.find((m) => m.reqId === reqId);
    if (answer?.payload !== "OK\0") throw new Error(`${command}: ${answer?.payload}`);
    client.messages = client.messages.filter((m) => m !== answer);
    for (const [of, messages] of held) of.messages = [...messages, ...of.messages];
  }
}
