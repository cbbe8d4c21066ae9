import { group } from "../support/rows.ts";

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

rows("0 is unlimited", [["1", `MKDIR data/a/b/c/d|`]], { args: ["--quota", "nodes=0", "--quota", "node-size=0"] });

run();
