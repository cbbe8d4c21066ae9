import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-353");

rows("the root has permissions as any node", [
  ["1", "READ /|", "!EACCES"],
  ["1", "DIRECTORY /|", "!EACCES"],
  ["1", "GET_PERMS /|", "!EACCES"],
  ["1", "WRITE /|x", "!EACCES"],
  ["1", "MKDIR /x|", "!EACCES"],
  ["1", "SET_PERMS /|b1|", "!EACCES"],
  ["1", "RM /|", "!EINVAL"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["1.a", "WRITE /|x", "!EACCES"],
  ["1.a", "SET_PERMS /|b1|", "!EACCES"],
  ["1.a", "TRANSACTION_END T|"],
  ["0", "GET_PERMS /|", "n0|"],
  ["0", "SET_PERMS /|n0|r1|"],
  ["1", "DIRECTORY /|", "tool|local|"],
  ["1", "WRITE /|x", "!EACCES"],
]);

run();
