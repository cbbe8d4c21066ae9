import { group } from "../support/rows.ts";

const { rows, run } = group("watches");

rows("WATCH: the reply, then one event", [
  ["0", "WATCH /a|t|", "OK|", "0 /a|t|"],
  ["0", "WATCH /a|t|", "!EEXIST"],
  ["0", "WATCH /a|t|1|", "!EEXIST"],
  ["0", "WATCH /a|u|", "OK|", "0 /a|u|"],
  ["0", "WATCH rel|t|", "OK|", "0 rel|t|"],
  ["0", "WATCH /local/domain/0/rel|t|", "!EEXIST"],
  ["0", "WATCH /a|", "!EINVAL"],
  ["0", "WATCH |t|", "!EINVAL"],
  ["0", "WATCH /a|t|1|2|", "!EINVAL"],
  ["0", "WATCH /a||", "OK|", "0 /a||"],
  ["0", "WATCH @any|t|", "OK|", "0 @any|t|"],
  ["1", "WATCH /tool|t|", "OK|", "1 /tool|t|"],
]);

rows("UNWATCH", [
  ["0", "UNWATCH /a|t|", "!ENOENT"],
  ["0", "WATCH /a|t|", "OK|", "0 /a|t|"],
  ["0", "UNWATCH /a|u|", "!ENOENT"],
  ["1", "UNWATCH /a|t|", "!ENOENT"],
  ["0", "UNWATCH /a|t|1|", "!EINVAL"],
  ["0", "UNWATCH /a|", "!EINVAL"],
  ["0", "UNWATCH /a|t|"],
  ["0", "UNWATCH /a|t|", "!ENOENT"],
  ["0", "WRITE /a|x"],
]);

rows("what fires, and for whom", [
  ["0", "WATCH /a|t|", "OK|", "0 /a|t|"],
  ["0", "WRITE /a|1", "OK|", "0 /a|t|"],
  ["0", "WRITE /a|1", "OK|", "0 /a|t|"],
  ["0", "WRITE /a/b|1", "OK|", "0 /a/b|t|"],
  ["0", "WRITE /a/c/d/e|1", "OK|", "0 /a/c/d/e|t|"],
  ["0", "WRITE /ab|1"],
  ["0", "MKDIR /a|"],
  ["0", "MKDIR /a/f|", "OK|", "0 /a/f|t|"],
  ["0", "SET_PERMS /a|n0|", "OK|", "0 /a|t|"],
  ["0", "READ /a|", "1"],
  ["0", "RM /a/none|"],
  ["0", "RM /a/none/x|", "!ENOENT"],
  ["0", "RM /a/b|", "OK|", "0 /a/b|t|"],
  ["0", "RM /a/c|", "OK|", "0 /a/c|t|"],
  ["0", "RM /a|", "OK|", "0 /a|t|"],
  ["0", "WRITE /a|again", "OK|", "0 /a|t|"],
  ["0", "WRITE /a//b|", "!EINVAL"],
]);

rows("a watch on the root sees all but special paths", [
  ["0", "WATCH /|r|", "OK|", "0 /|r|"],
  ["0", "WRITE /|x", "OK|", "0 /|r|"],
  ["0", "WRITE /x/y|x", "OK|", "0 /x/y|r|"],
  ["0", "SET_PERMS @introduceDomain|n0|"],
  ["0", "RM /x|", "OK|", "0 /x|r|"],
]);

rows("RM tells each watched node below, children before parents", [
  ["0", "WRITE /a/b/c|"],
  ["0", "WRITE /a/d|"],
  ["0", "WATCH /a/d|4|", "OK|", "0 /a/d|4|"],
  ["0", "WATCH /a/b|2|", "OK|", "0 /a/b|2|"],
  ["0", "WATCH /a/b/c|1|", "OK|", "0 /a/b/c|1|"],
  ["0", "WATCH /a/b/none|3|", "OK|", "0 /a/b/none|3|"],
  ["0", "WATCH /a|5|", "OK|", "0 /a|5|"],
  ["0", "WATCH /|6|", "OK|", "0 /|6|"],
  ["0", "RM /a|", "OK|", "0 /a/b/c|1|", "0 /a/b|2|", "0 /a/d|4|", "0 /a|5|", "0 /a|6|"],
  ["0", "WRITE /a/b/none|", "OK|", "0 /a/b/none|2|", "0 /a/b/none|3|", "0 /a/b/none|5|", "0 /a/b/none|6|"],
]);

rows("depth", [
  ["0", "WATCH /a|0|0|", "OK|", "0 /a|0|"],
  ["0", "WATCH /a|1|1|", "OK|", "0 /a|1|"],
  ["0", "WATCH /a|2|2|", "OK|", "0 /a|2|"],
  ["0", "WRITE /a|", "OK|", "0 /a|0|", "0 /a|1|", "0 /a|2|"],
  ["0", "WRITE /a/b|", "OK|", "0 /a/b|1|", "0 /a/b|2|"],
  ["0", "WRITE /a/b/c|", "OK|", "0 /a/b/c|2|"],
  ["0", "WRITE /a/b/c/d|", "OK|"],
  ["0", "WATCH /a/b/c|3|0|", "OK|", "0 /a/b/c|3|"],
  ["0", "RM /a/b|", "OK|", "0 /a/b/c|3|", "0 /a/b|1|", "0 /a/b|2|"],
  ["0", "WATCH /a|x|-1|", "!EINVAL"],
  ["0", "WATCH /a|x|junk|", "!EINVAL"],
  ["0", "WATCH /a|x||", "!EINVAL"],
  ["0", "WATCH /a|x|1x|", "!EINVAL"],
  ["0", "WATCH @introduceDomain|x|0|", "!EINVAL"],
  ["0", "WATCH @introduceDomain|x|2|", "!EINVAL"],
  ["0", "WATCH @introduceDomain|x|1|", "OK|", "0 @introduceDomain|x|"],
  ["0", "WATCH @releaseDomain|x|1|", "OK|", "0 @releaseDomain|x|"],
  ["0", "WATCH @releaseDomain/5|x|1|", "!EINVAL"],
  ["0", "WATCH @releaseDomain/5|x|", "OK|", "0 @releaseDomain/5|x|"],
]);

rows("a relative watch gets relative paths", [
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["1", "WATCH /local/domain/1/data|a|", "OK|", "1 /local/domain/1/data|a|"],
  ["1", "WRITE data|x", "OK|", "1 data|t|", "1 /local/domain/1/data|a|"],
  ["0", "WRITE /local/domain/1/data/y|x", "OK|", "1 data/y|t|", "1 /local/domain/1/data/y|a|"],
]);

rows("several watchers: each in the order of its own registrations", [
  ["0", "WRITE /a/b|"],
  ["0", "WATCH /a/b|first|", "OK|", "0 /a/b|first|"],
  ["0", "WATCH /|second|", "OK|", "0 /|second|"],
  ["0", "WATCH /a|third|", "OK|", "0 /a|third|"],
  ["1", "WATCH /a|one|", "OK|", "1 /a|one|"],
  ["0", "SET_PERMS /a/b|r0|", "OK|", "0 /a/b|first|", "0 /a/b|second|", "0 /a/b|third|", "1 /a/b|one|"],
]);

rows("events tell nothing that could not be read", [
  ["0", "WRITE /s/open|"],
  ["0", "SET_PERMS /s/open|r0|"],
  ["1", "WATCH /s|t|", "OK|", "1 /s|t|"],
  ["0", "WRITE /s|x"],
  ["0", "WRITE /s/hidden|x"],
  ["0", "WRITE /s/open|x", "OK|", "1 /s/open|t|"],
  ["0", "WRITE /s/open/child|x", "OK|", "1 /s/open/child|t|"],
  ["0", "SET_PERMS /s/open/child|n0|", "OK|", "1 /s/open/child|t|"],
  ["0", "WRITE /s/open/child|parent is readable", "OK|", "1 /s/open/child|t|"],
  ["0", "SET_PERMS /s/open|n0|", "OK|", "1 /s/open|t|"],
  ["0", "WRITE /s/open|x"],
  ["0", "SET_PERMS /s/hidden|n0|r1|", "OK|", "1 /s/hidden|t|"],
  ["0", "RM /s/hidden|", "OK|", "1 /s/hidden|t|"],
  ["0", "RM /s|"],
]);

rows("RESET_WATCHES takes watches and transactions, from within one as well (XSA-484)", [
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["1.x", "TRANSACTION_START |", "1|"],
  ["1.y", "TRANSACTION_START |", "2|"],
  ["1.x", "WRITE data/q|1"],
  ["1.x", "RESET_WATCHES |"],
  ["1.1", "READ data|", "!ENOENT"],
  ["1.2", "TRANSACTION_END T|", "!ENOENT"],
  ["1", "WRITE data|x"],
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["1", "RESET_WATCHES |"],
  ["1", "RESET_WATCHES"],
]);

rows(
  "watches quota",
  [
    ["1", "WATCH data|1|", "OK|", "1 data|1|"],
    ["1", "WATCH data|2|", "OK|", "1 data|2|"],
    ["1", "WATCH data|3|", "!ENOSPC"],
    ["1", "WATCH data|2|", "!EEXIST"],
    ["1", "UNWATCH data|1|"],
    ["1", "WATCH data|3|", "OK|", "1 data|3|"],
    ["0", "WATCH /a|1|", "OK|", "0 /a|1|"],
    ["0", "WATCH /a|2|", "OK|", "0 /a|2|"],
    ["0", "WATCH /a|3|", "OK|", "0 /a|3|"],
  ],
  { args: ["--watch-nb", "2"] },
);

run();
