import { type Host, LogSink } from "../host.ts";
import { Sink } from "./log.ts";
import { elided } from "./values.ts";

/** The switches of the trace: names of C xenstored, and what each does here. */
export const traceSwitches = [
  { name: "obj", standard: true, help: "connections, watches and transactions that come and go" },
  { name: "io", standard: true, help: "requests, replies and events" },
  { name: "wrl", standard: false, help: "guests whose conflicts cost them their credit" },
  { name: "acc", standard: false, help: "nothing: see control command quota" },
  { name: "tdb", standard: false, help: "nothing: see control command check" },
] as const;

type TracedKind = "connection" | "watch" | "transaction";

/** The trace, in C xenstored's format. Its lines are limited in rate (Sink.bounded). */
export class Trace {
  /** Whether messages are traced. A field, since each request tests it. */
  io = false;
  obj = false;
  wrl = false;
  /** Values are shown, not only their sizes. */
  values = false;
  readonly sink: Sink;
  /** Called after a switch changed. */
  changed: () => void = () => {};
  private enabled = false;
  private readonly set = new Map<string, boolean>(traceSwitches.map((row) => [row.name, row.standard]));

  constructor(private readonly host: Host) {
    this.sink = new Sink(host, LogSink.trace, "\n***\n");
  }

  /** Turns the trace on or off; the switches keep their state. */
  enable(on: boolean): void {
    this.enabled = on;
    this.derive();
  }

  get on(): boolean {
    return this.enabled;
  }

  /** Names of the switches that are set. */
  list(): string[] {
    return traceSwitches.filter(({ name }) => this.isSet(name)).map(({ name }) => name);
  }

  /** Sets exactly these switches, and turns the trace on or off. */
  restore(names: readonly string[], on: boolean): void {
    for (const { name } of traceSwitches) this.set.set(name, names.includes(name));
    this.enable(on);
  }

  isSet(name: string): boolean {
    return this.set.get(name) === true;
  }

  /** Sets a switch. False: there is no such switch. */
  turn(name: string, on: boolean): boolean {
    if (!this.set.has(name)) return false;
    this.set.set(name, on);
    this.derive();
    return true;
  }

  /** A message; `way`: IN or OUT; `type` and `name`: of the message itself. */
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

  /** The local time as `20260319 13:48:58`. */
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

/** Stands for the address that C xenstored prints: a number that distinguishes objects of a kind. */
function place(number: number): string {
  return `0x${(number + 1).toString(16)}`;
}
