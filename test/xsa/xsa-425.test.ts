import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-425");

rows("RELEASE of a domain in the midst of its work, and its return", [
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["1.a", "WRITE data/x|1"],
  ["0", "SET_TARGET 1|2|"],
  ["0", "SET_TARGET 2|1|"],
  ["0", "RELEASE 1|"],
  ["0", "RELEASE 1|", "!ENOENT"],
  ["0", "INTRODUCE 1|1|4|"],
  ["host", "name 1"],
  ["1.1", "READ data|", "!ENOENT"],
  ["1", "READ data|", "!EACCES"],
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["0", "RELEASE 1|"],
  ["0", "RELEASE 2|"],
  ["0", "CONTROL check|"],
]);

run();
