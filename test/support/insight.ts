import type { Insight, Link, SlowRequest, Traffic } from "../../src/host.ts";
import type { FakeHost } from "./host.ts";

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
      ["outage-programs", 2],
      ["outage-wholes", 1],
      ["outage-takeovers", 0],
    ];
  }
  outage(): { kind: string; reason: string; milliseconds: number } {
    return { kind: "whole", reason: "live update", milliseconds: 31.5 };
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
