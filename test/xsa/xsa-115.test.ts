import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-115");

rows("events tell nothing of what the watcher may not read", [
  ["1", "WATCH /|all|", "OK|", "1 /|all|"],
  ["1", "WATCH /local/domain/2|two|", "OK|", "1 /local/domain/2|two|"],
  ["1", "WATCH /secret/name|exact|", "OK|", "1 /secret/name|exact|"],
  ["0", "WRITE /secret/name|1"],
  ["2", "WRITE data/private|1"],
  ["2", "RM data/private|"],
  ["0.a", "TRANSACTION_START |", "1|"],
  ["0.a", "WRITE /secret/other|1"],
  ["0.a", "RM /secret/name|"],
  ["0.a", "TRANSACTION_END T|"],
  ["0", "WRITE /secret/name|2"],
  ["0", "RM /secret|"],
  ["0", "WRITE /shown|1"],
  ["0", "SET_PERMS /shown|n0|r1|", "OK|", "1 /shown|all|"],
  ["0", "WRITE /shown|2", "OK|", "1 /shown|all|"],
  ["0", "SET_PERMS /shown|n0|", "OK|", "1 /shown|all|"],
  ["0", "WRITE /shown|3"],
  ["0", "RM /shown|"],
]);

run();
