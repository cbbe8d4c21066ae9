import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-483");

rows(
  "every counter belongs to the domain, not to its number",
  [
    ["1", "WRITE data/a|"],
    ["1", "WRITE data/b|", "!ENOSPC"],
    ["1", "WATCH data|t|", "OK|", "1 data|t|"],
    ["1", "WATCH data|u|", "!ENOSPC"],
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.b", "TRANSACTION_START |", "!ENOSPC"],
    ["0", "SET_QUOTA 1|watches|1|"],
    ["0", "SET_QUOTA watches|2|"],
    ["host", "kill 1"],
    ["host", "exist 1"],
    ["0", "WRITE /local/domain/1/data|"],
    ["0", "SET_PERMS /local/domain/1/data|n1|"],
    ["0", "INTRODUCE 1|1|1|"],
    ["host", "name 1"],
    ["1", "WRITE data/a|"],
    ["1", "WRITE data/b|", "!ENOSPC"],
    ["1", "WATCH data|t|", "OK|", "1 data|t|"],
    ["1", "WATCH data|u|", "OK|", "1 data|u|"],
    ["1", "WATCH data|v|", "!ENOSPC"],
    ["1.c", "TRANSACTION_START |", "1|"],
    ["1.d", "TRANSACTION_START |", "!ENOSPC"],
    ["0", "CONTROL check|"],
  ],
  { args: ["--quota", "nodes=2", "-W", "1", "-t", "1"] },
);

run();
