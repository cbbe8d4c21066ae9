import { PAYLOAD_MAX } from "../limits.ts";
import type { Command } from "./context.ts";

/** Lines that the log gets: a console has room for so many. */
const TOLD = 24;

/**
 * `trace-dump [<file>|-o <number>]`: the last packets. To the log, to a file of the host's, or as the answer: those
 * from a number on, as many as a message carries, as stubdom/trace/packets.h writes them (tools/xenstore-trace).
 */
export const traceDump: Command = {
  name: "trace-dump",
  parameters: "[<file>|-o <number>]",
  run({ host: { insight } }, args) {
    const [word, number] = args;
    if (word === undefined) {
      insight.tellPackets(TOLD);
      return "OK";
    }
    if (word !== "-o") return args.length === 1 && word !== "" ? insight.savePackets(word) || "OK" : null;
    // More than the 31 bits of other numbers: packets are counted for years.
    if (args.length !== 2 || !/^\d{1,15}$/.test(number as string)) return null;
    return insight.packets(Number(number), PAYLOAD_MAX - 1);
  },
};
