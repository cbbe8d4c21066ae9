import {
  Claim,
  type DomainInfo,
  EventKind,
  type Handover,
  type Host,
  type Link,
  LogSink,
  PATH_TYPES,
} from "../../src/host.ts";
import { Op } from "../../src/wire/ops.ts";
import { FakeInsight } from "./insight.ts";
import { FakeJournal } from "./journal.ts";
import { FakeLink, type Message } from "./link.ts";
import { FakeLogs } from "./logs.ts";
import { FakePathIndex } from "./path-index.ts";
import { FakeUpdate } from "./update.ts";

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
    this.publish();
    if (this.unit !== null) this.suspects.delete(this.unit.from);
    this.unit = null;
  }

  publish(): void {
    this.journal.commit();
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

  /** Another xenstored's links are those of sockets: nobody hands them over here. */
  readonly handover: Handover = {
    adopt: () => -1,
    show: () => null,
    descriptors: () => ({ listener: -1, device: -1 }),
  };

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

  keepReserve(): void {}

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
