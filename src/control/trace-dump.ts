import { PAYLOAD_MAX } from "../limits.ts";
import type { Command } from "./context.ts";

/** Packets written to the log: as many lines as a console shows. */
const TOLD = 24;

/**
 * `trace-dump [<file>|-o <number>]`: the last packets. Without parameters they go to the log, with one to a
 * file of the host. `-o` answers packets from a number on, as many as a message carries, in the format of
 * stubdom/trace/packets.h (tools/xenstore-trace).
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
    // Not parseNumber(), which stops at 31 bits: packets are counted for years.
    if (args.length !== 2 || !/^\d{1,15}$/.test(number as string)) return null;
    return insight.packets(Number(number), PAYLOAD_MAX - 1);
  },
};
