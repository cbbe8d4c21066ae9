import { group } from "../support/rows.ts";

const { rows, run } = group("paths");

const long = "a".repeat(2100);

rows("characters and slashes", [
  ["0", "WRITE /az/AZ/09/-_@|x"],
  ["0", "READ /az/AZ/09/-_@|", "x"],
  ["0", "READ |", "!EINVAL"],
  ["0", "READ /az/|", "!EINVAL"],
  ["0", "READ //az|", "!EINVAL"],
  ["0", "READ /az//AZ|", "!EINVAL"],
  ["0", "READ /a+b|", "!EINVAL"],
  ["0", "READ /a.b|", "!EINVAL"],
  ["0", "READ /a b|", "!EINVAL"],
  ["0", "READ /a\u00e9|", "!EINVAL"],
  ["0", "WRITE /a+b|x", "!EINVAL"],
  ["0", "WRITE /az/|x", "!EINVAL"],
  ["0", "WRITE //|x", "!EINVAL"],
  ["0", "MKDIR //a|", "!EINVAL"],
  ["0", "WRITE //w|x", "!EINVAL"],
  ["0", "WRITE ///w|x", "!EINVAL"],
  ["0", "MKDIR //tool|", "!EINVAL"],
  ["0", "MKDIR /tool//a|", "!EINVAL"],
  ["0", "WRITE /tool/+|x", "!EINVAL"],
  ["0", "WRITE /+/a|x", "!EINVAL"],
  ["0", "MKDIR /az/|", "!EINVAL"],
  ["1", "MKDIR //a|", "!EINVAL"],
  ["1", "WRITE data//a|x", "!EINVAL"],
  ["0", "DIRECTORY /|", "tool|local|az|"],
  ["0", "CONTROL check|", "OK|"],
  ["0", "MKDIR /x//y|", "!EINVAL"],
  ["0", "RM /x//y|", "!EINVAL"],
  ["0", "RM /az/|", "!EINVAL"],
  ["0", "GET_PERMS /a*|", "!EINVAL"],
  ["0", "SET_PERMS /a*|n0|", "!EINVAL"],
  ["0", "WATCH /a*|t|", "!EINVAL"],
  ["0", "WATCH /a/|t|", "!EINVAL"],
  ["0", "DIRECTORY /az/AZ/|", "!EINVAL"],
  ["0", "READ /|", ""],
]);

rows("a request of one string has exactly one NUL, the last byte", [
  ["0", "READ /tool", "!EINVAL"],
  ["0", "READ", "!EINVAL"],
  ["0", "READ /tool||", "!EINVAL"],
  ["0", "READ /tool|x", "!EINVAL"],
  ["0", "DIRECTORY /|/|", "!EINVAL"],
  ["0", "MKDIR /q|q", "!EINVAL"],
  ["0", "RM /tool|x", "!EINVAL"],
  ["0", "GET_PERMS /tool", "!EINVAL"],
  ["0", "GET_DOMAIN_PATH 1||", "!EINVAL"],
  ["0", "IS_DOMAIN_INTRODUCED 1", "!EINVAL"],
  ["0", "RELEASE 1|x", "!EINVAL"],
  ["0", "WRITE /nonul", "!EINVAL"],
]);

rows("relative paths continue the domain's own", [
  ["0", "WRITE name|Domain-0"],
  ["0", "READ /local/domain/0/name|", "Domain-0"],
  ["1", "WRITE data/x|1"],
  ["0", "READ /local/domain/1/data/x|", "1"],
  ["1", "READ data/x|", "1"],
  ["1", "READ ./data|", "!EINVAL"],
  ["1", "READ data//x|", "!EINVAL"],
  ["2", "READ data/x|", "!ENOENT"],
  ["2", "READ /local/domain/1/data/x|", "!EACCES"],
]);

rows("a socket's relative paths continue the path of the store's own domain", [
  ["host", "connect s"],
  ["s", "WRITE a|1"],
  ["0", "READ /local/domain/9/a|", "1"],
]);

rows("special paths are no children and have permissions and watches only", [
  ["0", "DIRECTORY /|", "tool|local|"],
  ["0", "READ @releaseDomain|", "!EINVAL"],
  ["0", "WRITE @releaseDomain|x", "!EINVAL"],
  ["0", "WRITE @other|x", "!EINVAL"],
  ["0", "MKDIR @other|", "!EINVAL"],
  ["0", "RM @releaseDomain|", "!EINVAL"],
  ["0", "DIRECTORY @releaseDomain|", "!EINVAL"],
  ["0", "DIRECTORY_PART @releaseDomain|0|", "!EINVAL"],
  ["0", "GET_PERMS @releaseDomain|", "n0|r32757|"],
  ["0", "GET_PERMS @introduceDomain|", "n0|"],
  ["1", "GET_PERMS @releaseDomain|", "n0|r32757|"],
  ["1", "GET_PERMS @introduceDomain|", "!EACCES"],
  ["1", "GET_PERMS @other|", "!EACCES"],
  ["0", "GET_PERMS @other|", "!ENOENT"],
  ["0", "SET_PERMS @other|n0|", "!ENOENT"],
  ["0", "SET_PERMS @introduceDomain|n0|r1|"],
  ["1", "GET_PERMS @introduceDomain|", "n0|r1|"],
  ["1", "SET_PERMS @introduceDomain|n1|", "!EACCES"],
]);

rows("length: the quota binds guests, and not what their domain's prefix takes", [
  ["1", `READ data/${"a".repeat(2043)}|`, "!ENOENT"],
  ["1", `READ data/${"a".repeat(2044)}|`, "!EINVAL"],
  ["1", `READ /local/domain/1/data/${"a".repeat(2043)}|`, "!ENOENT"],
  ["1", `READ /local/domain/1/data/${"a".repeat(2044)}|`, "!EINVAL"],
  ["1", `READ /${"a".repeat(2047)}|`, "!EACCES"],
  ["1", `READ /${"a".repeat(2048)}|`, "!EINVAL"],
  ["0", `WRITE /${long}|x`],
  ["0", `READ /${long}|`, "x"],
]);

rows("XSA-481: the domain prefix without a number is just not valid", [
  ["1", "READ /local/domain/|", "!EINVAL"],
  ["0", "READ /local/domain/|", "!EINVAL"],
  ["1", `READ /local/domain/${"a".repeat(2040)}|`, "!EINVAL"],
]);

run();
