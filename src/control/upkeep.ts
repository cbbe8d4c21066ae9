import { TRIM_SLICE } from "../limits.ts";
import type { Command } from "./context.ts";

/** `compact`: frees cached listings. */
export const compact: Command = {
  name: "compact",
  parameters: "",
  run({ tree }, args) {
    if (args.length > 0) return null;
    tree.compact();
    return "Compacted";
  },
};

/**
 * `trim`: releases history records that no snapshot needs, at most TRIM_SLICE. The scheduler does so
 * between requests.
 */
export const trim: Command = {
  name: "trim",
  parameters: "",
  run({ tree }, args) {
    if (args.length > 0) return null;
    tree.history.trim(TRIM_SLICE);
    return "trimmed";
  },
};
