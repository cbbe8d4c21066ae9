import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-352");

rows("a guest gives none of its nodes away", [
  ["1", "WRITE data/a|1"],
  ["1", "SET_PERMS data/a|n2|", "!EPERM"],
  ["1", "SET_PERMS data/a|b0|", "!EPERM"],
  ["1", "SET_PERMS data/a|n32757|", "!EPERM"],
  ["1", "GET_PERMS data/a|", "n1|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["1.a", "SET_PERMS data/a|n2|", "!EPERM"],
  ["1.a", "TRANSACTION_END T|"],
  ["2", "SET_PERMS /local/domain/1/data/a|n2|", "!EACCES"],
  ["0", "GET_PERMS /local/domain/1/data/a|", "n1|"],
]);

run();
