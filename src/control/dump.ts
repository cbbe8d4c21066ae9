import { PAYLOAD_MAX } from "../limits.ts";
import { parseNumber } from "../wire/payload.ts";
import type { Caller, Command, Context } from "./context.ts";
import { saveWhole } from "./save.ts";

/** A state that somebody fetches in pieces: one at a time, as long as the connection lives that asked for it. */
export class Fetching {
  private of: Caller | null = null;

  constructor(private readonly context: Context) {}

  /** Takes the state as it is now. Returns its bytes. */
  begin(caller: Caller): number {
    const { update } = this.context.host;
    this.end();
    saveWhole(update, () => this.context.dump());
    this.of = caller;
    return update.keep();
  }

  end(): void {
    this.of = null;
    this.context.host.update.drop();
  }

  /** A connection is gone. */
  look(): void {
    if (this.of !== null && !this.of.alive()) this.end();
  }
}

/**
 * `dump <file>`: the state, as a migration stream, to a file of the host's. Where there are no files it is fetched
 * (tools/xenstore-state): `-b` takes it and tells how many bytes it has, `-o <offset>` answers with a piece of it, `-e`
 * lets it go.
 */
export const dump: Command = {
  name: "dump",
  parameters: "<file>|-b|-o <offset>|-e",
  run(context, args) {
    const [word, offset] = args;
    const { update } = context.host;
    if (word === "-o" && args.length === 2) {
      const from = parseNumber(offset as string);
      return from < 0 ? null : update.kept(from, PAYLOAD_MAX - 1);
    }
    if (word === undefined || word === "" || args.length > 1) return null;
    if (word === "-b") return String(context.fetching.begin(context.caller()));
    if (word === "-e") {
      context.fetching.end();
      return "OK";
    }
    context.fetching.end();
    saveWhole(update, () => context.dump());
    return update.write(word) || "OK";
  },
};
