import { Op } from "../../src/wire/ops.ts";
import { figure, good, noise } from "./account.ts";
import type { Client } from "./client.ts";
import { begin, list } from "./pipeline.ts";
import type { SocketWorld } from "./socket-world.ts";

/** Something of which a guest can have much. */
export interface Kind {
  readonly name: string;
  readonly count: number;
  /** What must be there before. */
  before?(w: SocketWorld): Promise<void>;
  grow(w: SocketWorld, count: number): Promise<void>;
}

const guest = (w: SocketWorld): Client => w.client("1");
let transaction = 0;

export const kinds: readonly Kind[] = [
  {
    name: "nodes with short values",
    count: 5000,
    grow: (w, count) =>
      good(
        guest(w),
        list(count, (n) => [Op.WRITE, `data/${n % 50}/${n}\0${n}`]),
      ),
  },
  {
    name: "nodes with long values",
    count: 700,
    grow: (w, count) =>
      good(
        guest(w),
        list(count, (n) => [Op.WRITE, `data/${n}\0${noise(700)}`]),
      ),
  },
  {
    name: "nodes with long values that begin alike",
    count: 700,
    grow: (w, count) =>
      good(
        guest(w),
        list(count, (n) => [Op.WRITE, `data/${n}\0${"alike".repeat(140)}${n}`]),
      ),
  },
  {
    name: "nodes that got other permissions after their values",
    count: 700,
    grow: async (w, count) => {
      await good(
        guest(w),
        list(count, (n) => [Op.WRITE, `data/${n}\0${noise(700)}`]),
      );
      await good(
        guest(w),
        list(count, (n) => [Op.SET_PERMS, `data/${n}\0n1\0r2\0`]),
      );
    },
  },
  {
    name: "nodes whose values were others before",
    count: 700,
    grow: async (w, count) => {
      for (let round = 0; round < 2; round++)
        await good(
          guest(w),
          list(count, (n) => [Op.WRITE, `data/${n}\0${noise(700)}`]),
        );
    },
  },
  {
    name: "nodes whose values were longer before",
    count: 5000,
    grow: async (w, count) => {
      for (const length of [700, 10])
        await good(
          guest(w),
          list(count, (n) => [Op.WRITE, `data/${n % 50}/${n}\0${noise(length)}`]),
        );
    },
  },
  {
    name: "permission lists",
    count: 900,
    before: (w) =>
      good(
        guest(w),
        list(900, (n) => [Op.WRITE, `data/${n}\0`]),
      ),
    // Domains 1 to 8 are those that a test has, or has not.
    grow: (w, count) =>
      good(
        guest(w),
        list(count, (n) => [
          Op.SET_PERMS,
          `data/${n}\0n1\0${["n", "r", "w", "b"][n % 4]}${1 + (n % 7)}\0${["r", "w", "b"][n % 3]}${1 + ((n >> 3) % 8)}\0` +
            `r${1 + ((n >> 6) % 8)}\0w${1 + ((n >> 8) % 8)}\0`,
        ]),
      ),
  },
  {
    name: "watches",
    count: 1200,
    grow: (w, count) =>
      good(
        guest(w),
        list(count, (n) => [Op.WATCH, `data/${n}\0token ${n}\0`]),
      ),
  },
  {
    name: "transactions",
    count: 800,
    grow: (w, count) =>
      good(
        guest(w),
        list(count, () => [Op.TRANSACTION_START, "\0"]),
      ),
  },
  {
    name: "names that a transaction looked for",
    count: 1800,
    before: async (w) => {
      transaction = await begin(guest(w));
    },
    grow: (w, count) =>
      good(
        guest(w),
        list(count, (n) => [Op.READ, `data/none/${n}\0`, transaction]),
        "ENOENT\0",
      ),
  },
  {
    name: "nodes that a transaction makes",
    count: 1400,
    before: async (w) => {
      transaction = await begin(guest(w));
    },
    grow: (w, count) =>
      good(
        guest(w),
        list(count, (n) => [Op.WRITE, `data/${n}\0${n}`, transaction]),
      ),
  },
  {
    name: "the history of values",
    count: 2400,
    before: async (w) => {
      await good(
        guest(w),
        list(2400, (n) => [Op.WRITE, `data/${n}\0before`]),
      );
      await begin(guest(w));
    },
    grow: (w, count) =>
      good(
        guest(w),
        list(count, (n) => [Op.WRITE, `data/${n}\0after!`]),
      ),
  },
  {
    name: "nodes that are kept for a snapshot alone",
    count: 2600,
    before: async (w) => {
      await good(
        guest(w),
        list(2600, (n) => [Op.WRITE, `data/d/${n}\0${n}`]),
      );
      await begin(guest(w));
    },
    grow: async (w) => {
      await good(guest(w), [[Op.RM, "data/d\0"]]);
      while ((await figure(w, "nodes")) > 100) await w.raw("0", Op.READ, "/\0");
    },
  },
];
