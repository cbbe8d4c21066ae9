import type { Update } from "../host.ts";

/** Calls `save`, which passes chunks to Update.save. If it throws, frees the chunks and throws on. */
export function saveWhole(update: Update, save: () => void): void {
  try {
    save();
  } catch (thrown) {
    update.discard();
    throw thrown;
  }
}
