import type { Change, NodeRow } from "./model.ts";

/** [now, the highest, the limit]; null: not known; limit 0: none. */
export type Usage = [now: number | null, highest: number | null, limit: number];

export interface Domain {
  domid: number;
  name: string;
  quotas: Record<string, Usage>;
  refusals?: string;
  target?: string;
  rates?: (number | null)[];
}

export interface Connection {
  number: number;
  kind: string;
  domain: number;
  watches: number;
  transactions: number;
  state?: string;
  process?: string;
  own?: boolean;
  requests?: number;
  events?: number;
  queue?: number;
  dropped?: number;
  outstanding?: number;
  rates?: (number | null)[];
  "idle-ms"?: number;
  "last-request"?: string;
  "conflicts-suffered"?: number;
  "conflicts-caused"?: number;
  "hindered-by"?: string;
}

/** Time, requests and events a second, median, 99th percentile and longest wait, own wait, slow in all, nodes. */
export type Sample = (number | null)[];
/** Number, time, connection, domain, from the store, type, request, transaction, length, payload, waiting time in ms. */
export type Packet = [number, number, number, number, number, number, number, number, number, string, number | null];
/** Who, whose watch, events, path, time. Who is -1 if no packet tells. */
export type Fired = [number, number, number, string, number];

export interface Figures {
  store: Record<string, string> | null;
  samples: Sample[];
  domains: Domain[];
  connections: Connection[];
  /** As the store tells of them; and as packets show: waiting time in ms, when, what. */
  slow: string[];
  slowest: [number, number, string][];
  fires: Fired[];
  failed: [number, number][];
  traced: boolean;
  seen: number;
}

/** What each answer of the server begins with. */
export interface State {
  error: string;
  whole: boolean;
  read: number;
  leftOut: boolean;
  /** Of the server; another one after its restart. */
  start: string;
}

export type TreeAnswer = State & { seq?: number; nodes?: NodeRow[]; changes?: Change[] };
export type FiguresAnswer = State & { round: number } & Partial<Figures>;
export type PacketsAnswer = State & { packets: Packet[] };

/** What stands in a page that was made of a file. */
export interface FileData extends Partial<Figures> {
  kind: "state" | "trace";
  title: string;
  nodes?: NodeRow[];
  packets?: Packet[];
}

export const TYPES = (
  "CONTROL DIRECTORY READ GET_PERMS WATCH UNWATCH TRANSACTION_START TRANSACTION_END INTRODUCE RELEASE" +
  " GET_DOMAIN_PATH WRITE MKDIR RM SET_PERMS WATCH_EVENT ERROR IS_DOMAIN_INTRODUCED RESUME SET_TARGET RESTRICT" +
  " RESET_WATCHES DIRECTORY_PART GET_FEATURE SET_FEATURE GET_QUOTA SET_QUOTA"
).split(" ");

/** The data in the page; null: a server has them. */
export function embedded(): FileData | null {
  const text = document.getElementById("data")?.textContent;
  return text ? (JSON.parse(text) as FileData) : null;
}

export async function ask<T>(path: string): Promise<T> {
  const reply = await fetch(path, { signal: AbortSignal.timeout(15_000) });
  if (!reply.ok) throw new Error(`the server answers ${reply.status}`);
  return (await reply.json()) as T;
}
