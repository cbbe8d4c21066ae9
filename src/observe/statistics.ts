import type { Host } from "../host.ts";

/** Milliseconds between two reports. */
const EVERY = 120_000;

/** The connections of one kind, with the number of their requests and watches. */
export interface Crowd {
  readonly connections: number;
  readonly requests: number;
  readonly watches: number;
}

/** Values that are read when a report is due. */
export interface Looks {
  nodes(): number;
  rings(): Crowd;
  sockets(): Crowd;
}

/** The statistics that oxenstored writes to its log every two minutes, in its format as far as it applies here. */
export class Statistics {
  /** When the last report was written or the reports were turned on, as Host.now; -1: they are off. */
  last = -1;
  private aborted = 0;
  private merged = 0;
  private failed = 0;
  private unexplained = 0;
  private readonly caused = new Map<number, number>();

  constructor(
    private readonly host: Host,
    private readonly write: (line: string) => void,
    private readonly looks: Looks,
  ) {}

  /** Turns the reports on or off. */
  set on(on: boolean) {
    if (!on) this.last = -1;
    else if (this.last < 0) this.last = this.host.now();
  }

  /** Counts a failed transaction; `by`: the domid that caused it, -1: unknown. */
  conflict(by: number): void {
    this.aborted++;
    this.failed++;
    if (by < 0) this.unexplained++;
    else this.caused.set(by, (this.caused.get(by) ?? 0) + 1);
  }

  /** Counts a transaction that succeeded although others committed since its start. */
  coalesced(): void {
    this.merged++;
  }

  /** Writes a report if it is due. Returns `wait`, or less if the next report is due before; both as Program.turn. */
  look(wait: number): number {
    const left = this.last + EVERY - this.host.now();
    if (left > 0) return wait < 0 || left < wait ? Math.ceil(left) : wait;
    this.tell();
    return wait < 0 ? EVERY : Math.min(wait, EVERY);
  }

  private tell(): void {
    const now = this.host.now();
    const seconds = Math.round((now - this.last) / 1000);
    this.last = now;
    this.write(`Transaction conflict statistics for last ${seconds} seconds:`);
    for (const [domid, count] of this.caused) this.write(`Dom${domid} caused ${count} conflicts`);
    this.write(`${this.failed} failed transactions; of these no culprit was found for ${this.unexplained}`);
    this.failed = this.unexplained = 0;
    this.caused.clear();
    this.write(`store stat: nodes(${this.looks.nodes()}) t-abort(${this.aborted}) t-coalesce(${this.merged})`);
    const crowd = ({ connections, requests, watches }: Crowd): string => `${connections}, ${requests} o, ${watches} w`;
    this.write(`  con stat: anonymous(${crowd(this.looks.sockets())}) domains(${crowd(this.looks.rings())})`);
    const memory = this.host.insight.metrics().filter(([name]) => name.endsWith("-bytes"));
    this.write(`  mem stat: ${memory.map(([name, value]) => `${name.slice(0, -6)}(${value})`).join(" ")}`);
  }
}
