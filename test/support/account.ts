import * as assert from "uvu/assert";
import { quotaTable } from "../../src/quota/quotas.ts";
import { Op } from "../../src/wire/ops.ts";
import type { Client } from "./client.ts";
import { ask, type Request } from "./pipeline.ts";
import type { SocketWorld } from "./socket-world.ts";

// What a guest is charged, beside what the daemon takes.

/** How far the account may be from the heap, in its parts. */
export const TOLERANCE = 0.15;
let seed = 1;
/** Text of which no part is like another. */
export function noise(length: number): string {
  let text = "";
  while (text.length < length) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    text += String.fromCharCode(33 + ((seed >>> 12) % 94));
  }
  return text;
}

/** As `ask`; an error that is not `allowed` ends the test. */
export async function good(client: Client, requests: readonly Request[], allowed = ""): Promise<void> {
  for (const error of (await ask(client, requests)).keys()) if (error !== allowed) throw new Error(error);
}

/** Bytes that the daemon has in use, and those that it charges these domains. */
export async function look(
  w: SocketWorld,
  domids: readonly number[] = [1],
): Promise<{ heap: number; account: number }> {
  let account = 0;
  for (const domid of domids) {
    const text = await w.raw("0", Op.READ, `/tool/xenstored/domain/${domid}/memory\0`);
    account += Number(text.split(" ")[0]);
  }
  return { heap: heapOf(await w.raw("0", Op.CONTROL, "memreport\0")), account };
}

/** A figure of `memreport`. */
export function figureOf(report: string, name: string): number {
  return Number(new RegExp(`^${name}: (\\d+)`, "m").exec(report)?.[1]);
}

export async function figure(w: SocketWorld, name: string): Promise<number> {
  return figureOf(await w.raw("0", Op.CONTROL, "memreport\0"), name);
}

export function heapOf(report: string): number {
  return ["engine-bytes", "journal-bytes", "link-bytes"].reduce((sum, part) => sum + figureOf(report, part), 0);
}

/** What is kept besides what is charged to somebody: a part of the journal's segments has no owner. */
export const NOBODYS = 48 * 1024;

/** `idle`: bytes of the heap that may be nobody's at that moment. */
export function compare(
  what: string,
  before: { heap: number; account: number },
  after: { heap: number; account: number },
  least: number,
  idle = 0,
): void {
  const heap = after.heap - before.heap;
  const account = after.account - before.account;
  const seen = `${what}: ${account} bytes are charged for ${heap} bytes, ${((account / heap) * 100).toFixed(1)} %`;
  assert.ok(heap > least, seen);
  assert.ok(account <= (1 + TOLERANCE) * heap, seen);
  assert.ok(account >= (1 - TOLERANCE) * (heap - idle), seen);
  console.log(`  ${seen}`);
}

/** A guest that no quota limits. */
export async function unlimited(w: SocketWorld, domid: number): Promise<void> {
  for (const { name } of quotaTable)
    if (name !== "path-max") await w.raw("0", Op.SET_QUOTA, `${domid}\0${name}\x000\0`);
}
