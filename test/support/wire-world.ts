import { errorPayload } from "../../src/wire/errno.ts";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "./client.ts";
import type { Message } from "./link.ts";
import { parseRequest, shown } from "./request.ts";

/** A type that no server knows: its answer shows that what was sent before has been served. */
const BARRIER = 27;
const BARRIER_ID = 0xffff_ffff;

/** Clients of a real daemon, and the rows' view of them: what World is on a fake host. */
export abstract class WireWorld {
  protected readonly clients = new Map<string, Client>();
  protected readonly transactions = new Map<string, number>();
  protected reqId = 0;

  /** What `host` rows make happen. */
  abstract happen(what: string): Promise<void>;
  /** Opens the connection of that name, if it is not open. */
  abstract connect(name: string): Promise<void>;

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

  /** A request with a payload as it is; its reply, or the error's name. Events stay where they are. */
  async raw(name: string, type: number, payload: string): Promise<string> {
    const reqId = ++this.reqId;
    const client = this.client(name);
    client.write({ type, reqId, txId: 0, payload });
    const isReply = (m: Message): boolean => m.type !== Op.WATCH_EVENT && m.reqId === reqId;
    await client.until(() => client.messages.some(isReply));
    const reply = client.messages.find(isReply) as Message;
    client.messages = client.messages.filter((m) => m !== reply);
    return reply.payload;
  }

  /** As World.dump. */
  async dump(): Promise<string[]> {
    const lines: string[] = [];
    const walk = async (path: string): Promise<void> => {
      const value = (await this.request("0", `READ ${path}|`)).reply;
      const perms = (await this.request("0", `GET_PERMS ${path}|`)).reply;
      lines.push(`${path} = ${value} {${perms}}`);
      const names = (await this.request("0", `DIRECTORY ${path}|`)).reply.split("|").slice(0, -1);
      // The status tree changes as it is read.
      for (const name of path === "/tool/xenstored" ? [] : names)
        await walk(path === "/" ? `/${name}` : `${path}/${name}`);
    };
    await walk("/");
    return lines;
  }

  client(name: string): Client {
    const client = this.clients.get(name);
    if (client === undefined) throw new Error(`nobody is called ${name}`);
    return client;
  }

  /** Everything that was caused until now has arrived. */
  protected async barrier(): Promise<void> {
    for (const client of this.clients.values()) await this.barrierOf(client);
  }

  /** All that was sent to a client before its answer has arrived. */
  protected async barrierOf(client: Client): Promise<void> {
    const isEcho = (m: Message): boolean => m.reqId === BARRIER_ID;
    client.write({ type: BARRIER, reqId: BARRIER_ID, txId: 0, payload: "" });
    await client.until(() => client.messages.some(isEcho));
    client.messages = client.messages.filter((m) => !isEcho(m));
  }

  protected async expectOk(who: string, request: string): Promise<void> {
    const { reply } = await this.request(who, request);
    if (reply !== "OK|") throw new Error(`${request}: ${reply}`);
  }
}
