import { TRIM_SLICE } from "../limits.ts";
import type { Command } from "./context.ts";

/** `compact`: lets go of what is kept only to answer faster. */
export const compact: Command = {
  name: "compact",
  parameters: "",
  run({ tree }, args) {
    if (args.length > 0) return null;
    tree.compact();
    return "Compacted";
  },
};

/** `trim`: drops records that no snapshot needs, which otherwise happens between requests. */
export const trim: Command = {
  name: "trim",
  parameters: "",
  run({ tree }, args) {
    if (args.length > 0) return null;
    tree.history.trim(TRIM_SLICE);
    return "trimmed";
  },
};
