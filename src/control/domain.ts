import { GUEST_EVENTS } from "../limits.ts";
import { Errno } from "../wire/errno.ts";
import { parseDomid } from "../wire/payload.ts";
import type { Command, Context } from "./context.ts";

/** Makes a command about one introduced domain. `tell` returns null if the domain is not introduced (ENOENT). */
function about(name: string, tell: (context: Context, domid: number) => string | null): Command {
  return {
    name,
    parameters: "<domid>",
    run(context, args) {
      const domid = args.length === 1 && args[0] !== "" ? parseDomid(args[0] as string) : -1;
      return domid < 0 ? null : (tell(context, domid) ?? Errno.ENOENT);
    },
  };
}

/** `mfn <domid>`: the frame number of its ring; always 0, because rings are mapped by grant. */
export const mfn = about("mfn", (context, domid) => (context.queue(domid) === null ? null : "0"));

/** `txn <domid>`: its open transactions. */
export const txn = about("txn", (context, domid) => {
  const open = context.transactions(domid);
  if (open === null) return null;
  return open.map((t) => `paths: ${t.paths}, operations: ${t.operations}, quota_reached: ${t.overQuota}\n`).join("");
});

/** `xenbus <domid>`: the state of its queue. */
export const xenbus = about("xenbus", (context, domid) => {
  const queue = context.queue(domid);
  if (queue === null) return null;
  const waits = queue.messages > 0;
  // Names and order are oxenstored's; additional fields stand at the end.
  const state: readonly (readonly [string, string | number | boolean])[] = [
    ["partial_in", `${queue.partialIn} needed`],
    ["partial_out", `${queue.partialOut} bytes`],
    ["pkt_out", `${queue.messages} packets`],
    ["BoundedQueue capacity", `${GUEST_EVENTS}, used: {${queue.messages}}; overflow queue length: 0`],
    ["can_input", !queue.stalled],
    ["has_more_input", queue.partialIn > 0],
    ["has_old_output", queue.partialOut > 0],
    ["has_new_output", waits],
    ["has_more_work", waits || queue.partialIn > 0],
    ["outstanding", `${queue.outstanding} requests`],
    ["dropped", `${queue.dropped} events`],
    ["bad", queue.shut],
  ];
  return `xenbus: XenBus state: ${state.map(([name, value]) => `${name}: ${value}`).join(", ")}`;
});
