import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-440");

rows(
  "a conflict leaves the accounts as they were",
  [
    ["1", "WRITE data/a/b|1"],
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.a", "READ data|", ""],
    ["1.a", "RM data/a|"],
    ["1.a", "WRITE data/new|12345"],
    ["0", "WRITE /local/domain/1/data|changed"],
    ["1.a", "TRANSACTION_END T|", "!EAGAIN"],
    ["1.b", "TRANSACTION_START |", "2|"],
    ["1.b", "RM data/a|"],
    ["1.b", "READ data|", "changed"],
    ["1", "WRITE data|again"],
    ["1.b", "TRANSACTION_END T|", "!EAGAIN"],
    ["0", "CONTROL check|"],
    ["1", "WRITE data/c|"],
    ["1", "WRITE data/d|", "!ENOSPC"],
  ],
  { args: ["--quota", "nodes=4"] },
);

run();
