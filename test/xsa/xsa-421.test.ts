import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-421");

rows(
  "several transactions together do not get past the quota of nodes",
  [
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.b", "TRANSACTION_START |", "2|"],
    ["1.a", "WRITE data/a|"],
    ["1.a", "WRITE data/b|"],
    ["1.a", "WRITE data/c|", "!ENOSPC"],
    ["1.b", "WRITE data/d|"],
    ["1.b", "WRITE data/e|"],
    ["1.c", "TRANSACTION_START |", "3|"],
    ["1.c", "WRITE data/f|"],
    ["1.a", "TRANSACTION_END T|", "!ENOSPC"],
    ["1.b", "TRANSACTION_END T|"],
    ["1.c", "TRANSACTION_END T|", "!ENOSPC"],
    ["1", "DIRECTORY data|", "d|e|"],
    ["1", "WRITE data/g|", "!ENOSPC"],
    ["0", "CONTROL check|"],
  ],
  { args: ["--quota", "nodes=3"] },
);

run();
