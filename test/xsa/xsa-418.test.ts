import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-418");

const deep = "/a".repeat(1000);

rows("a path of a thousand components needs no stack", [
  ["0", `WRITE ${deep}|1`],
  ["0", `WATCH ${deep}|w|`, "OK|", `0 ${deep}|w|`],
  ["0.a", "TRANSACTION_START |", "1|"],
  ["0.a", `READ ${deep}|`, "1"],
  ["0.a", `WRITE ${deep}/b|2`],
  ["0.a", "TRANSACTION_END T|", "OK|", `0 ${deep}/b|w|`],
  ["0", "CONTROL check|"],
  ["0", `SET_PERMS ${deep}|n1|`, "OK|", `0 ${deep}|w|`],
  ["0", "RM /a|", "OK|", `0 ${deep}|w|`],
  ["0", `READ ${deep}|`, "!ENOENT"],
  ["0", `WRITE ${deep}/c|3`, "OK|", `0 ${deep}/c|w|`],
  ["0", "SET_PERMS /a|n1|"],
  ["host", "kill 1"],
  ["0", "DIRECTORY /|", "tool|local|", `0 ${deep}|w|`],
  ["0", "CONTROL check|"],
]);

run();
