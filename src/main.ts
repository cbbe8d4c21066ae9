import { type Config, type Host, Origin, type Program } from "./host.ts";
import { FAILURE_DEBT } from "./limits.ts";
import { dump } from "./migrate/dump.ts";
import { giveBack } from "./migrate/give-back.ts";
import { Links, Loader } from "./migrate/load.ts";
import { payDebts, Recovery } from "./migrate/recover.ts";
import type { ReplyState } from "./migrate/state.ts";
import { Level, Log } from "./observe/log.ts";
import { apply, Running } from "./options/apply.ts";
import { parseOptions } from "./options/parse.ts";
import { defaultOptions } from "./options/settings.ts";
import { Quotas } from "./quota/quotas.ts";
import { Scheduler } from "./server/scheduler.ts";
import { Server } from "./server/server.ts";
import { Errno, errorPayload } from "./wire/errno.ts";
import { Op, opNames } from "./wire/ops.ts";
import { OK } from "./wire/payload.ts";

/** Builds the daemon on a host. Returns a string, the reason, if it cannot start. */
export function start(host: Host, config: Config): Program | string {
  const log = new Log(host);
  const quotas = new Quotas();
  const options = defaultOptions();
  const fatal: string[] = [];
  const take = (args: readonly string[], strict: boolean, where: string): void => {
    const { wrong, notes } = parseOptions(args, options, quotas);
    for (const line of notes) log.line(where + line);
    for (const line of wrong) strict ? fatal.push(where + line) : log.line(where + line);
  };
  for (const [i, arg] of config.fileArgs.entries()) {
    const place = config.filePlaces?.[i];
    take([arg], config.testing, place === undefined ? "" : `${place}: `);
  }
  take(config.args, config.strict, "");
  // All of them are told, so that all can be mended at once.
  const last = fatal.pop();
  for (const line of fatal) log.line(line);
  if (last !== undefined) return last;
  if (host.simulate) log.line("test mode: domains are simulated, whoever is privileged may destroy them");
  const server = new Server(host, config, quotas, log);
  const scheduler = new Scheduler(server);
  const running = new Running(options, quotas, server, scheduler);
  server.administration.settings = running;
  server.journalWriter.options = () => [...running.changed];
  if (!config.testing) {
    // A log file that cannot be opened does not stop the daemon: its lines go to the log.
    const traced = options.traceFile !== "";
    const why = apply(options, server, scheduler);
    if (why !== "") log.line(why, Level.error);
    if (traced) server.trace.enable(true);
  }
  const wrong = begin(server, scheduler);
  if (wrong !== "") return config.origin === Origin.file ? `--restore: ${wrong}` : wrong;
  if (config.origin === Origin.none || config.origin === Origin.file) {
    const refused = openRings(server);
    if (refused !== "") return refused;
  }
  server.administration.serializeState = () => {
    server.runDeferredWork();
    dump(server, (chunk) => host.update.save(chunk), waiting(server), [...running.changed]);
  };
  server.departure.refused = (why) => refuse(server, why);
  return {
    turn: scheduler.turn,
    serve: scheduler.serve,
    unsent: scheduler.unsent,
    deliver: () => deliver(server, scheduler),
    save: () => save(server),
    refused: (why) => refuse(server, why),
  };
}

/** Completes what is on its way. C xenstored cannot begin with a domain that has died. */
function deliver(server: Server, scheduler: Scheduler): void {
  if (server.departure.version > 0) scheduler.scan(true);
  server.events.deliveries.finish();
}

/** Saves the state for who comes next. */
function save(server: Server): void {
  const { administration, departure, host } = server;
  if (departure.version === 0) administration.serializeState();
  else {
    server.runDeferredWork();
    giveBack(server, (chunk) => host.update.save(chunk), waiting(server), departure.version);
  }
}

/** Opens the rings that exist before the daemon: Dom0's and the own one. Returns "", or why it cannot serve. */
function openRings(server: Server): string {
  const { config, domains, log } = server;
  // Its requests may be in the ring already, and the toolstack waits for the reply.
  if (config.privPort >= 0 && !domains.adopt(config.privDomid, config.privPort))
    return `the xenstore page of domain ${config.privDomid} cannot be used`;
  if (config.ownPort >= 0 && config.ownDomid !== config.privDomid) {
    if (!domains.adopt(config.ownDomid, config.ownPort)) log.line("the own xenstore page cannot be used");
  }
  return "";
}

/** Gets the state that this program starts with. Returns "", or why it cannot. */
function begin(server: Server, scheduler: Scheduler): string {
  const { origin } = server.config;
  if (origin === Origin.journal) return recover(server, scheduler);
  server.attachJournal();
  if (origin !== Origin.none) return restore(server, scheduler);
  server.createInitialNodes();
  return "";
}

/** Starts on the journal of a program that failed. */
function recover(server: Server, scheduler: Scheduler): string {
  const { host, config } = server;
  // A copy, because reading the journal overwrites the header.
  const [type, reqId, txId, link] = host.header.slice() as unknown as [number, number, number, number];
  const recovery = new Recovery(server, config.shed);
  recovery.run();
  setOptions(server, recovery.options);
  server.journalWriter.settings();
  scheduler.first = () => {
    payDebts(server, recovery);
    readOn(server);
    const c = config.refused ? server.connections.get(link) : null;
    if (c === null) return;
    server.credit.punish(c, FAILURE_DEBT);
    c.send(host, Op.ERROR, reqId, txId, errorPayload[Errno.EIO] as string);
    server.log.line(`recovery: domain ${c.domid} gets EIO for ${opNames[type] ?? type}`);
  };
  return "";
}

/** Sets options that were changed while the program before ran. */
function setOptions(server: Server, changed: readonly (readonly [name: string, value: string])[]): void {
  for (const [name, value] of changed) {
    const why = server.administration.settings.set(name, value);
    if (why !== "") server.log.line(`option ${name}: ${why}`);
  }
}

/** Wakes all links: whether a connection may be read is decided anew. */
function readOn({ connections, host }: Server): void {
  for (const c of connections.byLink) {
    if (!c) continue;
    if (c.queued > 0 || c.missed > 0) host.setFlowControl(c.link, true);
    host.wake(c.link);
  }
}

/** Whose links the state has that this program starts with. */
function linksOf({ origin, testing }: Config): Links {
  if (origin === Origin.predecessor) return Links.own;
  return origin === Origin.cXenstored && !testing ? Links.adopted : Links.none;
}

/** Starts on a migration stream. */
function restore(server: Server, scheduler: Scheduler): string {
  const loader = new Loader(server, linksOf(server.config));
  const wrong = loader.load(() => server.host.update.restore());
  if (wrong !== "") return wrong;
  const { reply } = loader;
  // A test of the configuration opens no logs.
  if (!server.config.testing) setOptions(server, loader.settings);
  server.journalWriter.settings();
  if (server.config.origin === Origin.cXenstored) server.createStatus();
  const failed = server.config.failedUpdate ?? "";
  if (failed !== "") server.log.line(`live update: the image before goes on: ${failed}`);
  scheduler.first = () => {
    readOn(server);
    if (reply === null) return;
    const { link, type, reqId, txId } = reply;
    server.connections.get(link)?.send(server.host, type, reqId, txId, failed === "" ? OK : `${failed}\0`);
  };
  return "";
}

/** The client that waits for the reply to a live update; null: none. */
function waiting({ administration: { deferredReply } }: Server): ReplyState | null {
  if (deferredReply === null || !deferredReply.alive()) return null;
  const { connection, type, reqId, txId } = deferredReply;
  return { kind: "reply", link: connection.link, type, reqId, txId };
}

/** A live update failed: logs it, and sends the reason to the client that asked for it. */
function refuse(server: Server, why: string): void {
  server.log.line(`live update: ${why}`);
  // Rings offer what C xenstored would have offered (give-back.ts).
  if (server.departure.version > 0)
    for (const c of server.connections.byLink) if (c?.ring && !c.shut) server.host.setFeatures(c.link, c.features);
  server.administration.liveUpdate.end();
  server.administration.deferredReply?.answer(`${why}\0`);
  server.administration.deferredReply = null;
  server.journalWriter.deferredReply(null);
}
