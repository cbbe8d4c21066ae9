import { group } from "../support/rows.ts";

const { rows, run } = group("status as a tree");
const TOP =
  "version|uptime|program-uptime|connection|domain|memory|traffic|collector|slow|share|refusals|outage|recoveries|";

rows("the tree stands beside the real children of its place", [
  ["0", "DIRECTORY /tool/xenstored|", TOP],
  ["0", "WRITE /tool/xenstored/domid|9"],
  ["0", "READ /tool/xenstored/domid|", "9"],
  ["0", "DIRECTORY /tool/xenstored|", `domid|${TOP}`],
  ["0", "RM /tool/xenstored/domid|"],
  ["0", "DIRECTORY /tool/xenstored|", TOP],
]);

rows("it is read as any other", [
  ["0", "DIRECTORY /tool/xenstored/domain/1|", "*"],
  ["0", "READ /tool/xenstored/domain/1|", ""],
  ["0", "READ /tool/xenstored/domain/1/features|", "15"],
  ["0", "DIRECTORY /tool/xenstored/domain/1/nodes|", ""],
  ["0", "GET_PERMS /tool/xenstored/domain/1/nodes|", "n0|r1|"],
  ["0", "GET_PERMS /tool/xenstored/memory|", "n0|"],
  ["0", "READ /tool/xenstored/domain/01/nodes|", "!ENOENT"],
  ["0", "READ /tool/xenstored/domain/77|", "!ENOENT"],
  ["0", "READ /tool/xenstored/domain/1/nodes/deeper|", "!ENOENT"],
  ["0", "READ /tool/xenstored/else|", "!ENOENT"],
  ["0", "READ /tool/xenstored/|", "!EINVAL"],
  ["0", "READ /tool/xenstored/memory//nodes|", "!EINVAL"],
]);

rows("nobody writes there", [
  ["0", "WRITE /tool/xenstored/uptime|0", "!EROFS"],
  ["0", "WRITE /tool/xenstored/domain/1/nodes|0", "!EROFS"],
  ["0", "WRITE /tool/xenstored/memory/mine|0", "!EROFS"],
  ["0", "MKDIR /tool/xenstored/slow|", "!EROFS"],
  ["0", "RM /tool/xenstored/uptime|", "!EROFS"],
  ["0", "SET_PERMS /tool/xenstored/uptime|n0|", "!EROFS"],
  ["0.t", "TRANSACTION_START |", "*"],
  ["0.t", "WRITE /tool/xenstored/uptime|0", "!EROFS"],
  ["0.t", "TRANSACTION_END T|"],
  ["0", "WRITE /tool/xenstored/uptimes|mine"],
  ["0", "READ /tool/xenstored/uptimes|", "mine"],
  ["1", "WRITE /tool/xenstored/uptime|0", "!EACCES"],
  ["1", "RM /tool/xenstored/uptime|", "!EACCES"],
]);

rows("a guest sees its own part", [
  ["1", "READ /tool/xenstored/domain/1/features|", "15"],
  ["1", "DIRECTORY /tool/xenstored/domain/1|", "*"],
  ["1", "GET_PERMS /tool/xenstored/domain/1/nodes|", "n0|r1|"],
  ["1", "READ /tool/xenstored/domain/1/nothing|", "!ENOENT"],
  ["1", "READ /tool/xenstored/domain/2/nodes|", "!EACCES"],
  ["1", "READ /tool/xenstored/domain/2/nothing|", "!EACCES"],
  ["1", "READ /tool/xenstored/domain/0/nodes|", "!EACCES"],
  ["1", "READ /tool/xenstored/domain/77/nodes|", "!EACCES"],
  ["1", "DIRECTORY /tool/xenstored/domain|", "!EACCES"],
  ["1", "DIRECTORY /tool/xenstored|", "!EACCES"],
  ["1", "READ /tool/xenstored/version|", "!EACCES"],
  ["1", "READ /tool/xenstored/memory/nodes|", "!EACCES"],
  ["1", "GET_PERMS /tool/xenstored/memory|", "!EACCES"],
  ["0", "SET_TARGET 2|1|"],
  ["2", "READ /tool/xenstored/domain/1/features|", "15"],
]);

rows("in a transaction as outside, and no cause of a conflict", [
  ["0.t", "TRANSACTION_START |", "*"],
  ["0.t", "READ /tool/xenstored/memory/nodes|", "*"],
  ["0.t", "READ /tool/xenstored/domain/1/features|", "15"],
  ["0.t", "DIRECTORY /tool/xenstored/domain/77|", "!ENOENT"],
  ["0.t", "WRITE /seen|yes"],
  ["1", "WRITE data/a|1"],
  ["0.t", "READ /tool/xenstored/domain/1/features|", "15"],
  ["0.t", "TRANSACTION_END T|"],
]);

rows("a watch on it is accepted, and tells nothing after its first event", [
  ["0", "WATCH /tool/xenstored/domain/1|t|", "OK|", "0 /tool/xenstored/domain/1|t|"],
  ["1", "WRITE data/a|1"],
  ["0", "UNWATCH /tool/xenstored/domain/1|t|"],
]);

rows("DIRECTORY_PART, also where it takes more than one", [
  ["0", "DIRECTORY_PART /tool/xenstored/domain/1/nodes|0|", "*"],
  ["0", "DIRECTORY_PART /tool/xenstored/nothing|0|", "!ENOENT"],
  ["1", "DIRECTORY_PART /tool/xenstored/domain|0|", "!EACCES"],
]);

rows("the place itself can go, and come back", [
  ["0", "RM /tool/xenstored|"],
  ["0", "DIRECTORY /tool/xenstored|", "!ENOENT"],
  ["0", "WRITE /tool/xenstored/domid|9"],
  ["0", "DIRECTORY /tool/xenstored|", `domid|${TOP}`],
]);

run();
