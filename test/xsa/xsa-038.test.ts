import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-38");

rows("a ring that is shut off concerns nobody else (what is checked of its indexes: test/native/ring_test.c)", [
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["host", "broken 1"],
  ["2", "WRITE data/x|goes on"],
  ["0", "WRITE /local/domain/1/data|nobody is told"],
  ["0", "INTRODUCE 1|1|4|"],
  ["1", "READ data|", "nobody is told"],
  ["1.1", "READ data|", "!ENOENT"],
]);

run();
