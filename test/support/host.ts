import {
  type Bundle,
  Claim,
  type Config,
  type DomainInfo,
  DomainState,
  EventKind,
  HeaderField,
  type Host,
  type Insight,
  type Link,
  type LogFiles,
  LogSink,
  Origin,
  PATH_TYPES,
  type Program,
  Shed,
  type SlowRequest,
  type Traffic,
  type Update,
} from "../../src/host.ts";
import { start } from "../../src/main.ts";
import { errorPayload } from "../../src/wire/errno.ts";
import { Op, opNames } from "../../src/wire/ops.ts";
import { FakeJournal } from "./journal.ts";
import { FakePathIndex } from "./path-index.ts";

export interface Message {
  readonly type: number;
  readonly reqId: number;
  readonly txId: number;
  readonly payload: string;
}

export class FakeLink {
  readonly input: Message[] = [];
  output: Message[] = [];
  /** Messages it still takes; a guest that does not read has room for none. */
  room = Number.POSITIVE_INFINITY;
  features = 0;
  resets = 0;
  announced = 0;
  flowControlled = false;
  /** How often it has read; a test counts. */
  reads = 0;
  /** In the host's circle. */
  circling = false;
  /** Shut off: nothing comes out of it. */
  broken = false;
  requests = 0;
  replies = 0;
  events = 0;
  lastType = -1;
  lastAt = 0;
  constructor(
    readonly domid: number,
    public port: number,
  ) {}
}

/** The exchange of programs: files are strings, and every program file is good that says so. */
export class FakeUpdate implements Update {
  chunks: string[] = [];
  file_ = "";
  size = 0;
  /** Options of the exchange that was asked for; undefined: none was. */
  wanted: readonly string[] | null | undefined = undefined;
  readonly files = new Map<string, string>();

  begin(size: number): boolean {
    this.size = size;
    this.file_ = "";
    return size < 1 << 20;
  }

  data(bytes: string): boolean {
    this.file_ += bytes;
    return this.file_.length <= this.size;
  }

  file(path: string): string {
    const file = this.files.get(path);
    if (file === undefined) return "File not accessible.";
    this.file_ = file;
    this.size = file.length;
    return "";
  }

  check(): string {
    if (this.file_.length < this.size) return "Kernel not complete.";
    return this.file_.startsWith("program") ? "" : "not a program file";
  }

  abort(): void {
    this.file_ = "";
    this.size = 0;
  }

  go(options: readonly string[] | null): void {
    this.wanted = options;
  }

  save(chunk: string): void {
    this.chunks.push(chunk);
  }

  write(path: string): string {
    this.files.set(path, this.chunks.join(""));
    this.chunks = [];
    return path.startsWith("/") ? "" : "File not accessible.";
  }

  private held = "";

  keep(): number {
    this.held = this.chunks.join("");
    this.chunks = [];
    return this.held.length;
  }

  kept(offset: number, room: number): string {
    return this.held.slice(offset, offset + room);
  }

  discard(): void {
    this.chunks = [];
  }

  drop(): void {
    this.held = "";
    this.chunks = [];
  }

  restore(): string | null {
    return this.chunks.shift() ?? null;
  }
}

/** Counts as the program below does, as far as a link of arrays can. */
export class FakeInsight implements Insight {
  readonly slowOnes: SlowRequest[] = [];
  slowLimit = 10;
  /** Requests of all links. */
  served = 0;
  failures = 0;

  constructor(private readonly host: FakeHost) {}

  version(): string {
    return "test";
  }
  uptime(): number {
    return this.host.clock - 500;
  }
  traffic(link: Link): Traffic | null {
    const of = this.host.links[link];
    if (!of) return null;
    const { requests, replies, events, lastType, lastAt } = of;
    return {
      requests,
      replies,
      events,
      lastType,
      idle: lastType < 0 ? 0 : this.host.clock - lastAt,
      process: 0,
      partialIn: 0,
      partialOut: 0,
    };
  }
  metrics(): [string, number][] {
    return [
      ["engine-bytes", 1000],
      ["traffic-requests", this.served],
      ["traffic-found-late", 0],
      ["recoveries", 3],
      ["collector-runs", 2],
      ["collector-last-ms", 1.25],
    ];
  }
  slow(): { count: number; latest: SlowRequest[] } {
    return { count: this.slowOnes.length, latest: this.slowOnes.slice(-8) };
  }
  slowAfter(milliseconds: number): void {
    this.slowLimit = milliseconds;
  }
  packets(from: number, room: number): string {
    return `packets from ${from}`.slice(0, room);
  }
  savePackets(path: string): string {
    return path.startsWith("/") ? "" : "File not accessible.";
  }
  tellPackets(count: number): void {
    this.host.log(`the last ${count} packets`);
  }
  injectFaults(_every: number): void {}

  failed(): void {
    this.failures++;
  }
}

/** Files are lists of lines. */
export class FakeLogs implements LogFiles {
  readonly paths = ["", "", ""];
  readonly files = new Map<string, string[]>();
  /** The host has files. */
  there = true;

  constructor(private readonly host: FakeHost) {}

  open(sink: LogSink, path: string, _files: number, _lines: number, mark: string): string {
    if (path !== "" && !this.there) return "There are no files here.";
    if (path !== "" && !path.startsWith("/") && !path.startsWith("syslog:")) return "File not accessible.";
    this.paths[sink] = path;
    const file = this.files.get(path) ?? [];
    if (path !== "") this.files.set(path, file);
    if (mark !== "" && path !== "") file.push(mark);
    return "";
  }

  write(sink: LogSink, line: string): void {
    const path = this.paths[sink] as string;
    if (path === "") this.host.log(line);
    else this.files.get(path)?.push(line);
  }
}

/** A host without Xen: rings are arrays, domains are what the test says. */
export class FakeHost implements Host {
  readonly header = new Int32Array(10);
  readonly events = new Int32Array(512);
  readonly links: (FakeLink | null)[] = [];
  readonly states = new Map<number, DomainInfo>();
  readonly lines: string[] = [];
  private changes: DomainInfo[] = [];
  pending: [number, number][] = [];
  clock = 1000;
  /** Domains whose page cannot be mapped. */
  readonly unmappable = new Set<number>();
  /** Called in send(): a test can make it throw. */
  onSend: ((link: Link, type: number) => void) | null = null;
  tells = true;
  /** Xen's record of changed domains is gone: it says that something changed, and not what. */
  forgets = false;

  private readonly circle: Link[] = [];

  /** What was done since the last boundary: it counts as a whole, or not at all. */
  private unit: { readonly from: Link; readonly message: Message } | null = null;
  private sent: Link[] = [];
  /** Links whose next message made the program fail once. */
  private readonly suspects = new Set<Link>();

  boundary(): void {
    this.journal.commit();
    if (this.unit !== null) this.suspects.delete(this.unit.from);
    this.unit = null;
    this.sent = [];
    for (const link of this.leaving.splice(0)) this.links[link] = null;
  }

  /** Takes the unit back. Returns whether its message is to be refused. */
  takeBack(): boolean {
    this.journal.discard();
    this.leaving = [];
    for (const link of this.sent.splice(0)) {
      const to = this.links[link];
      to?.output.pop();
      if (to) to.room++;
    }
    const { unit } = this;
    this.unit = null;
    if (unit === null) return false;
    if (this.suspects.delete(unit.from)) return true;
    this.suspects.add(unit.from);
    this.links[unit.from]?.input.unshift(unit.message);
    return false;
  }

  next(): string | null | undefined {
    this.boundary();
    for (;;) {
      const link = this.circle.shift();
      if (link === undefined) return null;
      const to = this.links[link];
      if (!to) continue;
      to.circling = false;
      this.header[3] = link;
      if (to.flowControlled) return undefined;
      const payload = this.receive(link);
      if (payload === null) continue;
      this.wake(link);
      return payload;
    }
  }

  setFlowControl(link: Link, on: boolean): void {
    const to = this.links[link];
    if (to) to.flowControlled = on;
  }

  wake(link: Link): void {
    const to = this.links[link];
    if (!to || to.circling) return;
    to.circling = true;
    this.circle.push(link);
  }

  receive(link: Link): string | null {
    this.boundary();
    const from = this.links[link] ?? undefined;
    const message = from?.broken ? undefined : from?.input.shift();
    if (from === undefined || message === undefined) return null;
    from.requests++;
    this.insight.served++;
    from.lastType = message.type;
    from.lastAt = this.clock;
    this.header[0] = message.type;
    this.header[1] = message.reqId;
    this.header[2] = message.txId;
    this.served = link;
    this.unit = { from: link, message };
    const { payload } = message;
    if (message.type >= 32 || !((PATH_TYPES >> message.type) & 1)) return payload;
    const end = payload.indexOf("\0");
    const path = end < 0 ? payload : payload.slice(0, end);
    this.behind = end < 0 ? "" : payload.slice(end + 1);
    this.header[4] = end < 0 ? -1 : this.behind.length;
    this.header[5] = path[0] === "/" ? 0 : path === "" || path[0] === "@" ? 2 : 1;
    this.find(path, message.txId === 0 && (message.type === Op.WRITE || message.type === Op.MKDIR));
    return path;
  }

  private find(path: string, made: boolean): void {
    const { header } = this;
    header[6] = path[0] === "/" ? this.paths.find(path) : -1;
    header[7] = -1;
    if (!made || header[6] >= 0 || path[0] !== "/") return;
    const slash = path.lastIndexOf("/");
    header[7] = this.paths.find(path.slice(0, Math.max(slash, 1)));
    header[8] = slash + 1;
  }

  /** Whose message was handed over last; -1: its link is gone. */
  private served = -1;
  private behind = "";

  readonly rest = (): string => {
    return this.behind;
  };

  reply(payload: string): boolean {
    const { header, served } = this;
    return (
      served < 0 ||
      this.send(served, header[0] as number, (header[1] as number) >>> 0, (header[2] as number) >>> 0, payload)
    );
  }

  send(link: Link, type: number, reqId: number, txId: number, payload: string): boolean {
    this.onSend?.(link, type);
    const to = this.links[link];
    if (!to) throw new Error(`send to link ${link}, which is closed`);
    if (payload.length > 4096) throw new Error("a message is too long");
    if (to.room <= 0) return false;
    to.room--;
    if (type === Op.WATCH_EVENT) to.events++;
    else to.replies++;
    to.output.push({ type, reqId, txId, payload });
    this.sent.push(link);
    return true;
  }

  event(link: Link, path: string, suffix: string): boolean {
    return path.length + suffix.length <= 4096 && this.send(link, Op.WATCH_EVENT, 0, 0, path + suffix);
  }

  open(domid: number, port: number): Link {
    if (this.unmappable.has(domid)) return -1;
    return this.add(new FakeLink(domid, port));
  }

  add(link: FakeLink): Link {
    const gap = this.links.indexOf(null);
    const number = gap >= 0 ? gap : this.links.length;
    this.links[number] = link;
    return number;
  }

  rebind(link: Link, port: number): boolean {
    const to = this.links[link];
    if (!to || port === 666) return false;
    to.port = port;
    return true;
  }

  setFeatures(link: Link, mask: number): void {
    (this.links[link] as FakeLink).features = mask;
  }

  reset(link: Link): void {
    const to = this.links[link] as FakeLink;
    to.resets++;
    to.broken = false;
    to.input.length = 0;
    to.output.length = 0;
  }

  announce(link: Link): void {
    (this.links[link] as FakeLink).announced++;
    this.wake(link);
  }

  shut(link: Link, _reason: number): void {
    const to = this.links[link] as FakeLink;
    to.input.length = 0;
    to.broken = true;
  }

  /** Links that go when what was done counts. */
  private leaving: Link[] = [];

  close(link: Link): void {
    if (link === this.served) this.served = -1;
    this.leaving.push(link);
  }

  domain(domid: number): DomainInfo {
    return this.states.get(domid) ?? { domid, state: 0, uniqueId: "" };
  }

  changedDomains(): DomainInfo[] | null {
    if (!this.tells) return null;
    const changes = this.changes;
    this.changes = [];
    return this.forgets ? [] : changes;
  }

  claim(link: Link, domid: number): Claim {
    const to = this.links[link];
    if (!to || to.domid !== domid) return Claim.gone;
    return to.broken ? Claim.broken : Claim.open;
  }

  now(): number {
    return this.clock;
  }

  journal = new FakeJournal(this.header);
  paths = new FakePathIndex();

  /** What a live update does to this host. */
  readonly update = new FakeUpdate();
  readonly insight = new FakeInsight(this);
  readonly logs = new FakeLogs(this);

  wallClock(): number {
    return 1_700_000_000;
  }

  log(line: string): void {
    const file = this.logs.paths[LogSink.log] as string;
    if (file === "") this.lines.push(line);
    else this.logs.files.get(file)?.push(line);
  }

  /** What memoryEnded() says. */
  full = false;

  /** What memoryScarce() says as long as it is asked: how often yes. */
  scarce = 0;
  /** What memoryLimit() says. */
  limit = 0;

  memoryScarce(): boolean {
    return this.scarce > 0 && this.scarce-- > 0;
  }

  /** What memoryCritical() says as long as it is asked: how often yes. */
  critical = 0;

  memoryCritical(): boolean {
    return this.critical > 0 && this.critical-- > 0;
  }

  memoryLimit(): number {
    return this.limit;
  }

  readonly greedy = new Set<Link>();

  modest(link: Link, on: boolean): void {
    if (on) this.greedy.delete(link);
    else this.greedy.add(link);
  }

  held(): number {
    return 0;
  }

  waiting(): number {
    return 0;
  }

  reads(link: Link): number {
    return this.links[link]?.reads ?? 0;
  }

  memoryEnded(): boolean {
    return this.full;
  }

  /** Sets the state of a domain; the daemon hears of it in the next turn. */
  setState(domid: number, state: number, uniqueId: string): void {
    const info = { domid, state, uniqueId };
    if (state === 0) this.states.delete(domid);
    else this.states.set(domid, info);
    this.changes.push(info);
    this.pending.push([EventKind.domains, 0]);
  }
}

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
        host.log(`failed: ${(thrown as Error).stack}`);
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

export function parseRequest(request: string): { type: number; payload: string } {
  const space = request.indexOf(" ");
  const word = space < 0 ? request : request.slice(0, space);
  const type = /^[0-9]+$/.test(word) ? Number(word) : opNames.indexOf(word);
  if (type < 0) throw new Error(`no such request: ${word}`);
  const payload = space < 0 ? "" : request.slice(space + 1);
  return { type, payload: payload.replaceAll("|", "\0") };
}

export function shown(payload: string): string {
  return payload.replaceAll("\0", "|");
}
