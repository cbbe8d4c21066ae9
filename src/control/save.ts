import type { Update } from "../host.ts";

/** Has something saved: all of it, or nothing stays there. */
export function saveWhole(update: Update, save: () => void): void {
  try {
    save();
  } catch (thrown) {
    update.discard();
    throw thrown;
  }
}
