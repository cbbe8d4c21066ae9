import { Errno } from "../wire/errno.ts";
import { parseNumber } from "../wire/payload.ts";
import type { Caller, Command, Context } from "./context.ts";

/** A program file of ours has a fraction of that. */
const FILE_MAX = 16 << 20;

interface Session {
  readonly of: Caller;
  options: readonly string[] | null;
}

/** What a client is doing to have the program exchanged; one at a time, as long as its connection lives. */
export class LiveUpdate {
  private session: Session | null = null;

  constructor(private readonly context: Context) {}

  /** The session of a client; null: it has none. */
  of(caller: Caller): Session | null {
    return this.session?.of.same(caller) ? this.session : null;
  }

  /** False: another client has one. */
  begin(caller: Caller): boolean {
    if (this.session?.of.alive()) return false;
    this.session = { of: caller, options: null };
    return true;
  }

  end(): void {
    this.session = null;
    this.context.host.update.abort();
  }
}

type Step = (context: Context, caller: Caller, args: readonly string[]) => string | Errno | null;

const NO_SESSION = "Not in live-update session.";

/** The steps by the option that leads them, with the replies that the stock client knows. */
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
 * `-s [-t <timeout>] [-F] [-v <version>]`: nothing has to wait for transactions to end, they are taken over; so the
 * time limit and the force have nothing to do.
 */
function start(context: Context, caller: Caller, args: readonly string[]): string | Errno | null {
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-F") continue;
    if (word !== "-t" && word !== "-v") return null;
    const value = parseNumber(words.shift() ?? "");
    if (value < 0) return null;
    if (word === "-v" && (value < 1 || value > 2)) return "Migration stream version not supported.";
  }
  const session = context.liveUpdate.of(caller);
  if (session === null) return NO_SESSION;
  const wrong = context.host.update.check();
  if (wrong !== "") {
    context.liveUpdate.end();
    return wrong;
  }
  // What somebody fetches would come before what is handed over.
  context.fetching.end();
  context.answerLater(caller, () => context.host.update.go(session.options));
  return Errno.LATER;
}

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

/** `live-update NUL -d NUL size NUL bytes NUL`: the bytes can be any. */
function chunk(args: readonly string[], payload: string): string[] {
  const size = args[1] ?? "";
  const start = "live-update".length + 1 + "-d".length + 1 + size.length + 1;
  return [size, payload.slice(start, start + Math.max(0, parseNumber(size)))];
}
