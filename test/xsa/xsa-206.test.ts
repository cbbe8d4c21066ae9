import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-206");

rows("who writes all the time makes no transaction of others fail", [
  ["0.a", "TRANSACTION_START |", "1|"],
  ["0.a", "WRITE /local/domain/1/data/from-dom0|1"],
  ["0.a", "READ /local/domain/2/data|", ""],
  ["1", "WRITE data/a|1"],
  ["1", "WRITE data/a|2"],
  ["1", "WRITE data|its own directory"],
  ["1", "RM data/a|"],
  ["1", "WRITE data/b/c|3"],
  ["2.b", "TRANSACTION_START |", "1|"],
  ["2.b", "READ data|", ""],
  ["1", "WRITE data/d|4"],
  ["2.b", "WRITE data/x|1"],
  ["1", "WRITE data/d|5"],
  ["2.b", "TRANSACTION_END T|"],
  ["0.a", "TRANSACTION_END T|"],
  ["1", "READ data/from-dom0|", "1"],
]);

run();
