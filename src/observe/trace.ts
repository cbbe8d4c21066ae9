import { type Host, LogSink } from "../host.ts";
import { Sink } from "./log.ts";
import { elided } from "./values.ts";

/** What can be traced, as C xenstored names it, and what each says here. */
export const traceSwitches = [
  { name: "obj", standard: true, help: "connections, watches and transactions that come and go" },
  { name: "io", standard: true, help: "requests, replies and events" },
  { name: "wrl", standard: false, help: "guests whose conflicts cost them their credit" },
  { name: "acc", standard: false, help: "nothing: see control command quota" },
  { name: "tdb", standard: false, help: "nothing: see control command check" },
] as const;

type TracedKind = "connection" | "watch" | "transaction";

/** Lines about what goes on, while somebody wants them: C xenstored's, in their format. */
export class Trace {
  /** Asked for on each request: a field, not a lookup. */
  io = false;
  obj = false;
  wrl = false;
  /** Values are told, too. */
  values = false;
  readonly sink: Sink;
  /** io was switched: whoever hands messages over must know. */
  changed: () => void = () => {};
  private enabled = false;
  private readonly set = new Map<string, boolean>(traceSwitches.map((row) => [row.name, row.standard]));

  constructor(private readonly host: Host) {
    this.sink = new Sink(host, LogSink.trace, "\n***\n");
  }

  enable(on: boolean): void {
    this.enabled = on;
    this.derive();
  }

  get on(): boolean {
    return this.enabled;
  }

  /** The switches that are set. */
  list(): string[] {
    return traceSwitches.filter(({ name }) => this.isSet(name)).map(({ name }) => name);
  }

  restore(names: readonly string[], on: boolean): void {
    for (const { name } of traceSwitches) this.set.set(name, names.includes(name));
    this.enable(on);
  }

  isSet(name: string): boolean {
    return this.set.get(name) === true;
  }

  /** False: there is no such switch. */
  turn(name: string, on: boolean): boolean {
    if (!this.set.has(name)) return false;
    this.set.set(name, on);
    this.derive();
    return true;
  }

  /** `way`: IN, OUT. `type`: the request's, or of what goes out. */
  message(way: string, link: number, domid: number, type: number, name: string, payload: string): void {
    const shown = elided(type, way === "IN", payload, this.values);
    this.sink.bounded(`io: ${way} ${place(link)} (d${domid}) ${this.time()} ${name} (${shown})`);
  }

  created(kind: TracedKind, number: number): void {
    this.sink.bounded(`obj: CREATE ${kind} ${place(number)}`);
  }

  destroyed(kind: TracedKind, number: number): void {
    this.sink.bounded(`obj: DESTROY ${kind} ${place(number)}`);
  }

  credit(domid: number, credits: number): void {
    this.sink.bounded(`wrl: dom ${String(domid).padStart(4)} ${credits.toFixed(2).padStart(6)} credits`);
  }

  /** `20260319 13:48:58` where we are. */
  private time(): string {
    const t = new Date(this.host.wallClock() * 1000);
    const two = (n: number): string => String(n).padStart(2, "0");
    const day = `${t.getFullYear()}${two(t.getMonth() + 1)}${two(t.getDate())}`;
    return `${day} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
  }

  private derive(): void {
    this.wrl = this.enabled && this.isSet("wrl");
    this.io = this.enabled && this.isSet("io");
    this.obj = this.enabled && this.isSet("obj");
    this.changed();
  }
}

/** Where C tells an address: a number that tells one from another as well. */
function place(number: number): string {
  return `0x${(number + 1).toString(16)}`;
}
