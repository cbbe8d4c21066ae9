import { group } from "../support/rows.ts";

const { rows, run } = group("nodes");

const big = "v".repeat(4080);

rows(
  "the store at boot",
  [
    ["0", "DIRECTORY /|", "tool|"],
    ["0", "DIRECTORY /tool|", "xenstored|"],
    ["0", "READ /tool/xenstored|", ""],
    ["0", "GET_PERMS /|", "n0|"],
    ["0", "GET_PERMS /tool|", "n0|"],
    ["0", "GET_PERMS /tool/xenstored|", "n0|"],
  ],
  { domains: [] },
);

rows("READ and WRITE", [
  ["0", "READ /a|", "!ENOENT"],
  ["0", "WRITE /a|hello"],
  ["0", "READ /a|", "hello"],
  ["0", "WRITE /a|"],
  ["0", "READ /a|", ""],
  ["0", "WRITE /a|with|nul|"],
  ["0", "READ /a|", "with|nul|"],
  ["0", "WRITE /a|\u0000\u0001\u00ff\u0080"],
  ["0", "READ /a|", "|\u0001\u00ff\u0080"],
  ["0", `WRITE /a|${big}`],
  ["0", "READ /a|", big],
  ["0", "WRITE /|root"],
  ["0", "READ /|", "root"],
]);

rows("WRITE makes missing parents", [
  ["0", "WRITE /x/y/z|1"],
  ["0", "READ /x/y/z|", "1"],
  ["0", "READ /x/y|", ""],
  ["0", "READ /x|", ""],
  ["0", "DIRECTORY /x|", "y|"],
  ["0", "DIRECTORY /x/y|", "z|"],
  ["0", "DIRECTORY /x/y/z|", ""],
]);

rows("MKDIR", [
  ["0", "MKDIR /m|"],
  ["0", "READ /m|", ""],
  ["0", "WRITE /m|v"],
  ["0", "MKDIR /m|"],
  ["0", "READ /m|", "v"],
  ["0", "MKDIR /p/q/r|"],
  ["0", "DIRECTORY /p/q|", "r|"],
  ["0", "MKDIR /|"],
]);

rows("DIRECTORY is in order of creation, and a child made again goes to the end", [
  ["0", "MKDIR /d|"],
  ["0", "DIRECTORY /d|", ""],
  ["0", "MKDIR /d/b|"],
  ["0", "MKDIR /d/a|"],
  ["0", "MKDIR /d/c|"],
  ["0", "DIRECTORY /d|", "b|a|c|"],
  ["0", "DIRECTORY /d|", "b|a|c|"],
  ["0", "RM /d/a|"],
  ["0", "DIRECTORY /d|", "b|c|"],
  ["0", "MKDIR /d/a|"],
  ["0", "DIRECTORY /d|", "b|c|a|"],
  ["0", "RM /d/b|"],
  ["0", "RM /d/a|"],
  ["0", "DIRECTORY /d|", "c|"],
  ["0", "DIRECTORY /nothing|", "!ENOENT"],
]);

rows("RM", [
  ["0", "WRITE /r/s/t|1"],
  ["0", "WRITE /r/u|1"],
  ["0", "RM /r/s|"],
  ["0", "READ /r/s|", "!ENOENT"],
  ["0", "READ /r/s/t|", "!ENOENT"],
  ["0", "READ /r/u|", "1"],
  ["0", "RM /r/s|"],
  ["0", "RM /r/s/t|", "!ENOENT"],
  ["0", "RM /none/x|", "!ENOENT"],
  ["0", "RM /none|"],
  ["0", "RM /|", "!EINVAL"],
  ["0", "RM /r|"],
  ["0", "DIRECTORY /|", "tool|local|"],
  ["0", "WRITE /r/s/t|2"],
  ["0", "READ /r/s/t|", "2"],
  ["0", "READ /r/u|", "!ENOENT"],
]);

rows("DIRECTORY_PART", [
  ["0", "MKDIR /e|"],
  ["0", "DIRECTORY_PART /e|0|", "*"],
  ["0", "DIRECTORY_PART /e|0", "!EINVAL"],
  ["0", "DIRECTORY_PART /e|", "!EINVAL"],
  ["0", "DIRECTORY_PART /e|0|1|", "!EINVAL"],
  ["0", "DIRECTORY_PART /none|0|", "!ENOENT"],
  ["0", "DIRECTORY_PART /e//|0|", "!EINVAL"],
  ["1", "DIRECTORY_PART /e|0|", "!EACCES"],
]);

run();
