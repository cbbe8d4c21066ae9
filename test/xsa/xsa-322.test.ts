import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-322");

rows("a number that comes again inherits neither rights nor nodes", [
  ["0", "WRITE /shared|s"],
  ["0", "SET_PERMS /shared|n0|b1|r2|"],
  ["2", "SET_PERMS data|n2|b1|"],
  ["1", "WRITE data/mine|1"],
  ["host", "kill 1"],
  ["host", "exist 1"],
  ["0", "INTRODUCE 1|1|4|"],
  ["host", "name 1"],
  ["1", "READ /shared|", "!EACCES"],
  ["1", "WRITE /shared|x", "!EACCES"],
  ["1", "READ /local/domain/2/data|", "!EACCES"],
  ["0", "READ /local/domain/1/data|", "!ENOENT"],
  ["0", "GET_PERMS /shared|", "n0|r2|"],
  ["0", "GET_PERMS /local/domain/2/data|", "n2|"],
]);

run();
