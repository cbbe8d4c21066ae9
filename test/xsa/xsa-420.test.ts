import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-420");

rows("numbers of more than 31 bits are what they are", [
  ["1.4294967295", "READ data|", "!ENOENT"],
  ["1.2147483648", "READ data|", "!ENOENT"],
  ["1.2147483649", "TRANSACTION_END T|", "!ENOENT"],
  ["1", "4294967295 x|", "!ENOSYS"],
  ["1", "2147483650 data|", "!ENOSYS"],
  ["1", "GET_DOMAIN_PATH 4294967297|", "!EINVAL"],
  ["1", "GET_DOMAIN_PATH 18446744073709551617|", "!EINVAL"],
  ["1", "WATCH data|t|4294967297|", "!EINVAL"],
  ["1", "DIRECTORY_PART data|4294967296|", "*"],
  ["0", "INTRODUCE 4294967297|1|1|", "!EINVAL"],
  ["0", "RELEASE 4294967297|", "!EINVAL"],
  ["0", "SET_QUOTA nodes|4294967297|", "!EINVAL"],
  ["0", "SET_FEATURE 1|4294967311|", "!EINVAL"],
  ["1", "READ data|", ""],
]);

run();
