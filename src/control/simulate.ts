import { DomainState } from "../host.ts";
import { parseDomid } from "../wire/payload.ts";
import type { Command } from "./context.ts";

const states = new Map<string, number>([
  ["create", DomainState.exist],
  ["shutdown", DomainState.exist | DomainState.shutdown],
  ["destroy", 0],
]);

/** `sim create|shutdown|destroy <domid>`: simulates what a toolstack or guest does. EINVAL outside test mode. */
export const simulate: Command = {
  name: "sim",
  parameters: "create|shutdown|destroy <domid>",
  run(context, args) {
    const state = states.get(args[0] ?? "");
    const domid = parseDomid(args[1] ?? "-");
    if (args.length !== 2 || state === undefined || domid < 0 || context.host.simulate === undefined) return null;
    return context.host.simulate(domid, state) ? "OK" : null;
  },
};
