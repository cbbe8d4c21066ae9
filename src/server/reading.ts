import type { Host } from "../host.ts";
import { EVENT_TIMEOUT, RESTING_LIMIT, RESTING_MOST, RESTING_SLOW } from "../limits.ts";
import type { Connection } from "./connection.ts";

/** Milliseconds after which a client that takes nothing counts as one that does not read. */
export const STUCK = 1000;

/** Whether a client has taken bytes within so many milliseconds. The first call begins to look. */
export function isReading(host: Host, c: Connection, patience = STUCK): boolean {
  const reads = host.reads(c.link);
  const now = host.now();
  if (reads === c.reads && c.stuckSince > 0) return now - c.stuckSince < patience;
  c.reads = reads;
  c.stuckSince = now;
  return true;
}

/**
 * Whether so much waits, in bytes or in changes, that a privileged client which rests gives up its events: less where it does
 * not read.
 * Dom0's kernel, which reads whenever it runs, is given time.
 */
export function isTooMuch(host: Host, c: Connection, bytes: number): boolean {
  const room = host.memoryLimit() || RESTING_LIMIT;
  if (bytes < room / 16 && c.resting < RESTING_MOST) return false;
  if (c.resting >= RESTING_SLOW || !isReading(host, c, c.ring ? EVENT_TIMEOUT : STUCK)) return true;
  return !c.ring && bytes > room / 4;
}
