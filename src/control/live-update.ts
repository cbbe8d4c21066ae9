import { Errno } from "../wire/errno.ts";
import { parseNumber } from "../wire/payload.ts";
import { optionsForC } from "./c-options.ts";
import type { Caller, Command, Context, UpdateSession } from "./context.ts";

/** The largest program file accepted; real ones have a fraction of that. */
const FILE_MAX = 16 << 20;

/** The live update that a client prepares. There is one at a time; it lives as long as the client's connection. */
export class LiveUpdate {
  private session: UpdateSession | null = null;

  constructor(private readonly context: Context) {}

  /** The session of a client; null: it has none. */
  of(caller: Caller): UpdateSession | null {
    return this.session?.of.same(caller) ? this.session : null;
  }

  /** Begins a session. False: another client has one. */
  begin(caller: Caller): boolean {
    if (this.session?.of.alive()) return false;
    this.session = { of: caller, options: null };
    return true;
  }

  /** Ends the session and drops the program file. */
  end(): void {
    this.session = null;
    this.context.departure.end();
    this.context.host.update.abort();
  }
}

type Step = (context: Context, caller: Caller, args: readonly string[]) => string | Errno | null;

const NO_SESSION = "Not in live-update session.";

/** The steps by their first option. The replies are those that xenstore-control expects. */
const steps = new Map<string, Step>([
  [
    "-b",
    (context, caller, [size, ...rest]) => {
      const bytes = parseNumber(size ?? "");
      if (bytes <= 0 || rest.length > 0) return null;
      if (!context.liveUpdate.begin(caller)) return "live-update session already active.";
      if (bytes <= FILE_MAX && context.host.update.begin(bytes)) return "OK";
      context.liveUpdate.end();
      return "Allocation failure.";
    },
  ],
  [
    "-d",
    (context, caller, [size, bytes]) => {
      if (bytes === undefined || parseNumber(size ?? "") !== bytes.length) return null;
      if (context.liveUpdate.of(caller) === null) return NO_SESSION;
      if (context.host.update.data(bytes)) return "OK";
      context.liveUpdate.end();
      return "Too much kernel data.";
    },
  ],
  [
    "-f",
    (context, caller, [path, ...rest]) => {
      if (path === undefined || rest.length > 0) return null;
      if (!context.liveUpdate.begin(caller)) return "live-update session already active.";
      const why = context.host.update.file(path);
      if (why === "") return "OK";
      context.liveUpdate.end();
      return why;
    },
  ],
  [
    "-c",
    (context, caller, [line, ...rest]) => {
      if (line === undefined || rest.length > 0) return null;
      const session = context.liveUpdate.of(caller);
      if (session === null) return NO_SESSION;
      session.options = line.split(" ").filter((word) => word !== "");
      return "OK";
    },
  ],
  [
    "-a",
    (context, caller, args) => {
      if (args.length > 0) return null;
      if (context.liveUpdate.of(caller) === null) return "No live-update session active.";
      context.liveUpdate.end();
      return "OK";
    },
  ],
  ["-s", start],
]);

/**
 * `-s [-t <timeout>] [-F] [-v <version>]`: starts the update. Open transactions are handed over, except to C xenstored:
 * then it waits for so many seconds until none is open, and -F drops those that are. The version is that of C
 * xenstored's state: without -v the one that every release reads.
 */
function start(context: Context, caller: Caller, args: readonly string[]): string | Errno | null {
  const left = [...args];
  let timeout = 0;
  let version = 1;
  let force = false;
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === "-F") {
      force = true;
      continue;
    }
    if (word !== "-t" && word !== "-v") return null;
    const value = parseNumber(left.shift() ?? "");
    if (value < 0) return null;
    if (word === "-t") timeout = value * 1000;
    else if (value < 1 || value > 2) return "Migration stream version not supported.";
    else version = value;
  }
  const session = context.liveUpdate.of(caller);
  if (session === null) return NO_SESSION;
  const { update } = context.host;
  const { options } = session;
  let wrong = update.check();
  const foreign = wrong === "" ? update.foreign() : 0;
  if (foreign > 0 && version > foreign) wrong = "Migration stream version not supported.";
  const depths = foreign > 0 && version < 2 && !force ? context.watchesWithDepth() : 0;
  if (depths > 0) wrong = `${depths} watches have a depth, which version 1 cannot hand over (-F: they lose it).`;
  if (wrong !== "") {
    context.liveUpdate.end();
    return wrong;
  }
  // A state that a client fetches would stand before the state that is handed over.
  context.fetching.end();
  const words = options ?? optionsForC(context.quotas, context.settings);
  const terms = { version, timeout, force, options: words, alive: () => caller.alive() };
  context.answerLater(caller, () => (foreign > 0 ? context.departure.begin(terms) : update.go(options)));
  return Errno.LATER;
}

/** `live-update`: steps sent by xenstore-control; `-s` is answered after the update. */
export const liveUpdate: Command = {
  name: "live-update",
  parameters:
    "[-c <cmdline>] [-F] [-t <timeout>] [-v <version>] <file>\n" +
    "    Default timeout is 60 seconds, default version is 2.",
  run(context, args, payload) {
    const step = steps.get(args[0] ?? "");
    if (step === undefined) return null;
    const rest = args[0] === "-d" ? chunk(args, payload) : args.slice(1);
    return step(context, context.caller(), rest);
  },
};

/** Splits `live-update NUL -d NUL size NUL bytes NUL`, where the bytes can contain NULs. */
function chunk(args: readonly string[], payload: string): string[] {
  const size = args[1] ?? "";
  const start = "live-update".length + 1 + "-d".length + 1 + size.length + 1;
  return [size, payload.slice(start, start + Math.max(0, parseNumber(size)))];
}
