import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-325");

rows("whatever a guest did to its ring, its death is noticed", [
  ["0", "WATCH @releaseDomain|plain|", "OK|", "0 @releaseDomain|plain|"],
  ["0", "WATCH @releaseDomain|deep|1|", "OK|", "0 @releaseDomain|deep|"],
  ["1", "WRITE data/x|1"],
  ["host", "broken 1"],
  ["host", "shutdown 1"],
  ["0", "IS_DOMAIN_INTRODUCED 1|", "T|", "0 @releaseDomain/1|deep|", "0 @releaseDomain|plain|"],
  ["host", "kill 1"],
  ["0", "IS_DOMAIN_INTRODUCED 1|", "F|", "0 @releaseDomain/1|deep|", "0 @releaseDomain|plain|"],
  ["0", "READ /local/domain/1/data|", "!ENOENT"],
]);

run();
