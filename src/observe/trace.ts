import type { Log } from "./log.ts";

/** What can be traced, as C xenstored names it, and what each says here. */
export const traceSwitches = [
  { name: "obj", standard: true, help: "connections and transactions that come and go" },
  { name: "io", standard: true, help: "requests and replies" },
  { name: "wrl", standard: false, help: "guests whose conflicts cost them their credit" },
  { name: "acc", standard: false, help: "nothing: see control command quota" },
  { name: "tdb", standard: false, help: "nothing: see control command check" },
] as const;

/** Payload characters that a line shows. */
const SHOWN = 128;

/** Lines about what goes on, while somebody wants them. */
export class Trace {
  /** Asked for on each request: a field, not a lookup. */
  io = false;
  obj = false;
  wrl = false;
  private enabled = false;
  private readonly set = new Map<string, boolean>(traceSwitches.map((row) => [row.name, row.standard]));

  constructor(private readonly log: Log) {}

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

  message(direction: string, domid: number, txId: number, name: string, payload: string): void {
    const text = payload
      .slice(0, SHOWN)
      .replaceAll("\0", "|")
      .replace(/[^ -~]/g, ".");
    const more = payload.length > SHOWN ? "..." : "";
    this.log.line(`io: ${direction} domain ${domid}${txId === 0 ? "" : `.${txId}`} ${name} ${text}${more}`);
  }

  object(text: string): void {
    this.log.line(`obj: ${text}`);
  }

  /** domid -1: of a privileged client. */
  transaction(id: number, domid: number, what: string): void {
    this.object(`transaction ${id} of ${domid < 0 ? "a privileged client" : `domain ${domid}`} ${what}`);
  }

  private derive(): void {
    this.wrl = this.enabled && this.isSet("wrl");
    this.io = this.enabled && this.isSet("io");
    this.obj = this.enabled && this.isSet("obj");
  }
}
