import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-419");

rows("nodes of a dead domain go, in whosever directory they are", [
  ["1", "SET_PERMS data|n1|b2|"],
  ["2", "WRITE /local/domain/1/data/two/a|1"],
  ["1", "WRITE data/one|1"],
  ["0", "WATCH /local/domain/1/data/two/a|w|", "OK|", "0 /local/domain/1/data/two/a|w|"],
  ["host", "kill 2"],
  ["0", "DIRECTORY /local/domain/1/data|", "one|", "0 /local/domain/1/data/two/a|w|"],
  ["0", "GET_PERMS /local/domain/1/data|", "n1|"],
  ["0", "READ /local/domain/2/data|", "!ENOENT"],
  ["0", "CONTROL check|"],
]);

run();
