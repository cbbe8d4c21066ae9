import { group, type Row } from "../support/rows.ts";

const { rows, run } = group("XSA-72");

/** Names that, each with its NUL, take one byte more than a message has. */
const names = ["b", ...Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(i === 0 ? 199 : 204))];

rows("a reply longer than a message is E2BIG, and the connection works on", [
  ...names.map((name): Row => ["0", `MKDIR /local/domain/1/data/${name}|`]),
  ["1", "DIRECTORY data|", "!E2BIG"],
  ["1", "READ data|", ""],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["1.a", "DIRECTORY data|", "!E2BIG"],
  ["1.a", "TRANSACTION_END T|"],
  ["0", `RM /local/domain/1/data/${names[0]}|`],
  ["1", "DIRECTORY data|", `${names.slice(1).join("|")}|`],
]);

run();
