import { group } from "../support/rows.ts";

const { rows, run } = group("transactions");

rows("START and END", [
  ["0.a", "TRANSACTION_START |", "1|"],
  ["0.b", "TRANSACTION_START", "2|"],
  ["0.a", "TRANSACTION_START |", "!EBUSY"],
  ["0.77", "TRANSACTION_END T|", "!ENOENT"],
  ["0", "TRANSACTION_END T|", "!ENOENT"],
  ["0.a", "TRANSACTION_END X|", "!EINVAL"],
  ["0.a", "TRANSACTION_END T", "!EINVAL"],
  ["0.a", "TRANSACTION_END |", "!EINVAL"],
  ["0.a", "TRANSACTION_END T|"],
  ["0.1", "TRANSACTION_END T|", "!ENOENT"],
  ["0.b", "TRANSACTION_END F|"],
  ["0.c", "TRANSACTION_START |", "3|"],
]);

rows("own changes are seen inside, not outside, and count at once at the end", [
  ["0", "WRITE /a/old|1"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "WRITE /a/old|2"],
  ["0.t", "WRITE /a/new/deep|3"],
  ["0.t", "MKDIR /a/dir|"],
  ["0.t", "SET_PERMS /a/old|n0|r1|"],
  ["0.t", "READ /a/old|", "2"],
  ["0.t", "READ /a/new/deep|", "3"],
  ["0.t", "READ /a/new|", ""],
  ["0.t", "DIRECTORY /a|", "old|new|dir|"],
  ["0.t", "DIRECTORY /a/new|", "deep|"],
  ["0.t", "GET_PERMS /a/old|", "n0|r1|"],
  ["0.t", "GET_PERMS /a/new/deep|", "n0|"],
  ["0", "READ /a/old|", "1"],
  ["0", "READ /a/new|", "!ENOENT"],
  ["0", "DIRECTORY /a|", "old|"],
  ["0.t", "TRANSACTION_END T|"],
  ["0", "READ /a/old|", "2"],
  ["0", "DIRECTORY /a|", "old|new|dir|"],
  ["0", "GET_PERMS /a/old|", "n0|r1|"],
]);

rows("F throws everything away", [
  ["0", "WATCH /|w|", "OK|", "0 /|w|"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "WRITE /x/y|1"],
  ["0.t", "RM /tool|"],
  ["0.t", "TRANSACTION_END F|"],
  ["0", "READ /x|", "!ENOENT"],
  ["0", "READ /tool|", ""],
]);

rows("removal inside", [
  ["0", "WRITE /a/b/c|1"],
  ["0", "WRITE /a/d|1"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "RM /a/b|"],
  ["0.t", "READ /a/b|", "!ENOENT"],
  ["0.t", "READ /a/b/c|", "!ENOENT"],
  ["0.t", "DIRECTORY /a|", "d|"],
  ["0.t", "RM /a/b|"],
  ["0.t", "RM /a/b/c|", "!ENOENT"],
  ["0.t", "RM /|", "!EINVAL"],
  ["0.t", "WRITE /a/b/e|2"],
  ["0.t", "DIRECTORY /a/b|", "e|"],
  ["0.t", "DIRECTORY /a|", "d|b|"],
  ["0", "DIRECTORY /a/b|", "c|"],
  ["0.t", "TRANSACTION_END T|"],
  ["0", "DIRECTORY /a|", "d|b|"],
  ["0", "DIRECTORY /a/b|", "e|"],
  ["0", "READ /a/b/c|", "!ENOENT"],
]);

rows("a change after a removal above it counts, in whatever order they came", [
  ["0", "WRITE /x/y|0"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "WRITE /x/y|1"],
  ["0.t", "RM /x|"],
  ["0.t", "WRITE /x/y|2"],
  ["0.t", "RM /x/y|"],
  ["0.t", "WRITE /x/y|3"],
  ["0.t", "TRANSACTION_END T|"],
  ["0", "READ /x/y|", "3"],
  ["0", "DIRECTORY /x|", "y|"],
]);

rows("a removal is told of, although what was above it went as well", [
  ["0", "WRITE /device/vif/0/state|4"],
  ["0", "WATCH /device|w|", "OK|", "0 /device|w|"],
  ["0", "WATCH /device/vif/0/state|x|", "OK|", "0 /device/vif/0/state|x|"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "RM /device/vif/0|"],
  ["0.t", "RM /device/vif|"],
  ["0.t", "READ /device/vif/0|", "!ENOENT"],
  ["0.t", "TRANSACTION_END T|", "OK|", "0 /device/vif/0/state|x|", "0 /device/vif/0|w|", "0 /device/vif|w|"],
  ["0", "READ /device/vif|", "!ENOENT"],
  ["0", "WRITE /device/vif/0/state|4", "OK|", "0 /device/vif/0/state|w|", "0 /device/vif/0/state|x|"],
  ["0.t", "TRANSACTION_START |", "2|"],
  ["0.t", "RM /device/vif/0|"],
  ["0.t", "RM /device/vif|"],
  ["0.t", "WRITE /device/vif/0/state|1"],
  ["0.t", "READ /device/vif/0/state|", "1"],
  [
    "0.t",
    "TRANSACTION_END T|",
    "OK|",
    "0 /device/vif/0|w|",
    "0 /device/vif/0/state|x|",
    "0 /device/vif|w|",
    "0 /device/vif/0/state|w|",
    "0 /device/vif/0/state|x|",
  ],
  ["0", "READ /device/vif/0/state|", "1"],
]);

rows("every read sees the store as it was at START", [
  ["0", "WRITE /a|1"],
  ["0", "WRITE /b|1"],
  ["0", "WRITE /d/x|1"],
  ["0", "WRITE /d/y|1"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0", "WRITE /a|2"],
  ["0", "WRITE /a|3"],
  ["0", "RM /b|"],
  ["0", "WRITE /c|1"],
  ["0", "RM /d/x|"],
  ["0", "WRITE /d/z|1"],
  ["0", "WRITE /d/x|2"],
  ["0", "SET_PERMS /a|n1|"],
  ["0.t", "READ /a|", "1"],
  ["0.t", "READ /b|", "1"],
  ["0.t", "READ /c|", "!ENOENT"],
  ["0.t", "DIRECTORY /d|", "x|y|"],
  ["0.t", "READ /d/x|", "1"],
  ["0.t", "READ /d/z|", "!ENOENT"],
  ["0.t", "GET_PERMS /a|", "n0|"],
  ["0", "DIRECTORY /d|", "y|z|x|"],
  ["0.t", "TRANSACTION_END T|"],
]);

rows("a removed subtree is still seen, also where it was made anew", [
  ["0", "WRITE /d/s/t|1"],
  ["0", "WRITE /d/s/u|1"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0", "RM /d|"],
  ["0", "WRITE /d/s/v|2"],
  ["0.u", "TRANSACTION_START |", "2|"],
  ["0", "RM /d|"],
  ["0.t", "DIRECTORY /d/s|", "t|u|"],
  ["0.t", "READ /d/s/t|", "1"],
  ["0.t", "READ /d/s/v|", "!ENOENT"],
  ["0.u", "DIRECTORY /d/s|", "v|"],
  ["0.u", "READ /d/s/v|", "2"],
  ["0.u", "READ /d/s/t|", "!ENOENT"],
  ["0", "READ /d|", "!ENOENT"],
  ["0.t", "TRANSACTION_END T|"],
  ["0.u", "DIRECTORY /d|", "s|"],
  ["0.u", "TRANSACTION_END T|"],
]);

rows("what was read and differs now conflicts", [
  ["0", "WRITE /a|1"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "READ /a|", "1"],
  ["0.t", "WRITE /b|1"],
  ["0", "WRITE /a|2"],
  ["0.t", "TRANSACTION_END T|", "!EAGAIN"],
  ["0", "READ /b|", "!ENOENT"],
  ["0.1", "READ /a|", "!ENOENT"],
  ["0.t", "TRANSACTION_START |", "2|"],
  ["0.t", "READ /a|", "2"],
  ["0.t", "WRITE /b|1"],
  ["0", "WRITE /a|3"],
  ["0", "WRITE /a|2"],
  ["0.t", "TRANSACTION_END T|"],
]);

rows("permissions, children and missing names that were read conflict", [
  ["0", "WRITE /a|1"],
  ["0.p", "TRANSACTION_START |", "1|"],
  ["0.c", "TRANSACTION_START |", "2|"],
  ["0.m", "TRANSACTION_START |", "3|"],
  ["0.p", "GET_PERMS /a|", "n0|"],
  ["0.c", "DIRECTORY /a|", ""],
  ["0.m", "READ /a/x|", "!ENOENT"],
  ["0.p", "WRITE /p|"],
  ["0.c", "WRITE /c|"],
  ["0.m", "WRITE /m|"],
  ["0", "WRITE /a/x|"],
  ["0", "SET_PERMS /a|n1|"],
  ["0.p", "TRANSACTION_END T|", "!EAGAIN"],
  ["0.c", "TRANSACTION_END T|", "!EAGAIN"],
  ["0.m", "TRANSACTION_END T|", "!EAGAIN"],
]);

rows("a transaction that only reads never fails", [
  ["0", "WRITE /a|1"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "READ /a|", "1"],
  ["0.t", "DIRECTORY /|", "tool|local|a|"],
  ["0", "WRITE /a|2"],
  ["0", "WRITE /z|2"],
  ["0.t", "TRANSACTION_END T|"],
]);

rows("siblings and blind writes do not conflict", [
  ["0", "WRITE /d|"],
  ["0.a", "TRANSACTION_START |", "1|"],
  ["0.b", "TRANSACTION_START |", "2|"],
  ["0.a", "WRITE /d/a|1"],
  ["0.b", "WRITE /d/b|1"],
  ["0.a", "WRITE /new/a|1"],
  ["0.b", "WRITE /new/b|1"],
  ["0.a", "WRITE /blind|1"],
  ["0.b", "WRITE /blind|2"],
  ["0.a", "TRANSACTION_END T|"],
  ["0.b", "TRANSACTION_END T|"],
  ["0", "DIRECTORY /d|", "a|b|"],
  ["0", "DIRECTORY /new|", "a|b|"],
  ["0", "READ /blind|", "2"],
]);

rows("siblings of guests do not conflict either", [
  ["0", "WRITE /g|"],
  ["0", "SET_PERMS /g|b0|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["2.b", "TRANSACTION_START |", "1|"],
  ["1.a", "WRITE /g/one|1"],
  ["2.b", "WRITE /g/two|1"],
  ["1.a", "TRANSACTION_END T|"],
  ["2.b", "TRANSACTION_END T|"],
  ["0", "DIRECTORY /g|", "one|two|"],
  ["0", "GET_PERMS /g/two|", "b2|"],
]);

rows("a guest's creation below what changed its permissions conflicts", [
  ["0", "WRITE /g|"],
  ["0", "SET_PERMS /g|b0|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["1.a", "WRITE /g/one|1"],
  ["0", "SET_PERMS /g|n0|"],
  ["1.a", "TRANSACTION_END T|", "!EAGAIN"],
  ["0", "READ /g/one|", "!ENOENT"],
]);

rows("creation below what is gone", [
  ["0", "WRITE /g/h|"],
  ["0", "SET_PERMS /g/h|n1|"],
  ["0.a", "TRANSACTION_START |", "1|"],
  ["0.a", "WRITE /g/h/one|1"],
  ["0", "RM /g|"],
  ["0.a", "TRANSACTION_END T|", "!EAGAIN"],
]);

rows("events of a commit: before its OK, one for each changed path, in order of first change", [
  ["0", "WATCH /|w|", "OK|", "0 /|w|"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "WRITE /b|1"],
  ["0.t", "WRITE /a/x/y|1"],
  ["0.t", "WRITE /b|2"],
  ["0.t", "MKDIR /c|"],
  ["0.t", "SET_PERMS /b|n1|"],
  ["0.t", "WRITE /gone|1"],
  ["0.t", "RM /gone|"],
  ["0.t", "MKDIR /tool|"],
  ["0.t", "RM /local|"],
  ["0.t", "TRANSACTION_END T|", "OK|", "0 /b|w|", "0 /a/x/y|w|", "0 /c|w|", "0 /local|w|"],
]);

rows("a subtree removed in a transaction is told as RM tells it", [
  ["0", "WRITE /s/a|1"],
  ["0", "WRITE /s/b|1"],
  ["0", "WATCH /s/a|a|", "OK|", "0 /s/a|a|"],
  ["0", "WATCH /s/b|b|", "OK|", "0 /s/b|b|"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "RM /s|"],
  ["0.t", "WRITE /s/b|2"],
  ["0.t", "TRANSACTION_END T|", "OK|", "0 /s/a|a|", "0 /s/b|b|", "0 /s/b|b|"],
]);

rows("events of a commit are for those who may read now, or could read what is gone", [
  ["0", "WRITE /v/secret|"],
  ["0", "WRITE /v/open|"],
  ["0", "SET_PERMS /v/open|r0|"],
  ["1", "WATCH /v|t|", "OK|", "1 /v|t|"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "WRITE /v/secret|1"],
  ["0.t", "WRITE /v/new|1"],
  ["0.t", "SET_PERMS /v/new|n0|r1|"],
  ["0.t", "RM /v/open|"],
  ["0.t", "TRANSACTION_END T|", "OK|", "1 /v/new|t|", "1 /v/open|t|"],
]);

rows("what comes back in a transaction is told to who could read what it was, or can read what it is", [
  ["0", "WRITE /v/n|1"],
  ["0", "SET_PERMS /v/n|n0|r1|"],
  ["1", "WATCH /v/n|t|", "OK|", "1 /v/n|t|"],
  ["2", "WATCH /v/n|t|", "OK|", "2 /v/n|t|"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "RM /v/n|"],
  ["0.t", "WRITE /v/n|2"],
  ["0.t", "TRANSACTION_END T|", "OK|", "1 /v/n|t|"],
  ["0.t", "TRANSACTION_START |", "2|"],
  ["0.t", "RM /v|"],
  ["0.t", "WRITE /v/n|3"],
  ["0.t", "SET_PERMS /v/n|n0|r2|"],
  ["0.t", "TRANSACTION_END T|", "OK|", "2 /v/n|t|"],
]);

rows(
  "quotas: transactions",
  [
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.b", "TRANSACTION_START |", "2|"],
    ["1", "TRANSACTION_START |", "!ENOSPC"],
    ["1.a", "TRANSACTION_END F|"],
    ["1.c", "TRANSACTION_START |", "3|"],
    ["0", "TRANSACTION_START |", "1|"],
    ["0", "TRANSACTION_START |", "2|"],
    ["0", "TRANSACTION_START |", "3|"],
  ],
  { args: ["-t2"] },
);

rows(
  "a quota met inside: the operation fails, END fails once, the slot is free",
  [
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.a", "WRITE data/a|1"],
    ["1.a", "WRITE data/b|1"],
    ["1.a", "WRITE data/c|1", "!ENOSPC"],
    // It keeps nothing from here on.
    ["1.a", "READ data/a|", "!ENOSPC"],
    ["1.a", "TRANSACTION_END T|", "!ENOSPC"],
    ["1", "READ data/a|", "!ENOENT"],
    ["1.a", "TRANSACTION_START |", "2|"],
  ],
  { args: ["--entry-nb=3", "--transaction=1"] },
);

rows(
  "a quota met only at the end: nothing of it counts (XSA-421)",
  [
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.a", "WRITE data/a|1"],
    ["1.a", "WRITE data/b|1"],
    ["1", "WRITE data/c|1"],
    ["1.a", "TRANSACTION_END T|", "!ENOSPC"],
    ["1", "DIRECTORY data|", "c|"],
    ["1", "WRITE data/d|1"],
    ["1", "WRITE data/e|1", "!ENOSPC"],
    ["1", "RM data/c|"],
    ["1", "WRITE data/e|1"],
  ],
  { args: ["--entry-nb=3"] },
);

rows("what is hidden by a node that goes, and that the transaction's own writes would make again", [
  ["0", "WRITE /p/q|"],
  ["0", "SET_PERMS /p|w0|"],
  ["0", "SET_PERMS /p/q|w0|"],
  ["1.t", "TRANSACTION_START |", "1|"],
  ["1.t", "WRITE /p/q/mine|x"],
  ["1.t", "READ /p/q/other|", "!EACCES"],
  ["0", "RM /p/q|"],
  ["1.t", "TRANSACTION_END T|", "!EAGAIN"],
]);

rows("what was written and went meanwhile inherits nothing from permissions set after it", [
  ["0", "WRITE /p/n|old"],
  ["0.t", "TRANSACTION_START |", "1|"],
  ["0.t", "WRITE /p/n|new"],
  ["0.t", "SET_PERMS /p|n0|r1|"],
  ["0", "RM /p/n|"],
  ["0.t", "TRANSACTION_END T|", "!EAGAIN"],
  ["0", "READ /p/n|", "!ENOENT"],
  ["0", "GET_PERMS /p|", "n0|"],
]);

run();
