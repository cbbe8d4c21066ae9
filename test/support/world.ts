import {
  type Bundle,
  type Config,
  DomainState,
  EventKind,
  HeaderField,
  type Link,
  Origin,
  type Program,
  Shed,
} from "../../src/host.ts";
import { start } from "../../src/main.ts";
import { errorPayload } from "../../src/wire/errno.ts";
import { Op } from "../../src/wire/ops.ts";
import { FakeHost } from "./host.ts";
import { FakeJournal } from "./journal.ts";
import { FakeLink } from "./link.ts";
import { FakePathIndex } from "./path-index.ts";
import { parseRequest, shown } from "./request.ts";

export interface WorldOptions {
  /** The daemon; without it the one in src/, as a module beside the tests. */
  readonly start?: Bundle["start"];
  /** Bytes of memory that there are; 0: any number. */
  readonly memory?: number;
  readonly args?: readonly string[];
  /** The host has files. */
  readonly files?: boolean;
  /** Options of a file. */
  readonly fileArgs?: readonly string[];
  readonly domains?: readonly number[];
  readonly own?: number;
  /** Dom0's tools have not run yet. */
  readonly first?: boolean;
  /** After each request another program takes over. */
  readonly exchanging?: boolean;
  /** After each request, but while a transaction is open, the program fails. */
  readonly failing?: boolean;
  /** What the rows show does not outlive a failure: they are not played with one. */
  readonly steady?: boolean;
}

/** A daemon on a fake host with a dom0 ring, and the clients that talk to it. */
export class World {
  readonly host = new FakeHost();
  program: Program;
  private readonly config: Config;
  private readonly begin: Bundle["start"];
  private readonly exchanging: boolean;
  private readonly failing: boolean;
  private readonly byName = new Map<string, Link>();
  private readonly transactions = new Map<string, number>();
  private reqId = 0;
  private instance = 0;
  /** What the last turn() returned. */
  wait = -1;
  /** How often the program failed. */
  failures = 0;

  constructor(options: WorldOptions = {}) {
    const own = options.own ?? 9;
    const { host } = this;
    host.logs.there = options.files ?? true;
    host.setState(0, DomainState.exist, "zero");
    host.setState(own, DomainState.exist, "own");
    host.pending = [];
    host.limit = options.memory ?? 0;
    const begin = options.start ?? start;
    this.begin = (host, config) => {
      host.header[HeaderField.deferredWork] = 1;
      return begin(host, config);
    };
    this.exchanging = options.exchanging ?? false;
    this.failing = options.failing ?? false;
    const config: Config = {
      origin: Origin.none,
      refused: false,
      shed: Shed.nothing,
      ownDomid: own,
      privDomid: 0,
      privPort: 5,
      ownPort: own === 0 ? -1 : 6,
      args: options.args ?? [],
      fileArgs: options.fileArgs ?? [],
      filePlaces: options.fileArgs?.map((_, i) => `/file:${i + 1}`) ?? [],
      treeFile: "/tree",
      first: options.first ?? false,
      testing: false,
      strict: false,
    };
    this.config = config;
    const program = this.begin(host, config);
    if (typeof program === "string") throw new Error(program);
    this.program = program;
    this.byName.set("0", 0);
    this.settle();
    for (const domid of options.domains ?? [1, 2]) {
      this.exist(domid);
      this.expectOk("0", `WRITE /local/domain/${domid}|`);
      this.expectOk("0", `SET_PERMS /local/domain/${domid}|n0|r${domid}|`);
      this.expectOk("0", `WRITE /local/domain/${domid}/data|`);
      this.expectOk("0", `SET_PERMS /local/domain/${domid}/data|n${domid}|`);
      this.expectOk("0", `INTRODUCE ${domid}|1|${domid}|`);
      this.name(domid);
    }
    this.clear();
  }

  exist(domid: number): void {
    this.host.setState(domid, DomainState.exist, `instance ${++this.instance}`);
    this.settle();
  }

  kill(domid: number): void {
    this.host.setState(domid, 0, "");
    this.settle();
  }

  shutdown(domid: number): void {
    this.host.setState(domid, DomainState.exist | DomainState.shutdown, this.host.domain(domid).uniqueId);
    this.settle();
  }

  /** The name of a domain's ring is its domid. */
  name(domid: number): void {
    const link = this.host.links.findLastIndex((l) => l !== null && l.domid === domid);
    if (link >= 0) this.byName.set(String(domid), link);
  }

  /** A client on the socket. */
  connect(name: string): void {
    const link = this.host.add(new FakeLink(-1, -1));
    this.byName.set(name, link);
    this.host.pending.push([EventKind.connected, link]);
    this.settle();
  }

  link(name: string): Link {
    const link = this.byName.get(name);
    if (link === undefined) throw new Error(`nobody is called ${name}`);
    return link;
  }

  fake(name: string): FakeLink {
    return this.host.links[this.link(name)] as FakeLink;
  }

  event(kind: number, name: string): void {
    if (kind === EventKind.broken) this.fake(name).broken = true;
    this.host.pending.push([kind, this.link(name)]);
    this.settle();
  }

  /** Turns until the daemon wants to be called on an event only. */
  settle(): void {
    const { host } = this;
    do {
      const events = host.pending.splice(0, 256);
      for (const [i, [kind, value]] of events.entries()) {
        host.events[2 * i] = kind;
        host.events[2 * i + 1] = value;
      }
      try {
        this.wait = this.drive(events.length);
      } catch (thrown) {
        host.log(`failed: ${thrown}\n${(thrown as Error).stack}`);
        this.failures++;
        host.insight.failed();
        const refused = host.takeBack();
        this.start(refused);
        this.wait = 0;
      }
      host.boundary();
      const { wanted } = host.update;
      if (wanted !== undefined) {
        host.update.wanted = undefined;
        this.exchange(wanted);
        this.wait = 0;
      }
    } while (this.wait === 0 || host.pending.length > 0);
  }

  /** As the program below: no turn, where there are messages alone. */
  private drive(events: number): number {
    const { host, program } = this;
    if (events > 0 || host.header[HeaderField.deferredWork] !== 0) return program.turn(events);
    while (host.header[HeaderField.deferredWork] === 0) {
      const payload = host.next();
      if (payload === null) return -1;
      if (payload === undefined) {
        host.wake(host.header[HeaderField.link] as number);
        break;
      }
      const reply = program.serve(payload);
      if (reply !== null && !host.reply(reply)) program.unsent(reply);
    }
    host.header[HeaderField.deferredWork] = 1;
    return 0;
  }

  /** A live update, as the program below does it. Returns why it failed, or "". */
  exchange(options?: readonly string[] | null): string {
    const { host } = this;
    host.update.chunks = [];
    this.program.deliver();
    host.boundary();
    this.program.save();
    host.boundary();
    const { journal, paths } = host;
    host.journal = new FakeJournal(host.header);
    host.paths = new FakePathIndex();
    const next = this.begin(host, {
      ...this.config,
      origin: Origin.predecessor,
      args: options ?? this.config.args,
    });
    if (typeof next === "string") {
      host.journal = journal;
      host.paths = paths;
      this.program.refused(next);
      return next;
    }
    host.journal.commit();
    this.program = next;
    return "";
  }

  /** The program failed: it starts anew on its journal. */
  recover(shed = Shed.nothing): void {
    this.host.takeBack();
    this.start(false, shed);
    this.settle();
  }

  private start(refused: boolean, shed = Shed.nothing): void {
    const { host } = this;
    for (const link of host.links) if (link) link.flowControlled = false;
    const next = this.begin(host, { ...this.config, origin: Origin.journal, refused, shed });
    if (typeof next === "string") throw new Error(next);
    this.program = next;
  }

  clear(): void {
    for (const link of this.host.links) if (link) link.output = [];
  }

  /** Puts a request into a ring without a turn. */
  put(who: string, request: string): void {
    const [name, label] = who.split(".") as [string, string | undefined];
    const { type, payload } = parseRequest(request);
    const key = `${name}.${label}`;
    const opens = type === Op.TRANSACTION_START && !this.transactions.has(key);
    const txId = label === undefined || opens ? 0 : (this.transactions.get(key) ?? Number(label));
    this.fake(name).input.push({ type, reqId: ++this.reqId, txId, payload });
    this.host.wake(this.link(name));
  }

  /**
   * Sends a request and waits. `who` is a client, or `client.label` for its
   * transaction of that label, which a TRANSACTION_START gives a number.
   * Returns the reply and the events of all clients.
   */
  request(who: string, request: string): { reply: string; events: string[] } {
    const [name, label] = who.split(".") as [string, string | undefined];
    const { type } = parseRequest(request);
    this.put(who, request);
    this.settle();
    if (this.exchanging) {
      const why = this.exchange();
      if (why !== "") throw new Error(why);
      this.settle();
    }
    if (this.failing && this.transactions.size === 0 && type !== Op.TRANSACTION_START) this.recover();
    let reply = "(none)";
    const events: string[] = [];
    for (const [client, link] of this.byName) {
      const fake = this.host.links[link];
      if (!fake) continue;
      for (const m of fake.output) {
        if (m.type === Op.WATCH_EVENT) {
          if (m.reqId !== 0 || m.txId !== 0) throw new Error("an event has numbers");
          events.push(`${client} ${shown(m.payload)}`);
        } else {
          if (client !== name || reply !== "(none)" || m.reqId !== this.reqId) throw new Error("an unexpected reply");
          if (m.type === Op.ERROR) {
            if (!errorPayload.includes(m.payload)) throw new Error(`an unknown error ${m.payload}`);
            reply = `!${m.payload.slice(0, -1)}`;
          } else {
            if (m.type !== type) throw new Error("a reply of another type");
            reply = shown(m.payload);
          }
        }
      }
      fake.output = [];
    }
    if (label !== undefined && !reply.startsWith("!")) {
      const key = `${name}.${label}`;
      if (type === Op.TRANSACTION_START) this.transactions.set(key, Number.parseInt(reply, 10));
      if (type === Op.TRANSACTION_END) this.transactions.delete(key);
    } else if (label !== undefined && type === Op.TRANSACTION_END && reply !== "!EINVAL") {
      this.transactions.delete(`${name}.${label}`);
    }
    return { reply, events };
  }

  expectOk(who: string, request: string): void {
    const { reply } = this.request(who, request);
    if (reply !== "OK|") throw new Error(`${request}: ${reply}`);
  }

  /** Everything in the store as dom0 reads it: `path = value {perms}`. */
  dump(): string[] {
    const lines: string[] = [];
    const walk = (path: string): void => {
      const value = this.request("0", `READ ${path}|`).reply;
      const perms = this.request("0", `GET_PERMS ${path}|`).reply;
      lines.push(`${path} = ${value} {${perms}}`);
      const names = this.request("0", `DIRECTORY ${path}|`).reply.split("|");
      names.pop();
      // The status tree changes as it is read.
      for (const name of path === "/tool/xenstored" ? [] : names) walk(path === "/" ? `/${name}` : `${path}/${name}`);
    };
    walk("/");
    return lines;
  }
}
