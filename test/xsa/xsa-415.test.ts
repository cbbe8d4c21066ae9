import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-415");

rows(
  "a creation that fails half way leaves no node without a parent",
  [
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.a", "MKDIR data/a/b/c/d|", "!ENOSPC"],
    ["1.a", "TRANSACTION_END T|", "!ENOSPC"],
    ["1", "MKDIR data/a/b/c/d|", "!ENOSPC"],
    ["1", "READ data/a|", "!ENOENT"],
    ["1", "DIRECTORY data|", ""],
    ["0", "CONTROL check|"],
    ["1", "MKDIR data/a/b|"],
    ["1", "DIRECTORY data|", "a|"],
  ],
  { args: ["--quota", "nodes=3"] },
);

run();
