import { Op } from "../../src/wire/ops.ts";
import type { Client } from "./client.ts";
import type { Message } from "./link.ts";

export type Request = readonly [type: number, payload: string, txId?: number];

/** Requests on their way at once. */
const WINDOW = 200;

export function list(count: number, make: (n: number) => Request): Request[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

/** Asks for all of it, in order, and drops the events. Returns how often each error was answered. */
export async function ask(client: Client, requests: readonly Request[]): Promise<Map<string, number>> {
  const errors = new Map<string, number>();
  const isReply = (m: Message): boolean => m.type !== Op.WATCH_EVENT;
  for (let from = 0; from < requests.length && client.open; from += WINDOW) {
    const part = requests.slice(from, from + WINDOW);
    let left = part.length;
    for (const [type, payload, txId] of part) client.write({ type, reqId: 7, txId: txId ?? 0, payload });
    await client.until(() => {
      for (const m of client.messages.splice(0).filter(isReply)) {
        left--;
        if (m.type === Op.ERROR) errors.set(m.payload, (errors.get(m.payload) ?? 0) + 1);
      }
      return left <= 0;
    });
  }
  return errors;
}

/** The number of a transaction that is begun; 0: it was refused. */
export async function begin(client: Client): Promise<number> {
  client.write({ type: Op.TRANSACTION_START, reqId: 8, txId: 0, payload: "" });
  const isReply = (m: Message): boolean => m.reqId === 8 && m.type !== Op.WATCH_EVENT;
  await client.until(() => client.messages.some(isReply));
  const reply = client.messages.find(isReply);
  client.messages = [];
  return reply === undefined || reply.type === Op.ERROR ? 0 : Number.parseInt(reply.payload, 10);
}
