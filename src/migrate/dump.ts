import { quotaTable } from "../quota/quotas.ts";
import type { Connection } from "../server/connection.ts";
import type { Server } from "../server/server.ts";
import { savePast } from "../store/past-state.ts";
import { entryDomid, entryLetter, STALE } from "../store/perms.ts";
import { following } from "../store/rows.ts";
import type { Tree } from "../store/tree.ts";
import type { Watch } from "../store/watch.ts";
import { preamble, RecordType, record, u16, u32 } from "./record.ts";
import type { OwnState, ReplyState } from "./state.ts";

/** Size from which on a chunk is written, in bytes. */
const CHUNK = 60_000;
export const NO_TARGET = 0x7ff4;
const NO_DEPTH = 0xffff;
/** In a node's record: no connection and no transaction, so the node is committed. */
const COMMITTED = u32(0) + u32(0);
const NO_FILE = 0xffff_ffff;
const ROOTS = ["/", "@releaseDomain", "@introduceDomain"];

/** Collects records and writes them in chunks. */
export class Writer {
  private text: string;

  constructor(
    private readonly write: (chunk: string) => void,
    version = 2,
  ) {
    this.text = preamble(version);
  }

  add(type: RecordType, body: string): void {
    this.text += record(type, body);
    if (this.text.length >= CHUNK) this.flush();
  }

  own(state: OwnState): void {
    // All strings here have characters up to 255 only, and so has the JSON.
    this.add(RecordType.own, JSON.stringify(state));
  }

  flush(): void {
    this.write(this.text);
    this.text = "";
  }
}

/**
 * Writes the whole state as a migration stream, in chunks. Deliveries and sweeps must be complete
 * (Server.runDeferredWork). `reply`: a client that the next program answers; `changed`: options set since
 * the start.
 */
export function dump(
  s: Server,
  write: (chunk: string) => void,
  reply: ReplyState | null,
  changed: readonly (readonly [string, string])[] = [],
): void {
  const out = new Writer(write);
  out.add(RecordType.global, u32(NO_FILE) + u32(NO_FILE));
  globalQuotas(s, out);
  let connections = 0;
  let transactions = 0;
  for (const c of s.connections.byLink) {
    if (!c) continue;
    connection(s, out, c);
    connections++;
    transactions += c.transactions.size;
  }
  const written = nodes(s.tree, out);
  for (const domain of s.domains.all()) {
    domainQuotas(s, out, domain);
    const { domid, uniqueId, shutdownSeen, features } = domain;
    const number = domain.connection === null ? 0 : domain.connection.link + 1;
    out.own({ kind: "domain", domid, uniqueId, shutdownSeen, features, connection: number });
  }
  for (const past of savePast(s.tree)) out.own({ kind: "past", ...past });
  if (reply !== null) out.own(reply);
  if (changed.length > 0) out.own({ kind: "options", changed });
  out.own({
    kind: "totals",
    nodes: written,
    watches: s.tree.watches.count,
    connections,
    transactions,
    peaks: s.connections.peaks.list(),
    refusals: s.connections.refusals.list(),
    traced: s.trace.list(),
    tracing: s.trace.on,
    recoveries: s.journalWriter.recoveries,
  });
  out.add(RecordType.end, "");
  out.flush();
}

export function globalQuotas(s: Server, out: Writer): void {
  out.add(RecordType.globalQuota, u16(quotaTable.length) + u16(0) + quotaValues(s, -1));
}

/** What a domain may, and what its ring offers. */
export function domainQuotas(s: Server, out: Writer, { domid, features }: { domid: number; features: number }): void {
  out.add(RecordType.domain, u16(domid) + u16(quotaTable.length) + u32(features) + quotaValues(s, domid));
}

/**
 * All quotas: values, then names. The reader takes a domain's value as its own where it differs from the
 * global one.
 */
function quotaValues(s: Server, domid: number): string {
  let values = "";
  let names = "";
  for (const [quota, { name }] of quotaTable.entries()) {
    values += u32(s.quotas.get(domid, quota));
    names += `${name}\0`;
  }
  return values + names;
}

function connection(s: Server, out: Writer, c: Connection): void {
  const { link } = c;
  const number = u32(link + 1);
  const messages = c.waiting(s.host.now());
  let bytes = "";
  for (const m of messages) bytes += message(m.type, m.reqId, m.txId, m.payload);
  const who = c.ring ? ringOf(c) + u32(0) : u32(NO_FILE) + u32(0);
  out.add(
    RecordType.connection,
    number + u16(c.ring ? 0 : 1) + u16(0) + who + u16(0) + u16(0) + u32(bytes.length) + bytes,
  );
  const serials: number[] = [];
  for (const w of c.watches.values()) {
    watch(out, number, w, w.depth >= 0);
    serials.push(w.serial);
  }
  for (const t of c.transactions.values()) out.add(RecordType.transaction, number + u32(t.id));
  out.own({
    kind: "connection",
    link,
    ring: c.ring,
    privileged: c.privileged,
    base: c.base,
    features: c.features,
    shut: c.shut,
    nextTransaction: c.nextTransaction,
    recovered: c.recovered,
    dropped: c.dropped,
    missed: c.missed > 0,
    conflicts: [c.conflictsSuffered, c.conflictsCaused, c.hinderedBy],
    credit: s.credit.save(c),
    peaks: c.peaks.list(),
    refusals: c.refusals.list(),
    serials,
    ages: messages.map((m) => m.age),
    transactions: [...c.transactions.values()].map((t) => t.save()),
  });
}

/** A message as it is on the wire. */
export function message(type: number, reqId: number, txId: number, payload: string): string {
  return u32(type) + u32(reqId) + u32(txId) + u32(payload.length) + payload;
}

/** The domain of a ring, and the one that it may act for. */
export function ringOf(c: Connection): string {
  return u16(c.domid) + u16(c.target < 0 ? NO_TARGET : c.target);
}

/** A watch; its path as the client gave it. `number`: of its connection. */
export function watch(out: Writer, number: string, w: Watch, withDepth: boolean): void {
  const path = w.strip === 0 ? w.path : w.path.slice(w.strip);
  const token = w.suffix.slice(1);
  const lengths = number + u16(path.length + 1) + u16(token.length);
  const depth = withDepth ? u16(w.depth < 0 ? NO_DEPTH : Math.min(w.depth, NO_DEPTH - 1)) + u16(0) : "";
  out.add(withDepth ? RecordType.watchDepth : RecordType.watch, `${lengths + depth + path}\0${token}`);
}

/**
 * Writes the nodes, parents before children, children in order of creation. Returns their number. `ownerOf`: the owner to
 * write in the place of another.
 */
export function nodes(tree: Tree, out: Writer, ownerOf = same): number {
  let written = 0;
  const lists = new Map<number, string>();
  for (const name of ROOTS) {
    const root = tree.find(name);
    for (let n = root; n >= 0; n = following(tree, n, root)) {
      out.add(RecordType.node, nodeRecord(tree, n, lists, ownerOf));
      written++;
    }
  }
  return written;
}

/** The record of a node. `lists`: permission lists by their number, as they are in it. */
export function nodeRecord(tree: Tree, n: number, lists: Map<number, string>, ownerOf = same): string {
  const path = tree.paths[n] as string;
  const value = tree.values[n] as string;
  const number = tree.permsOf[n] as number;
  let perms = lists.get(number);
  if (perms === undefined) {
    const { entries } = tree.perms.get(number);
    perms = u16(0) + u16(entries.length) + permissions(entries, ownerOf);
    lists.set(number, perms);
  }
  return `${COMMITTED + u16(path.length + 1) + u16(value.length) + perms + path}\0${value}`;
}

const same = (domid: number): number => domid;

/** Four bytes for each entry, the owner's first: letter, stale or not, domid. */
function permissions(entries: readonly number[], ownerOf: (domid: number) => number): string {
  let text = "";
  for (const [n, packed] of entries.entries()) {
    const domid = entryDomid(packed);
    text += entryLetter(packed) + (packed & STALE ? "\x01" : "\0") + u16(n === 0 ? ownerOf(domid) : domid);
  }
  return text;
}
