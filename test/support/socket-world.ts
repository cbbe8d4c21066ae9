import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { errorPayload } from "../../src/wire/errno.ts";
import { Op } from "../../src/wire/ops.ts";
import { type Message, parseRequest, shown, type WorldOptions } from "./host.ts";

const DAEMON = resolve("build/out/xenstored");
/** A type that no server knows: its answer shows that what was sent before has been served. */
const BARRIER = 27;
const BARRIER_ID = 0xffff_ffff;
/** Domids that rows use; the others count as existing in the daemon's test mode. */
const ABSENT = [1, 2, 3, 4, 5, 6, 7, 8];
const PATIENCE = 10_000;

/** One stream socket and the messages that came over it. */
export class Client {
  messages: Message[] = [];
  open = true;
  private rest = Buffer.alloc(0);
  private waiting: (() => void)[] = [];

  private constructor(private readonly socket: Socket) {
    socket.on("data", (data) => this.take(data));
    socket.on("error", () => this.end());
    socket.on("close", () => this.end());
  }

  static connect(path: string): Promise<Client> {
    return new Promise((done, fail) => {
      const socket = connect(path, () => {
        socket.off("error", fail);
        done(new Client(socket));
      });
      socket.once("error", fail);
    });
  }

  write(m: Message): void {
    if (!this.open) return;
    const header = Buffer.alloc(16);
    header.writeUInt32LE(m.type, 0);
    header.writeUInt32LE(m.reqId, 4);
    header.writeUInt32LE(m.txId, 8);
    header.writeUInt32LE(m.payload.length, 12);
    this.socket.write(Buffer.concat([header, Buffer.from(m.payload, "latin1")]));
  }

  /** Waits until the condition holds or the connection is gone. */
  async until(condition: () => boolean): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (this.open && !condition()) {
      if (Date.now() > end) throw new Error("no answer in ten seconds");
      await new Promise<void>((go) => {
        const timer = setTimeout(go, PATIENCE);
        this.waiting.push(() => {
          clearTimeout(timer);
          go();
        });
      });
    }
  }

  /** Stops to read: what the daemon sends stays in the socket, and then with the daemon. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): Promise<void> {
    this.socket.destroy();
    return this.until(() => !this.open);
  }

  private end(): void {
    this.open = false;
    this.wake();
  }

  private wake(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  private take(data: Buffer): void {
    this.rest = Buffer.concat([this.rest, data]);
    while (this.rest.length >= 16) {
      const length = this.rest.readUInt32LE(12);
      if (this.rest.length < 16 + length) break;
      this.messages.push({
        type: this.rest.readUInt32LE(0),
        reqId: this.rest.readUInt32LE(4),
        txId: this.rest.readUInt32LE(8),
        payload: this.rest.toString("latin1", 16, 16 + length),
      });
      this.rest = this.rest.subarray(16 + length);
    }
    this.wake();
  }
}

/** The Linux daemon in its test mode, and clients on its sockets: what World is on a fake host. */
export class SocketWorld {
  private readonly clients = new Map<string, Client>();
  private readonly transactions = new Map<string, number>();
  private reqId = 0;
  private lines = "";
  readonly directory = mkdtempSync(join(tmpdir(), "xenstored-"));
  private readonly daemon: ChildProcess;

  private constructor(options: WorldOptions) {
    const args = ["--no-fork", "--rundir", this.directory, "--simulate-domains", join(this.directory, "domains")];
    this.daemon = spawn(DAEMON, [...args, ...(options.args ?? [])], { stdio: ["ignore", "ignore", "pipe"] });
    this.daemon.stderr?.on("data", (data) => {
      this.lines += data;
    });
  }

  static async start(options: WorldOptions = {}): Promise<SocketWorld> {
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

  /** Ends the daemon; returns what it logged. */
  async stop(): Promise<string> {
    for (const client of this.clients.values()) await client.close();
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

  /** As World.request. */
  async request(who: string, request: string): Promise<{ reply: string; events: string[] }> {
    const [name, label] = who.split(".") as [string, string | undefined];
    const { type, payload } = parseRequest(request);
    const key = `${name}.${label}`;
    const opens = type === Op.TRANSACTION_START && !this.transactions.has(key);
    const txId = label === undefined || opens ? 0 : (this.transactions.get(key) ?? Number(label));
    const reqId = ++this.reqId;
    if (!this.client(name).open) await this.connect(name);
    const client = this.client(name);
    const isReply = (m: Message): boolean => m.type !== Op.WATCH_EVENT && m.reqId === reqId;
    client.write({ type, reqId, txId, payload });
    await client.until(() => client.messages.some(isReply));
    await this.barrier();

    let reply = "(none)";
    const events: string[] = [];
    for (const [of, other] of this.clients) {
      for (const m of other.messages) {
        if (m.type === Op.WATCH_EVENT) {
          if (m.reqId !== 0 || m.txId !== 0) throw new Error("an event has numbers");
          events.push(`${of} ${shown(m.payload)}`);
        } else if (other !== client || reply !== "(none)" || !isReply(m) || m.txId !== txId) {
          throw new Error("an unexpected reply");
        } else if (m.type === Op.ERROR) {
          if (!errorPayload.includes(m.payload)) throw new Error(`an unknown error ${m.payload}`);
          reply = `!${m.payload.slice(0, -1)}`;
        } else {
          if (m.type !== type) throw new Error("a reply of another type");
          reply = shown(m.payload);
        }
      }
      other.messages = [];
    }
    const good = !reply.startsWith("!");
    if (label !== undefined && good && type === Op.TRANSACTION_START)
      this.transactions.set(key, Number.parseInt(reply, 10));
    if (label !== undefined && type === Op.TRANSACTION_END && reply !== "!EINVAL") this.transactions.delete(key);
    return { reply, events };
  }

  client(name: string): Client {
    const client = this.clients.get(name);
    if (client === undefined) throw new Error(`nobody is called ${name}`);
    return client;
  }

  /** A number is the name of a domain's ring, but for 0, which is on the daemon's own socket as others are. */
  async connect(name: string): Promise<void> {
    if (this.clients.get(name)?.open) return;
    const domain = /^[1-9]/.test(name);
    const path = join(this.directory, domain ? `domains/${name}.sock` : "socket");
    this.clients.set(name, await Client.connect(path));
  }

  /** A message that no protocol allows: the daemon shuts the ring or the socket off. */
  private async breakOff(name: string): Promise<void> {
    const client = this.client(name);
    client.write({ type: Op.READ, reqId: 0, txId: 0, payload: "x".repeat(4097) });
    await client.until(() => false);
  }

  /** Everything that was caused until now has arrived. */
  private async barrier(): Promise<void> {
    const isEcho = (m: Message): boolean => m.reqId === BARRIER_ID;
    for (const client of this.clients.values()) {
      client.write({ type: BARRIER, reqId: BARRIER_ID, txId: 0, payload: "" });
      await client.until(() => client.messages.some(isEcho));
      client.messages = client.messages.filter((m) => !isEcho(m));
    }
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

  private async expectOk(who: string, request: string): Promise<void> {
    const { reply } = await this.request(who, request);
    if (reply !== "OK|") throw new Error(`${request}: ${reply}`);
  }
}
