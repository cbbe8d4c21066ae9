import { group } from "../support/rows.ts";

const { rows, run } = group("admin");

const NAMES =
  "nodes watches outstanding memory soft-memory transactions transaction-nodes node-permissions path-max node-size|";

rows("GET_FEATURE", [
  ["0", "GET_FEATURE", "15|"],
  ["1", "GET_FEATURE", "15|"],
  ["1", "GET_FEATURE 1|", "!EACCES"],
  ["0", "GET_FEATURE 1|", "15|"],
  ["0", "GET_FEATURE 0|", "15|"],
  ["0", "GET_FEATURE 7|", "!ENOENT"],
  ["0", "GET_FEATURE x|", "!EINVAL"],
  ["0", "GET_FEATURE 1|2|", "!EINVAL"],
  ["host", "connect s"],
  ["s", "GET_FEATURE", "15|"],
]);

rows("SET_FEATURE", [
  ["1", "SET_FEATURE 2|1|", "!EACCES"],
  ["0", "SET_FEATURE 1|1|", "!EBUSY"],
  ["0", "SET_FEATURE 0|1|", "!EBUSY"],
  ["0", "SET_FEATURE 3|1|", "!ENOENT"],
  ["host", "exist 3"],
  ["0", "SET_FEATURE 3|16|", "!EINVAL"],
  ["0", "SET_FEATURE 3|", "!EINVAL"],
  ["0", "SET_FEATURE 3|x|", "!EINVAL"],
  ["0", "SET_FEATURE 3|3|"],
  ["0", "GET_FEATURE 3|", "3|"],
  ["0", "INTRODUCE 3|1|3|"],
  ["host", "name 3"],
  ["3", "GET_FEATURE", "3|"],
  ["3", "WATCH data|t|1|", "!EINVAL"],
  ["3", "WATCH data|t|", "OK|", "3 data|t|"],
  ["0", "SET_FEATURE 3|15|", "!EBUSY"],
]);

rows("a writer without the DOMID_ANY feature names nobody with it", [
  ["host", "exist 3"],
  ["0", "SET_FEATURE 3|7|"],
  ["0", "INTRODUCE 3|1|3|"],
  ["host", "name 3"],
  ["0", "WRITE /n|v"],
  ["0", "SET_PERMS /n|n3|"],
  ["3", "SET_PERMS /n|n3|r32757|"],
  ["1", "READ /n|", "!EACCES"],
  ["0", "SET_PERMS /n|n3|r32757|"],
  ["1", "READ /n|", "v"],
]);

rows("GET_QUOTA", [
  ["0", "GET_QUOTA", NAMES],
  ["1", "GET_QUOTA", "!EACCES"],
  ["0", "GET_QUOTA nodes|", "1000|"],
  ["0", "GET_QUOTA soft-memory|", "2097152|"],
  ["0", "GET_QUOTA none|", "!EINVAL"],
  ["0", "GET_QUOTA 1|nodes|", "1000|"],
  ["0", "GET_QUOTA 1|none|", "!EINVAL"],
  ["0", "GET_QUOTA x|nodes|", "!EINVAL"],
  ["0", "GET_QUOTA 7|nodes|", "!ENOENT"],
  ["0", "GET_QUOTA 1|nodes|x|", "!EINVAL"],
]);

rows("SET_QUOTA holds at once, for all without a value of their own", [
  ["1", "SET_QUOTA nodes|1|", "!EACCES"],
  ["0", "SET_QUOTA nodes|", "!EINVAL"],
  ["0", "SET_QUOTA none|1|", "!EINVAL"],
  ["0", "SET_QUOTA nodes|x|", "!EINVAL"],
  ["0", "SET_QUOTA 7|nodes|1|", "!ENOENT"],
  ["0", "SET_QUOTA 1|nodes|1|2|", "!EINVAL"],
  ["0", "SET_QUOTA 1|nodes|2|"],
  ["0", "SET_QUOTA nodes|1|"],
  ["0", "GET_QUOTA 1|nodes|", "2|"],
  ["0", "GET_QUOTA 2|nodes|", "1|"],
  ["1", "WRITE data/a|"],
  ["1", "WRITE data/b|", "!ENOSPC"],
  ["2", "WRITE data/a|", "!ENOSPC"],
  ["0", "SET_QUOTA 1|nodes|0|"],
  ["1", "WRITE data/b|"],
  ["0", "SET_QUOTA path-max|8|"],
  ["1", "READ data/abc|", "!ENOENT"],
  ["1", "READ data/abcd|", "!EINVAL"],
  ["host", "kill 1"],
  ["host", "exist 1"],
  ["0", "INTRODUCE 1|1|1|"],
  ["0", "GET_QUOTA 1|nodes|", "1|"],
]);

rows("CONTROL", [
  ["1", "CONTROL help|", "!EACCES"],
  ["0", "CONTROL", "!EINVAL"],
  ["0", "CONTROL nonsense|", "!EINVAL"],
  ["0", "CONTROL check|", "OK|"],
  ["0", "CONTROL check|x|", "!EINVAL"],
  ["0", "CONTROL print|hello|", "OK|"],
  ["0", "CONTROL print|", "!EINVAL"],
  ["0", "CONTROL quota|set|nodes|5|", "OK|"],
  ["0", "GET_QUOTA nodes|", "5|"],
  ["0", "CONTROL quota|set|nodes|0|", "!EINVAL"],
  ["0", "CONTROL quota|set|none|5|", "!EINVAL"],
  ["0", "CONTROL quota|7|", "!ENOENT"],
  ["0", "CONTROL quota-soft|set|memory|7|", "OK|"],
  ["0", "GET_QUOTA soft-memory|", "7|"],
  ["0.77", "CONTROL help|", "!ENOENT"],
  ["1", "WATCH data|tok|2|", "OK|", "1 data|tok|"],
  ["0", "CONTROL watches|1|", "watch D1: /local/domain/1/data tok Some 2\n|"],
  ["1", "WATCH data|t|", "OK|", "1 data|t|"],
  ["1", "UNWATCH data|tok|"],
  ["0", "CONTROL watches|1|", "watch D1: /local/domain/1/data t None\n|"],
  ["0", "CONTROL watches|2|", "|"],
]);

rows("CONTROL quota set, for one domain", [
  ["1", "CONTROL quota|set|1|nodes|9|", "!EACCES"],
  ["0", "CONTROL quota|set|1|nodes|2|", "OK|"],
  ["0", "CONTROL quota|set|nodes|1|", "OK|"],
  ["0", "GET_QUOTA 1|nodes|", "2|"],
  ["0", "GET_QUOTA 2|nodes|", "1|"],
  ["1", "WRITE data/a|"],
  ["1", "WRITE data/b|", "!ENOSPC"],
  ["2", "WRITE data/a|", "!ENOSPC"],
  ["0", "CONTROL quota|set|1|path-max|8|", "OK|"],
  ["1", "READ data/abcd|", "!EINVAL"],
  ["2", "READ data/abcd|", "!ENOENT"],
  ["0", "CONTROL quota|set|1|none|5|", "!EINVAL"],
  ["0", "CONTROL quota|set|1|nodes|0|", "!EINVAL"],
  ["0", "CONTROL quota|set|1|nodes|x|", "!EINVAL"],
  ["0", "CONTROL quota|set||nodes|5|", "!EINVAL"],
  ["0", "CONTROL quota|set|x|nodes|5|", "!EINVAL"],
  ["0", "CONTROL quota|set|1|nodes|5|6|", "!EINVAL"],
  ["0", "CONTROL quota|set|1|nodes|", "!EINVAL"],
  ["0", "CONTROL quota|set|7|nodes|5|", "!ENOENT"],
  ["0", "CONTROL quota|set|65537|nodes|5|", "!EINVAL"],
  ["host", "kill 1"],
  ["host", "exist 1"],
  ["0", "INTRODUCE 1|1|1|"],
  ["0", "GET_QUOTA 1|nodes|", "1|"],
]);

rows("CONTROL quota as C xenstored tells it", [
  [
    "0",
    "CONTROL quota|",
    "Quota settings:\n" +
      "nodes            :     1000 Nodes per domain\n" +
      "watches          :      128 Watches per domain\n" +
      "outstanding      :       20 Outstanding requests per domain\n" +
      "memory           :  2621440 Total Xenstore memory per domain\n" +
      "transactions     :       10 Active transactions per domain\n" +
      "transaction-nodes:     1024 Max. number of accessed nodes per transaction\n" +
      "node-permissions :        5 Max. number of permissions per node\n" +
      "path-max         :     2048 Max. length of a node path\n" +
      "node-size        :     2048 Max. size of a node\n|",
  ],
  ["0", "CONTROL quota-soft|", "Quota settings:\nmemory           :  2097152 Total Xenstore memory per domain\n|"],
]);

rows("CONTROL sim is for the test mode alone", [
  ["0", "CONTROL sim|destroy|1|", "!EINVAL"],
  ["0", "IS_DOMAIN_INTRODUCED 1|", "T|"],
]);

rows("CONTROL log", [
  [
    "0",
    "CONTROL log|",
    "Log switch settings:\nobj     : on\nio      : on\nwrl     : off\nacc     : off\ntdb     : off\n|",
  ],
  ["0", "CONTROL log|+acc|", "OK|"],
  ["0", "CONTROL log|-io|", "OK|"],
  [
    "0",
    "CONTROL log|",
    "Log switch settings:\nobj     : on\nio      : off\nwrl     : off\nacc     : on\ntdb     : off\n|",
  ],
  ["0", "CONTROL log|+none|", "!EINVAL"],
  ["0", "CONTROL log|io|", "!EINVAL"],
  ["0", "CONTROL log|on|off|", "!EINVAL"],
  ["0", "CONTROL log|on|", "OK|"],
  ["1", "READ data|", ""],
  ["0", "CONTROL log|off|", "OK|"],
]);

rows("CONTROL as the other server has it", [
  ["0", "CONTROL mfn|1|", "0|"],
  ["0", "CONTROL mfn|7|", "!ENOENT"],
  ["0", "CONTROL mfn|x|", "!EINVAL"],
  ["0", "CONTROL mfn|", "!EINVAL"],
  ["0", "CONTROL txn|1|", "|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["1.a", "READ data|", ""],
  ["1.a", "READ data|", ""],
  ["0", "CONTROL txn|1|", "paths: 1, operations: 2, quota_reached: false\n|"],
  ["0", "CONTROL txn|7|", "!ENOENT"],
  [
    "0",
    "CONTROL xenbus|1|",
    "xenbus: XenBus state: partial_in: 0 needed, partial_out: 0 bytes, pkt_out: 0 packets, " +
      "BoundedQueue capacity: 1024, used: {0}; overflow queue length: 0, can_input: true, has_more_input: false, " +
      "has_old_output: false, has_new_output: false, has_more_work: false, " +
      "outstanding: 0 requests, dropped: 0 events, bad: false|",
  ],
  ["0", "CONTROL xenbus|7|", "!ENOENT"],
  ["0", "CONTROL compact|", "Compacted|"],
  ["0", "CONTROL compact|x|", "!EINVAL"],
  ["0", "CONTROL trim|", "trimmed|"],
]);

rows(
  "transaction-nodes",
  [
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.a", "READ data/a|", "!ENOENT"],
    ["1.a", "READ data/b|", "!ENOENT"],
    ["1.a", "READ data/a|", "!ENOENT"],
    ["1.a", "READ data/c|", "!ENOSPC"],
    ["1.a", "TRANSACTION_END T|", "!ENOSPC"],
    ["1.a", "TRANSACTION_START |", "2|"],
  ],
  { args: ["-Q", "transaction-nodes=3"] },
);

run();
