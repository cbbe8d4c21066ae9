import { group, type Row } from "../support/rows.ts";

const { rows, run } = group("XSA-481");

rows("the domains' directory with a slash and no number is just no path", [
  ...["READ", "DIRECTORY", "GET_PERMS", "MKDIR", "RM"].flatMap((op): Row[] => [
    ["1", `${op} /local/domain/|`, "!EINVAL"],
    ["0", `${op} /local/domain/|`, "!EINVAL"],
  ]),
  ["1", "WRITE /local/domain/|x", "!EINVAL"],
  ["1", "SET_PERMS /local/domain/|n1|", "!EINVAL"],
  ["1", "WATCH /local/domain/|t|", "!EINVAL"],
  ["1", "UNWATCH /local/domain/|t|", "!EINVAL"],
  ["1", "DIRECTORY_PART /local/domain/|0|", "!EINVAL"],
  ["1", "READ /local/domain//|", "!EINVAL"],
  ["1", "READ data|", ""],
]);

run();
