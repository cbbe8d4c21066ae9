import { group } from "../support/rows.ts";

const { rows, run } = group("messages");

rows("types that are no request", [
  ["0", "WATCH_EVENT x|y|", "!ENOSYS"],
  ["0", "ERROR EINVAL|", "!ENOSYS"],
  ["0", "RESTRICT 1|", "!ENOSYS"],
  ["1", "RESTRICT 1|", "!ENOSYS"],
  ["0", "27 x|", "!ENOSYS"],
  ["0", "128 1|", "!ENOSYS"],
  ["0", "65535 |", "!ENOSYS"],
  ["0", "4294967295 |", "!ENOSYS"],
  ["1", "4294967295 |", "!ENOSYS"],
]);

rows("an unprivileged caller is refused before the transaction is looked at", [
  ["1", "INTRODUCE 3|1|1|", "!EACCES"],
  ["1.77", "INTRODUCE 3|1|1|", "!EACCES"],
  ["1", "RELEASE 2|", "!EACCES"],
  ["1", "RESUME 2|", "!EACCES"],
  ["1", "SET_TARGET 1|2|", "!EACCES"],
  ["1", "IS_DOMAIN_INTRODUCED 1|", "!EACCES"],
  ["1.77", "RELEASE 2|", "!EACCES"],
  ["1.77", "27 |", "!ENOSYS"],
]);

rows("an unknown transaction is ENOENT, but for WATCH and UNWATCH", [
  ["0.77", "READ /tool|", "!ENOENT"],
  ["0.77", "READ /a//b|", "!ENOENT"],
  ["0.77", "WRITE /tool|x", "!ENOENT"],
  ["0.77", "DIRECTORY /|", "!ENOENT"],
  ["0.77", "TRANSACTION_END T|", "!ENOENT"],
  ["0.77", "RESET_WATCHES |", "!ENOENT"],
  ["0.77", "RELEASE 1|", "!ENOENT"],
  ["0.77", "WATCH /x|t|", "OK|", "0 /x|t|"],
  ["0.77", "UNWATCH /x|t|"],
]);

rows(
  "a transaction is its connection's own",
  [
    ["0.a", "TRANSACTION_START |", "1|"],
    ["1.1", "READ data|", "!ENOENT"],
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.1", "READ data|", ""],
  ],
  { steady: true },
);

rows("a reply longer than a message is E2BIG", [
  ["0", `WRITE /d/${"a".repeat(2000)}|`],
  ["0", `WRITE /d/${"b".repeat(2000)}|`],
  ["0", "DIRECTORY /d|", `${"a".repeat(2000)}|${"b".repeat(2000)}|`],
  ["0", `WRITE /d/${"c".repeat(93)}|`],
  ["0", "DIRECTORY /d|", `${"a".repeat(2000)}|${"b".repeat(2000)}|${"c".repeat(93)}|`],
  ["0", "WRITE /d/e|"],
  ["0", "DIRECTORY /d|", "!E2BIG"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "DIRECTORY /d|", "!E2BIG"],
  ["0.t", "TRANSACTION_END T|"],
]);

run();
