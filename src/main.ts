import type { Config, Host, Program } from "./host.ts";
import { EVENT_TIMEOUT } from "./limits.ts";
import { Log } from "./observe/log.ts";
import { type Options, parseOptions } from "./options.ts";
import { Quotas } from "./quota/quotas.ts";
import { Scheduler } from "./server/scheduler.ts";
import { Server } from "./server/server.ts";

/** Builds the daemon on a host. A string is why it cannot start. */
export function start(host: Host, config: Config): Program | string {
  const log = new Log(host);
  const quotas = new Quotas();
  const options: Options = { eventTimeout: EVENT_TIMEOUT };
  for (const line of parseOptions(config.args, options, quotas)) {
    if (config.strict) return line;
    log.line(line);
  }
  if (host.simulate) log.line("test mode: domains are simulated, whoever is privileged may destroy them");
  const server = new Server(host, config, quotas, log);
  const scheduler = new Scheduler(server, options.eventTimeout);
  if (config.privPort >= 0) {
    // Its requests may be in the ring already: whoever launched us waits for the answer.
    if (!server.domains.adopt(config.privDomid, config.privPort))
      return `the xenstore page of domain ${config.privDomid} cannot be used`;
  }
  if (config.ownPort >= 0 && config.ownDomid !== config.privDomid) {
    if (!server.domains.adopt(config.ownDomid, config.ownPort)) log.line("the own xenstore page cannot be used");
  }
  return { turn: (events) => scheduler.turn(events) };
}
