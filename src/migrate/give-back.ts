import type { Connection } from "../server/connection.ts";
import type { Server } from "../server/server.ts";
import { OK } from "../wire/payload.ts";
import { domainQuotas, globalQuotas, message, NO_TARGET, nodes, ringOf, Writer, watch } from "./dump.ts";
import { RecordType, u16, u32 } from "./record.ts";
import type { ReplyState } from "./state.ts";

/** The number of a connection that has no link. */
const NO_LINK = 0xffff_ffff;
/** From this version of the stream on, quotas and depths of watches go over. */
const WITH_QUOTAS = 2;

/**
 * Writes the state for C xenstored, which goes on in this process: it gets descriptors and ports, and no transactions.
 * Deliveries must be complete (Server.runDeferredWork). `reply`: the client that asked for it, which is told OK.
 */
export function giveBack(s: Server, write: (chunk: string) => void, reply: ReplyState | null, version: number): void {
  const out = new Writer(write, version);
  const { listener, device } = s.host.handover.descriptors();
  out.add(RecordType.global, u32(listener) + u32(device));
  if (version >= WITH_QUOTAS) globalQuotas(s, out);
  // C xenstored ends at the first message of a client whose domain, Dom0, it does not know yet; so Dom0's ring is the first,
  // even where there is none.
  const { privDomid } = s.config;
  const dom0 = s.domains.connectionOf(privDomid);
  if (dom0 !== null) connection(s, out, dom0, reply, version);
  else
    out.add(
      RecordType.connection,
      u32(NO_LINK) + u16(0) + u16(0) + u16(privDomid) + u16(NO_TARGET) + u32(0) + u32(0) + u32(0),
    );
  for (const c of s.connections.byLink) if (c && c !== dom0) connection(s, out, c, reply, version);
  // It ends at a node whose owner does not exist: the program's domains were looked at, others may own nodes as well.
  nodes(s.tree, out, (domid) => (s.domains.exists(domid) ? domid : privDomid));
  if (version >= WITH_QUOTAS)
    for (const domain of s.domains.all()) if (domain.connection !== null) domainQuotas(s, out, domain);
  out.add(RecordType.end, "");
  out.flush();
}

function connection(s: Server, out: Writer, c: Connection, reply: ReplyState | null, version: number): void {
  const state = s.host.handover.show(c.link);
  // A socket that broke is closed; C xenstored finds out about a ring by itself, and waits for the domain's death.
  if (state === null && !c.ring) return;
  const { handle, input, output, begun } = state ?? { handle: 0, input: "", output: "", begun: 0 };
  let bytes = output;
  for (const { type, reqId, txId, payload } of c.waiting(0)) bytes += message(type, reqId, txId, payload);
  if (reply !== null && reply.link === c.link) bytes += message(reply.type, reply.reqId, reply.txId, OK);
  const number = u32(c.link + 1);
  const who = c.ring ? ringOf(c) + u32(handle) : u32(handle) + u32(0);
  const lengths = u16(input.length) + u16(begun) + u32(bytes.length);
  out.add(RecordType.connection, number + u16(c.ring ? 0 : 1) + u16(0) + who + lengths + input + bytes);
  // Before Xen 4.22 it offers nothing.
  if (c.ring && version < WITH_QUOTAS) s.host.setFeatures(c.link, 0);
  for (const w of c.watches.values()) watch(out, number, w, version >= WITH_QUOTAS && w.depth >= 0);
}
