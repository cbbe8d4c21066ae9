import { Cost, nodeCost } from "../../src/store/cost.ts";
import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-330");

const USED = Cost.node + nodeCost("/local/domain/1/data", 16, 0) + Cost.list + Cost.listEntry;
const MOST =
  USED + 2 * (Cost.watch + Cost.place) + 2 * ("/local/domain/1/data|a|".length + "/nowhere/at/all|b|".length);

rows(
  "RESET_WATCHES gives everything back",
  [
    ["1", "WATCH data|a|", "OK|", "1 data|a|"],
    ["1", "WATCH /nowhere/at/all|b|", "OK|", "1 /nowhere/at/all|b|"],
    ["1", "WATCH data|c|", "!ENOSPC"],
    ["1", "RESET_WATCHES |"],
    ["0", "CONTROL watches|", "|"],
    [
      "0",
      "CONTROL quota|1|",
      "Domain 1:\n" +
        "nodes            :        1 (max        1)\n" +
        "watches          :        0 (max        2)\n" +
        "outstanding      :        0 (max        0)\n" +
        `memory           : ${String(USED).padStart(8)} (max ${String(MOST).padStart(8)})\n` +
        "transactions     :        0 (max        0)\n|",
    ],
    ["1", "WATCH data|a|", "OK|", "1 data|a|"],
    ["1", "WATCH data|b|", "OK|", "1 data|b|"],
    ["0", "CONTROL check|"],
  ],
  { args: ["-W", "2"], steady: true },
);

run();
