import { EventEmitter } from "node:events";
import { parseOptions } from "../../src/options/parse.ts";
import { defaultOptions } from "../../src/options/settings.ts";
import { Quotas, quotaByName, quotaTable } from "../../src/quota/quotas.ts";
import { Op } from "../../src/wire/ops.ts";
import { Client, type Stream } from "./client.ts";
import type { Message } from "./link.ts";
import { WireWorld } from "./wire-world.ts";
import type { WorldOptions } from "./world.ts";

/** What Linux makes of an error of the store that its own WATCH met. */
const errnos = new Map([
  [2, "ENOENT"],
  [12, "ENOMEM"],
  [13, "EACCES"],
  [17, "EEXIST"],
  [22, "EINVAL"],
  [28, "ENOSPC"],
]);

/** What goes into one line to the relay: a terminal takes 4,096 characters, the window and this line. */
const LINE_BYTES = 900;
/** Characters on their way to the relay, at which no further line is sent. */
const WINDOW = 2000;

/** The lines of test/guest/relay.c, made streams again. */
export class Relay {
  private readonly streams = new Map<string, RelayStream>();
  private readonly waiting: string[] = [];
  /** Lengths of the lines that were sent and not taken yet. */
  private readonly sent: number[] = [];
  private length = 0;

  constructor(private readonly tell: (line: string) => void) {}

  /** The relay's terminal loses what it has no room for, so each line that was taken is told. */
  write(line: string): void {
    this.waiting.push(line);
    this.pump();
  }

  private pump(): void {
    while (this.waiting.length > 0 && (this.length === 0 || this.length < WINDOW)) {
      const line = this.waiting.shift() as string;
      this.sent.push(line.length);
      this.length += line.length;
      this.tell(line);
    }
  }

  open(name: string): RelayStream {
    const stream = new RelayStream(name, this);
    this.streams.set(name, stream);
    return stream;
  }

  close(name: string): void {
    this.streams.delete(name);
    this.write(`-${name}`);
  }

  /** A line that came; false: it is not for a stream. */
  take(line: string): boolean {
    if (line === ".") {
      this.length -= this.sent.shift() ?? 0;
      this.pump();
      return true;
    }
    const data = /^<(\S+) ([0-9a-f]*)$/.exec(line);
    if (data) this.streams.get(data[1] as string)?.emit("data", Buffer.from(data[2] as string, "hex"));
    const refused = /^=(\S+) ([0-9]+)$/.exec(line);
    if (refused) this.streams.get(refused[1] as string)?.refuse(errnos.get(Number(refused[2])) ?? "EINVAL");
    return data !== null || refused !== null;
  }
}

class RelayStream extends EventEmitter implements Stream {
  private last: Buffer = Buffer.alloc(0);

  constructor(
    private readonly name: string,
    private readonly relay: Relay,
  ) {
    super();
  }

  write(data: Buffer): void {
    this.last = data;
    for (let at = 0; at < data.length; at += LINE_BYTES)
      this.relay.write(`${this.name} ${data.toString("hex", at, Math.min(at + LINE_BYTES, data.length))}`);
  }

  /** Linux answered a WATCH itself, by failing the write: the reply that the store gave it. */
  refuse(error: string): void {
    const payload = Buffer.from(`${error}\0`);
    const header = Buffer.from(this.last.subarray(0, 16));
    header.writeUInt32LE(Op.ERROR, 0);
    header.writeUInt32LE(payload.length, 12);
    this.emit("data", Buffer.concat([header, payload]));
  }

  destroy(): void {
    this.relay.close(this.name);
    this.emit("close");
  }

  pause(): void {}
  resume(): void {}
}

/** A guest that relays: its domid, and where its ring is. */
export interface Guest {
  readonly domid: number;
  readonly port: number;
}

/** Verbs whose first arguments, that many, are domids. */
const domidArguments = new Map([
  ["INTRODUCE", 1],
  ["RELEASE", 1],
  ["RESUME", 1],
  ["IS_DOMAIN_INTRODUCED", 1],
  ["GET_DOMAIN_PATH", 1],
  ["SET_TARGET", 2],
  ["GET_FEATURE", 1],
  ["SET_FEATURE", 1],
]);
/** Rows' domids that no guest stands for must not exist here either. */
const FAR = 30_000;
/** Top directories of a real host, which stay. */
const KEPT = ["tool", "local"];

/** Dom0's ring through Linux, and the rings of real guests through their relays. */
export class GuestWorld extends WireWorld {
  private quotas: readonly number[] = [];
  private readonly watchers = new Set<string>();
  /** Requests of the list that is being played. */
  private sent: string[] = [];

  constructor(
    private readonly relay: Relay,
    private readonly guests: readonly Guest[],
  ) {
    super();
  }

  /** Brings the store, as far as rows see it, to what it is at a start. */
  async begin(options: WorldOptions): Promise<void> {
    for (const [name, client] of this.clients) if (!/^[1-9]/.test(name)) await client.close();
    this.clients.clear();
    this.watchers.clear();
    this.transactions.clear();
    await this.connect("0");
    const top = (await this.request("0", "DIRECTORY /|")).reply.split("|").slice(0, -1);
    const requests = top.filter((name) => !KEPT.includes(name)).map((name) => `RM /${name}|`);
    if (this.touched(/^SET_PERMS (@|\/\|)|^WRITE \/\|/))
      requests.push(
        "SET_PERMS @introduceDomain|n0|",
        "SET_PERMS @releaseDomain|n0|r32757|",
        "SET_PERMS /|n0|",
        "WRITE /|",
      );
    requests.push(...this.quotaChanges(options.args ?? []));
    this.sent = [];
    // A domain that a list has released before is not there to be released.
    for (const guest of this.guests) requests.push(`?RELEASE ${guest.domid}|`, `?RM /local/domain/${guest.domid}|`);
    for (const domid of options.domains ?? [1, 2]) {
      requests.push(
        `WRITE /local/domain/${domid}|`,
        `SET_PERMS /local/domain/${domid}|n0|r${domid}|`,
        `WRITE /local/domain/${domid}/data|`,
        `SET_PERMS /local/domain/${domid}/data|n${domid}|`,
        `INTRODUCE ${domid}|1|${domid}|`,
      );
      await this.connect(String(domid));
    }
    await this.all(requests);
    for (const client of this.clients.values()) client.messages = [];
  }

  async connect(name: string): Promise<void> {
    if (this.clients.get(name)?.open) return;
    this.clients.set(name, new Client(this.relay.open(name)));
  }

  async happen(what: string): Promise<void> {
    const [verb, who] = what.split(" ") as [string, string];
    if (verb === "name" || verb === "connect") await this.connect(who);
    else throw new Error(`what is ${what}`);
  }

  override async request(who: string, request: string): Promise<{ reply: string; events: string[] }> {
    this.sent.push(request);
    if (request.startsWith("WATCH ")) this.watchers.add(who.split(".")[0] as string);
    const got = await super.request(who, this.outward(request));
    return { reply: this.inward(got.reply, request), events: got.events.map((event) => this.inward(event, "")) };
  }

  /**
   * Only who watches gets events. Linux hands those of Dom0 to its clients in a thread of its own: a later event
   * shows that they are all there.
   */
  protected override async barrier(): Promise<void> {
    for (const name of this.watchers) {
      const client = this.client(name);
      if (/^[1-9]/.test(name)) {
        await this.barrierOf(client);
        continue;
      }
      const isMark = (m: Message): boolean => m.payload === "@barrier\0b\0";
      const ask = (type: number): void => client.write({ type, reqId: 0, txId: 0, payload: "@barrier\0b\0" });
      ask(Op.WATCH);
      await client.until(() => client.messages.some(isMark));
      ask(Op.UNWATCH);
      const isOk = (m: Message): boolean => m.type === Op.WATCH || m.type === Op.UNWATCH;
      await client.until(() => client.messages.filter((m) => isOk(m) && m.reqId === 0).length === 2);
      client.messages = client.messages.filter((m) => !isMark(m) && !(isOk(m) && m.reqId === 0));
    }
  }

  /** Dom0's requests; those with a question mark may fail. */
  private async all(requests: readonly string[]): Promise<void> {
    for (const request of requests) {
      const asked = request.startsWith("?") ? request.slice(1) : this.outward(request);
      const { reply } = await super.request("0", asked);
      if (asked !== request.slice(1) && reply !== "OK|") throw new Error(`${request}: ${reply}`);
    }
  }

  private touched(what: RegExp): boolean {
    return this.sent.some((request) => what.test(request));
  }

  /** Quotas of the command line, set at run time; those of the list before go back. */
  private quotaChanges(args: readonly string[]): string[] {
    const wanted = new Quotas();
    const trouble = parseOptions(args, defaultOptions(), wanted).wrong;
    if (trouble.length > 0) throw new Error(trouble.join());
    const before = this.quotas;
    this.quotas = quotaTable.map((_row, quota) => wanted.get(-1, quota));
    const changed = (_row: unknown, quota: number): boolean => before[quota] !== this.quotas[quota];
    return quotaTable.filter(changed).map(({ name }) => `SET_QUOTA ${name}|${this.quotas[quotaByName(name)]}|`);
  }

  private real(domid: string): string {
    const n = Number(domid);
    const guest = this.guests[n - 1];
    return String(guest !== undefined ? guest.domid : n >= 1 && n <= 8 ? FAR + n : n);
  }

  private row(domid: string): string {
    const n = Number(domid);
    const guest = this.guests.findIndex((g) => g.domid === n);
    return String(guest >= 0 ? guest + 1 : n > FAR && n <= FAR + 8 ? n - FAR : n);
  }

  /** What rows call domain 1 is another number here. */
  private outward(request: string): string {
    const space = request.indexOf(" ");
    if (space < 0) return request;
    const verb = request.slice(0, space);
    const args = request.slice(space + 1).split("|");
    const count = verb.endsWith("_QUOTA") && /^\d+$/.test(args[0] as string) ? 1 : (domidArguments.get(verb) ?? 0);
    for (let i = 0; i < count; i++) if (/^\d+$/.test(args[i] as string)) args[i] = this.real(args[i] as string);
    if (verb === "INTRODUCE" && args.length > 3) {
      const guest = this.guests.find((g) => String(g.domid) === args[0]);
      // 666 is the port that nobody can bind.
      if (guest !== undefined && Number(args[2]) > 0 && args[2] !== "666") args[2] = String(guest.port);
    }
    const renamed = args.map((arg, i) => {
      if (verb === "SET_PERMS" && i > 0) return arg.replace(/^([nrwb])(\d+)$/, (_, l, n) => l + this.real(n));
      return renumber(arg, (n) => this.real(n));
    });
    return `${verb} ${renamed.join("|")}`;
  }

  private inward(text: string, request: string): string {
    const back = renumber(text, (n) => this.row(n));
    if (!request.startsWith("GET_PERMS")) return back;
    return back.replace(/([nrwb])(\d+)\|/g, (_, l, n) => `${l}${this.row(n)}|`);
  }
}

function renumber(text: string, by: (domid: string) => string): string {
  return text
    .replace(/(\/(?:local|tool\/xenstored)\/domain\/)(\d+)(?=$|[/|])/g, (_, path, n) => path + by(n))
    .replace(/(@(?:introduce|release)Domain\/)(\d+)(?=$|\|)/g, (_, path, n) => path + by(n));
}
