import { group } from "../support/rows.ts";

const { rows, run } = group("XSA-323");

rows("the length of a path counts from the domain's own, however it is written", [
  ["1", `READ data/${"x".repeat(2043)}|`, "!ENOENT"],
  ["1", `READ data/${"x".repeat(2044)}|`, "!EINVAL"],
  ["1", `READ /local/domain/1/data/${"x".repeat(2043)}|`, "!ENOENT"],
  ["1", `READ /local/domain/1/data/${"x".repeat(2044)}|`, "!EINVAL"],
  ["1", `READ /local/domain/65535/data/${"x".repeat(2043)}|`, "!EACCES"],
  ["1", `WATCH data/${"x".repeat(2044)}|t|`, "!EINVAL"],
  ["1", `READ /${"x".repeat(2048)}|`, "!EINVAL"],
]);

run();
