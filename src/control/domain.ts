import { GUEST_EVENTS } from "../limits.ts";
import { Errno } from "../wire/errno.ts";
import { parseDomid } from "../wire/payload.ts";
import type { Command, Context } from "./context.ts";

/** A command about one introduced domain. */
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

/** The frame of its ring: 0, for pages are mapped by grant. */
export const mfn = about("mfn", (context, domid) => (context.queue(domid) === null ? null : "0"));

/** Its open transactions. */
export const txn = about("txn", (context, domid) => {
  const open = context.transactions(domid);
  if (open === null) return null;
  return open.map((t) => `paths: ${t.paths}, operations: ${t.operations}, quota_reached: ${t.overQuota}\n`).join("");
});

/** What waits for it. */
export const xenbus = about("xenbus", (context, domid) => {
  const queue = context.queue(domid);
  if (queue === null) return null;
  const waits = queue.messages > 0;
  // The words and the order are oxenstored's; what it has no word for stands behind them.
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
