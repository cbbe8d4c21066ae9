import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-414");

rows("a node whose permissions cannot be asked for any more is no event for who could not read it", [
  ["2", "WATCH /local/domain/1/data|w|", "OK|", "2 /local/domain/1/data|w|"],
  ["2", "WATCH /local/domain/1/data/a/b|w|", "OK|", "2 /local/domain/1/data/a/b|w|"],
  ["1", "WRITE data/a/b|1"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["1.a", "RM data/a|"],
  ["1.a", "WRITE data/a/b|2"],
  ["1.a", "RM data/a/b|"],
  ["1.a", "WRITE data/new|3"],
  ["1.a", "RM data/new|"],
  ["1.a", "TRANSACTION_END T|"],
  ["1", "RM data/a|"],
  ["host", "kill 1"],
  ["0", "CONTROL check|"],
]);

run();
