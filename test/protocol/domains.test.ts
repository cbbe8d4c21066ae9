import { group } from "../support/rows.ts";

const { rows, run } = group("domains");

rows("INTRODUCE", [
  ["host", "exist 3"],
  ["0", "INTRODUCE 3|1|", "!EINVAL"],
  ["0", "INTRODUCE 3|1|0|", "!EINVAL"],
  ["0", "INTRODUCE 3|1|x|", "!EINVAL"],
  ["0", "INTRODUCE x|1|1|", "!EINVAL"],
  ["0", "INTRODUCE 65536|1|1|", "!EINVAL"],
  ["0", "IS_DOMAIN_INTRODUCED 3|", "F|"],
  ["0", "INTRODUCE 3|1|7|"],
  ["0", "IS_DOMAIN_INTRODUCED 3|", "T|"],
  ["0", "IS_DOMAIN_INTRODUCED 0|", "T|"],
  ["0", "IS_DOMAIN_INTRODUCED 32752|", "T|"],
  ["0", "IS_DOMAIN_INTRODUCED x|", "!EINVAL"],
  ["host", "name 3"],
  ["3", "GET_DOMAIN_PATH 3|", "/local/domain/3|"],
]);

rows("introduction is told in both forms", [
  ["host", "exist 3"],
  ["0", "WATCH @introduceDomain|plain|", "OK|", "0 @introduceDomain|plain|"],
  ["0", "WATCH @introduceDomain|deep|1|", "OK|", "0 @introduceDomain|deep|"],
  ["0", "WATCH @introduceDomain/3|three|", "OK|", "0 @introduceDomain/3|three|"],
  ["0", "WATCH @introduceDomain/4|four|", "OK|", "0 @introduceDomain/4|four|"],
  ["1", "WATCH @introduceDomain|one|", "OK|", "1 @introduceDomain|one|"],
  [
    "0",
    "INTRODUCE 3|1|7|",
    "OK|",
    "0 @introduceDomain|plain|",
    "0 @introduceDomain/3|deep|",
    "0 @introduceDomain/3|three|",
  ],
  ["0", "INTRODUCE 3|1|8|"],
]);

rows("a second INTRODUCE resets the connection", [
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["0", "INTRODUCE 1|1|9|"],
  ["1.1", "READ data|", "!ENOENT"],
  ["0", "WRITE /local/domain/1/data|x"],
  ["1", "READ data|", "x"],
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
]);

rows("a port that cannot be bound: the ring stays as it is", [
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["0", "INTRODUCE 1|1|666|", "!EINVAL"],
  ["0", "WRITE /local/domain/1/data|x", "OK|", "1 data|t|"],
  ["1", "READ data|", "x"],
]);

rows("the store's own domain stays for ever", [
  ["0", "IS_DOMAIN_INTRODUCED 9|", "T|"],
  ["0", "RELEASE 9|", "!EINVAL"],
  ["0", "RESUME 9|", "!EINVAL"],
]);

rows("RELEASE", [
  ["0", "WATCH @releaseDomain|plain|", "OK|", "0 @releaseDomain|plain|"],
  ["0", "WATCH @releaseDomain|deep|1|", "OK|", "0 @releaseDomain|deep|"],
  ["2", "WATCH @releaseDomain|two|", "OK|", "2 @releaseDomain|two|"],
  ["0", "WATCH @releaseDomain/1|one|", "OK|", "0 @releaseDomain/1|one|"],
  ["0", "RELEASE 0|", "!EINVAL"],
  ["0", "RELEASE 7|", "!ENOENT"],
  ["0", "RELEASE x|", "!EINVAL"],
  [
    "0",
    "RELEASE 1|",
    "OK|",
    "0 @releaseDomain|plain|",
    "0 @releaseDomain/1|deep|",
    "0 @releaseDomain/1|one|",
    "2 @releaseDomain|two|",
  ],
  ["0", "IS_DOMAIN_INTRODUCED 1|", "F|"],
  ["0", "RELEASE 1|", "!ENOENT"],
  ["0", "READ /local/domain/1/data|", "!ENOENT"],
  ["0", "READ /local/domain/1|", ""],
]);

rows("RELEASE and INTRODUCE again: a soft reset (XSA-425)", [
  ["0", "RELEASE 1|"],
  ["0", "INTRODUCE 1|1|4|"],
  ["host", "name 1"],
  ["1", "READ data|", "!EACCES"],
  ["0", "RELEASE 1|"],
  ["0", "RELEASE 1|", "!ENOENT"],
]);

rows("GET_DOMAIN_PATH", [
  ["1", "GET_DOMAIN_PATH 1|", "/local/domain/1|"],
  ["1", "GET_DOMAIN_PATH 4711|", "/local/domain/4711|"],
  ["1", "GET_DOMAIN_PATH |", "/local/domain/0|"],
  ["1", "GET_DOMAIN_PATH 007|", "/local/domain/7|"],
  ["1", "GET_DOMAIN_PATH 65536|", "!EINVAL"],
  ["1", "GET_DOMAIN_PATH -1|", "!EINVAL"],
  ["1", "GET_DOMAIN_PATH 1x|", "!EINVAL"],
  ["1", "GET_DOMAIN_PATH 0x1|", "!EINVAL"],
]);

rows("a shutdown is reported once until RESUME", [
  ["0", "WATCH @releaseDomain|p|", "OK|", "0 @releaseDomain|p|"],
  ["0", "WATCH @releaseDomain|d|1|", "OK|", "0 @releaseDomain|d|"],
  ["host", "shutdown 1"],
  ["0", "READ /|", "", "0 @releaseDomain/1|d|", "0 @releaseDomain|p|"],
  ["host", "shutdown 1"],
  ["0", "READ /|", ""],
  ["0", "RESUME 0|", "!EINVAL"],
  ["0", "RESUME 7|", "!ENOENT"],
  ["0", "RESUME 1|"],
  ["host", "shutdown 1"],
  ["0", "READ /|", "", "0 @releaseDomain/1|d|", "0 @releaseDomain|p|"],
  ["0", "IS_DOMAIN_INTRODUCED 1|", "T|"],
  ["host", "kill 1"],
  ["0", "READ /|", "", "0 @releaseDomain/1|d|", "0 @releaseDomain|p|"],
  ["0", "IS_DOMAIN_INTRODUCED 1|", "F|"],
]);

rows("death: nodes go with events, entries in lists go", [
  ["1", "WRITE data/x/y|1"],
  ["0", "WRITE /shared|s"],
  ["0", "SET_PERMS /shared|n0|r1|r2|"],
  ["0", "WATCH /local/domain/1/data/x|t|", "OK|", "0 /local/domain/1/data/x|t|"],
  ["0", "WATCH /local|l|", "OK|", "0 /local|l|"],
  ["host", "kill 1"],
  ["0", "GET_PERMS /shared|", "n0|r2|", "0 /local/domain/1/data/x|t|", "0 /local/domain/1/data|l|"],
  ["0", "READ /local/domain/1/data|", "!ENOENT"],
  ["2", "READ /shared|", "s"],
  ["host", "exist 1"],
  ["0", "INTRODUCE 1|1|4|"],
  ["host", "name 1"],
  ["1", "READ /shared|", "!EACCES"],
]);

rows("a number that came again while nobody looked (XSA-322)", [
  ["0", "WRITE /shared|s"],
  ["0", "SET_PERMS /shared|n0|r1|"],
  ["1", "WRITE data/x|1"],
  ["0", "WATCH @releaseDomain|p|", "OK|", "0 @releaseDomain|p|"],
  ["host", "exist 1"],
  ["0", "IS_DOMAIN_INTRODUCED 1|", "F|", "0 @releaseDomain|p|"],
  ["0", "READ /local/domain/1/data|", "!ENOENT"],
  ["0", "GET_PERMS /shared|", "n0|"],
]);

rows("death of a domain that was only named", [
  ["host", "exist 3"],
  ["0", "WRITE /three|"],
  ["0", "SET_PERMS /three|n3|"],
  ["0", "WATCH @releaseDomain|p|", "OK|", "0 @releaseDomain|p|"],
  ["host", "kill 3"],
  ["0", "READ /three|", "!ENOENT"],
]);

rows("a broken ring: the domain stays introduced until it dies (XSA-325)", [
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["0", "WATCH @releaseDomain|p|", "OK|", "0 @releaseDomain|p|"],
  ["host", "broken 1"],
  ["0", "WRITE /local/domain/1/data|x"],
  ["0", "IS_DOMAIN_INTRODUCED 1|", "T|"],
  ["host", "kill 1"],
  ["0", "IS_DOMAIN_INTRODUCED 1|", "F|", "0 @releaseDomain|p|"],
]);

rows("a broken ring works again after INTRODUCE, or when its guest reconnects", [
  ["host", "broken 1"],
  ["0", "INTRODUCE 1|1|4|"],
  ["1", "READ data|", ""],
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["host", "reset 1"],
  ["1", "WRITE data|x"],
  ["1.1", "READ data|", "!ENOENT"],
]);

rows("a socket that goes", [
  ["host", "connect s"],
  ["s", "WATCH /a|t|", "OK|", "s /a|t|"],
  ["s.a", "TRANSACTION_START |", "1|"],
  ["s.a", "WRITE /b|1"],
  ["host", "broken s"],
  ["0", "WRITE /a|1"],
  ["0", "READ /b|", "!ENOENT"],
]);

rows(
  "--keep-orphans: the nodes of the dead stay, and a later domain of the same number owns none of them",
  [
    ["1", "WRITE data/kept|x"],
    ["0", "SET_PERMS /local/domain/1/data/kept|n1|r2|"],
    ["host", "kill 1"],
    ["0", "READ /local/domain/1/data/kept|", "x"],
    ["2", "READ /local/domain/1/data/kept|", "x"],
    ["host", "exist 1"],
    ["0", "INTRODUCE 1|1|1|"],
    ["host", "name 1"],
    ["1", "READ data/kept|", "!EACCES"],
    ["0", "CONTROL check|", "OK|"],
    [
      "0",
      "CONTROL log|",
      "Log switch settings:\nobj     : off\nio      : on\nwrl     : on\nacc     : off\ntdb     : off\n|",
    ],
    ["0", "RM /local/domain/1/data/kept|"],
    ["0", "CONTROL check|", "OK|"],
  ],
  { args: ["--keep-orphans", "--trace-control", "+wrl", "--trace-control=-obj"] },
);

rows("the rights over a target end with it, for good", [
  ["0", "SET_TARGET 1|2|"],
  ["1", "READ /local/domain/2/data|", ""],
  ["host", "kill 2"],
  ["host", "exist 2"],
  ["0", "WRITE /local/domain/2/data|x"],
  ["0", "SET_PERMS /local/domain/2/data|n2|"],
  ["0", "INTRODUCE 2|1|2|"],
  ["1", "READ /local/domain/2/data|", "!EACCES"],
]);

run();
