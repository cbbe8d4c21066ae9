// Variables of a function that are numbers all the time, for all that can be seen: they are numbers in C. Seen when the
// function is translated a first time; if one is to get anything else all the same, the interpreter takes over.
import { isNumber } from "./entries.mjs";

const unseen = new Set(["own", "ptr", "local", "arg"]);

export class KnownNumbers {
  #known;
  /** Variable => what was put into it, and whether it was counted with. */
  #seen = new Map();

  /** `before`: what the first time saw. */
  constructor(before) {
    this.#known = new Set();
    if (before === undefined) return;
    for (const [i, { used, numbers, made, others }] of before.#seen)
      if (used && others === 0 && (numbers > 0 || made === 0)) this.#known.add(i);
  }

  has(i) {
    return this.#known.has(i);
  }

  #of(i) {
    const seen = this.#seen.get(i) ?? { used: false, numbers: 0, made: 0, others: 0 };
    this.#seen.set(i, seen);
    return seen;
  }

  put(i, entry) {
    const seen = this.#of(i);
    if (isNumber(entry)) seen.numbers++;
    else if (!unseen.has(entry.kind)) seen.others++;
    else if (entry.kind === "own") seen.made++;
  }

  /** It is counted with, or compared with a number. */
  use(i) {
    this.#of(i).used = true;
  }

  /** It may be without a value. */
  no(i) {
    this.#of(i).others++;
  }
}
