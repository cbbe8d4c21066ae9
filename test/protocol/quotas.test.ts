import { Cost, nodeCost } from "../../src/store/cost.ts";
import { group } from "../support/rows.ts";
import type { WorldOptions } from "../support/world.ts";

const { rows, run } = group("quotas");

rows(
  "nodes: exactly as many as allowed, of the owner alone",
  [
    ["1", "WRITE data/a|"],
    ["1", "WRITE data/b/c|", "!ENOSPC"],
    ["1", "READ data/b|", "!ENOENT"],
    ["1", "WRITE data/b|"],
    ["1", "WRITE data/c|", "!ENOSPC"],
    ["1", "MKDIR data/c|", "!ENOSPC"],
    ["1", "WRITE data/b|changing is no creation"],
    ["0", "WRITE /local/domain/1/data/c|dom0 may"],
    ["1", "RM data/a|"],
    ["1", "WRITE data/d|", "!ENOSPC"],
    ["1", "RM data/c|"],
    ["1", "WRITE data/d|"],
    ["2", "WRITE data/a|"],
  ],
  { args: ["--quota", "nodes=3"] },
);

rows(
  "a change of owner moves the count",
  [
    ["1", "WRITE data/a|"],
    ["1", "WRITE data/b|", "!ENOSPC"],
    ["0", "SET_PERMS /local/domain/1/data/a|n2|r1|"],
    ["1", "WRITE data/b|"],
    ["2", "WRITE data/x|", "!ENOSPC"],
  ],
  { args: ["--quota", "nodes=2"] },
);

rows(
  "a number that comes again starts from zero (XSA-483)",
  [
    ["1", "WRITE data/a|"],
    ["1", "WRITE data/b|", "!ENOSPC"],
    ["host", "kill 1"],
    ["host", "exist 1"],
    ["0", "WRITE /local/domain/1/data|"],
    ["0", "SET_PERMS /local/domain/1/data|n1|"],
    ["0", "INTRODUCE 1|1|1|"],
    ["host", "name 1"],
    ["1", "WRITE data/a|"],
    ["1", "WRITE data/b|", "!ENOSPC"],
  ],
  { args: ["--quota", "nodes=2"] },
);

rows(
  "node-size counts value, permissions and names of children",
  [
    ["1", `WRITE data/a|${"v".repeat(76)}`],
    ["1", `WRITE data/a|${"v".repeat(77)}`, "!ENOSPC"],
    ["1", "READ data/a|", "v".repeat(76)],
    ["1", `WRITE data/b|${"v".repeat(77)}`, "!ENOSPC"],
    ["1", "READ data/b|", "!ENOENT"],
    ["1", `MKDIR data/${"n".repeat(73)}|`],
    ["1", "MKDIR data/b|", "!ENOSPC"],
    ["1", "WRITE data|v", "!ENOSPC"],
    ["1", "RM data/a|"],
    ["1", "MKDIR data/b|"],
    ["0", `WRITE /big|${"v".repeat(4000)}`],
  ],
  { args: ["--entry-size", "100"] },
);

rows(
  "node-permissions",
  [
    ["1", "SET_PERMS data|n1|r2|r0|"],
    ["1", "SET_PERMS data|n1|r2|r0|r9|", "!ENOSPC"],
    ["0", "SET_PERMS /tool|n0|r1|r2|r9|w1|w2|"],
  ],
  { args: ["--perm-nb", "3"] },
);

rows(
  "path-max",
  [
    ["1", "READ data/abcde|", "!ENOENT"],
    ["1", "READ data/abcdef|", "!EINVAL"],
    ["0", "READ data/abcdef|", "!ENOENT"],
  ],
  { args: ["--path-max", "10"] },
);

// "/local/domain/1/data" is 20 bytes long, dom0 made it domain 1's, and nothing else has a list of permissions like it.
const LIST = Cost.list + Cost.listEntry;
const BASE = Cost.node + nodeCost("/local/domain/1/data", 16, 0) + LIST;
const child = (length: number): number => Cost.node + nodeCost("/local/domain/1/data/a", 21, length);
const quota = (bytes: number): WorldOptions => ({ args: ["--quota", `memory=${bytes}`] });

rows(
  "memory: nodes take their paths and values, and what is kept beside them",
  [
    ["1", `WRITE data/a|${"v".repeat(58)}`],
    ["1", `WRITE data/a|${"v".repeat(59)}`, "!ENOMEM"],
    ["1", "READ data/a|", "v".repeat(58)],
    ["1", "MKDIR data/b|", "!ENOMEM"],
    ["1", "READ data/b|", "!ENOENT"],
    ["1", "WATCH data|t|", "!ENOMEM"],
    ["1", `WRITE data/a|${"v".repeat(18)}`],
    ["1", "MKDIR data/b/c|", "!ENOMEM"],
    ["1", "RM data/a|", "OK|"],
    ["1", "MKDIR data/b|"],
    ["0", `WRITE /local/domain/1/data/c|${"v".repeat(500)}`, "OK|"],
    ["1", "WRITE data|1", "!ENOMEM"],
    ["1", "RM data/c|"],
    ["1", "WRITE data|1"],
    ["0", "CONTROL check|"],
  ],
  quota(BASE + child(58)),
);

rows(
  "memory: a watch takes its texts twice, and a path that is watched",
  [
    ["1", "WATCH data|1234|", "OK|", "1 data|1234|"],
    ["1", "WATCH data|1|", "!ENOMEM"],
    ["1", "UNWATCH data|1234|"],
    ["1", "WATCH data|12345|", "!ENOMEM"],
    ["1", "WATCH data|4321|", "OK|", "1 data|4321|"],
    ["1", "MKDIR data/a|", "!ENOMEM"],
    ["0", "CONTROL check|"],
  ],
  quota(BASE + Cost.watch + Cost.place + 2 * (20 + 4 + 2)),
);

rows(
  "memory: a permission list of its own takes as much as it is long",
  [
    ["1", "SET_PERMS data|n1|w2|r3|r4|r5|", "!ENOMEM"],
    ["1", "GET_PERMS data|", "n1|"],
    ["1", "SET_PERMS data|n1|w2|", "OK|"],
    ["1", "SET_PERMS data|n1|", "OK|"],
  ],
  quota(BASE + LIST + Cost.listEntry),
);

rows(
  "memory: a node that grows is on the account of its owner, whoever writes",
  [
    ["1", "SET_PERMS data|n1|w2|"],
    ["2", "WRITE /local/domain/1/data|small"],
    ["2", `WRITE /local/domain/1/data|${"v".repeat(900)}`, "!ENOMEM"],
    ["2", `WRITE /local/domain/1/data|${"v".repeat(80)}`],
    ["2", `WRITE data|${"v".repeat(80)}`],
    ["0", "SET_PERMS /local/domain/2/data|n1|"],
    ["1", "WRITE data/x|", "!ENOMEM"],
    ["2", "WRITE /local/domain/2/data/x|", "!EACCES"],
    ["0", "CONTROL check|"],
  ],
  quota(BASE + LIST + Cost.listEntry),
);

rows(
  "memory: a transaction is told when it keeps too much, and does nothing more",
  [
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.a", `WRITE data/a|${"v".repeat(300)}`],
    ["1.a", `WRITE data/b|${"v".repeat(300)}`, "!ENOMEM"],
    ["1.a", "READ data/a|", "!ENOMEM"],
    ["1.a", "TRANSACTION_END T|", "!ENOMEM"],
    ["1", "READ data/a|", "!ENOENT"],
    ["1.a", "TRANSACTION_START |", "2|"],
    ["1.a", `WRITE data/a|${"v".repeat(300)}`],
    ["1.a", "TRANSACTION_END T|"],
    ["1", "READ data/a|", "v".repeat(300)],
    ["1.a", "TRANSACTION_START |", "3|"],
    ["1.a", `WRITE data/a|${"v".repeat(1900)}`, "!ENOMEM"],
    ["1.a", "TRANSACTION_END F|"],
    ["1", "RM data/a|"],
    ["1", `WRITE data/a|${"v".repeat(300)}`],
    ["0", "CONTROL check|"],
  ],
  quota(BASE + Cost.transaction + 2 * Cost.item + 900),
);

rows("memory: what a transaction writes for others is on their account, too", [
  ["2", "WRITE data/a|"],
  ["2", "WRITE data/b|"],
  ["2", "SET_PERMS data/a|n2|w1|"],
  ["2", "SET_PERMS data/b|n2|w1|"],
  ["0", "SET_QUOTA 2|memory|6000|"],
  ["1.a", "TRANSACTION_START |", "1|"],
  ["1.a", `WRITE /local/domain/2/data/a|${"v".repeat(1900)}`],
  ["1.a", `WRITE /local/domain/2/data/b|${"v".repeat(1900)}`],
  ["1.a", "TRANSACTION_END T|", "!ENOMEM"],
  ["2", "READ data/a|", ""],
  ["1.a", "TRANSACTION_START |", "2|"],
  ["1.a", `WRITE /local/domain/2/data/a|${"v".repeat(1900)}`],
  ["1.a", "TRANSACTION_END T|"],
  ["0", "SET_QUOTA 2|memory|1000|"],
  ["1.a", "TRANSACTION_START |", "3|"],
  ["1.a", "WRITE /local/domain/2/data/a|less"],
  ["1.a", "TRANSACTION_END T|"],
  ["2", "READ data/a|", "less"],
  ["0.a", "TRANSACTION_START |", "1|"],
  ["0.a", `WRITE /local/domain/2/data/b|${"v".repeat(1900)}`],
  ["0.a", "TRANSACTION_END T|"],
  ["0", "CONTROL check|"],
]);

const USED = BASE + child(5) + LIST + Cost.listEntry + Cost.watch + Cost.place + 2 * (20 + "|t|".length);
const MOST = USED;

rows(
  "what was used at most is told, for a domain and for all",
  [
    ["1", "WRITE data/a|12345"],
    ["1", "WRITE data/b|12345"],
    ["1", "RM data/a|"],
    ["1", "WATCH data|t|", "OK|", "1 data|t|"],
    ["1.a", "TRANSACTION_START |", "1|"],
    ["1.a", "TRANSACTION_END F|"],
    ["1", "SET_PERMS data|n1|r0|", "OK|", "1 data|t|"],
    [
      "0",
      "CONTROL quota|1|",
      "Domain 1:\n" +
        "nodes            :        2 (max        3)\n" +
        "watches          :        1 (max        1)\n" +
        "outstanding      :        0 (max        0)\n" +
        `memory           : ${String(USED).padStart(8)} (max ${String(MOST).padStart(8)})\n` +
        "transactions     :        0 (max        1)\n|",
    ],
    ["0", "CONTROL quota|7|", "!ENOENT"],
    [
      "0",
      "CONTROL quota|max|",
      "Max. seen accounting values:\n" +
        "nodes            :        3\n" +
        "watches          :        1\n" +
        "outstanding      :        0\n" +
        `memory           : ${String(MOST).padStart(8)}\n` +
        "transactions     :        1\n" +
        "transaction-nodes:        0\n" +
        "node-permissions :        2\n" +
        "path-max         :        6\n" +
        "node-size        :       29\n|",
    ],
    [
      "0",
      "CONTROL quota|max|-r|",
      "Max. seen accounting values:\n" +
        "nodes            :        2\n" +
        "watches          :        1\n" +
        "outstanding      :        0\n" +
        `memory           : ${String(USED).padStart(8)}\n` +
        "transactions     :        0\n" +
        "transaction-nodes:        0\n" +
        "node-permissions :        0\n" +
        "path-max         :        0\n" +
        "node-size        :        0\n|",
    ],
    ["0", "CONTROL quota|max|x|", "!EINVAL"],
  ],
  { steady: true },
);

rows("0 is unlimited", [["1", `MKDIR data/a/b/c/d|`]], { args: ["--quota", "nodes=0", "--quota", "node-size=0"] });

run();
