import { PAYLOAD_MAX } from "../limits.ts";
import { parseNumber } from "../wire/payload.ts";
import type { Caller, Command, Context } from "./context.ts";
import { saveWhole } from "./save.ts";

/**
 * A saved state that a client fetches in pieces. There is one at a time; it lives as long as the client's
 * connection.
 */
export class Fetching {
  private of: Caller | null = null;

  constructor(private readonly context: Context) {}

  /**
   * Saves the state as it is now, in place of an earlier one. Returns its size in bytes. Throws if there is
   * no memory.
   */
  begin(caller: Caller): number {
    const { update } = this.context.host;
    this.end();
    saveWhole(update, () => this.context.dump());
    this.of = caller;
    return update.keep();
  }

  /** Frees the saved state. */
  end(): void {
    this.of = null;
    this.context.host.update.drop();
  }

  /** To be called when a connection is closed: frees the state if it was the client's. */
  look(): void {
    if (this.of !== null && !this.of.alive()) this.end();
  }
}

/**
 * `dump <file>`: writes the state as a migration stream to a file of the host. Without files it is fetched
 * in pieces (tools/xenstore-state): `-b` saves it and answers its size, `-o <offset>` answers a piece, `-e`
 * frees it.
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
