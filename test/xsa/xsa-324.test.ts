import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-324");

const token = "t".repeat(2000);

rows("an event that is longer than a message is dropped, whole", [
  ["0", `WATCH /a|${token}|`, "OK|", `0 /a|${token}|`],
  ["0", `WRITE /a/${"b".repeat(2091)}|`, "OK|", `0 /a/${"b".repeat(2091)}|${token}|`],
  ["0", `WRITE /a/${"b".repeat(2092)}|`],
  ["0", `WRITE /a/${"b".repeat(3000)}|`],
  ["0", "RM /a|", "OK|", `0 /a|${token}|`],
  ["0", `WATCH /a/${"b".repeat(2091)}|${token}|`, "OK|", `0 /a/${"b".repeat(2091)}|${token}|`],
]);

run();
