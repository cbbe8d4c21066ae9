import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-484");

rows("RESET_WATCHES from within a transaction ends it", [
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["1.b", "TRANSACTION_START |", "2|"],
  ["1.a", "WRITE data/x|1"],
  ["1.a", "RESET_WATCHES |"],
  ["1.1", "READ data|", "!ENOENT"],
  ["1.2", "TRANSACTION_END T|", "!ENOENT"],
  ["1", "READ data/x|", "!ENOENT"],
  ["0", "WRITE /local/domain/1/data|x"],
  ["1.c", "TRANSACTION_START |", "3|"],
  ["1.c", "RESET_WATCHES |"],
  ["1", "RESET_WATCHES |"],
  ["0", "CONTROL check|"],
]);

run();
