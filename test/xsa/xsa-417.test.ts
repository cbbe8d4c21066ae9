import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-417");

rows("a new domain of the same number gets nothing of the old, though nobody noticed the death", [
  ["0", "WRITE /shared|s"],
  ["0", "SET_PERMS /shared|n0|r1|"],
  ["1", "WRITE data/x|1"],
  ["host", "exist 1"],
  ["0", "INTRODUCE 1|1|4|"],
  ["host", "name 1"],
  ["1", "READ /shared|", "!EACCES"],
  ["1", "READ data/x|", "!EACCES"],
  ["0", "READ /local/domain/1/data|", "!ENOENT"],
]);

run();
