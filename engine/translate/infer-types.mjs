// Variables of a function that are numbers, or objects, all the time, for all that can be seen: the function counts on it.
// Seen when it is translated a first time; if one is to get anything else all the same, the interpreter takes over.
import { isNumber } from "./values.mjs";

const unseen = new Set(["own", "ptr", "local", "arg"]);

export class Known {
  #numbers = new Set();
  #objects = new Set();
  /** Variable => how often which was put into it, and what it is used as. */
  #seen = new Map();

  /** `before`: what the first time saw. */
  constructor(before) {
    if (before === undefined) return;
    for (const [i, { number, object, asked, numbers, made, others }] of before.#seen) {
      if (others > 0 || (number && object)) continue;
      if (number && (numbers > 0 || made === 0)) this.#numbers.add(i);
      if (object && numbers === 0 && !asked) this.#objects.add(i);
    }
  }

  isNumber(i) {
    return this.#numbers.has(i);
  }

  isObject(i) {
    return this.#objects.has(i);
  }

  #of(i) {
    const seen = this.#seen.get(i) ?? { number: false, object: false, asked: false, numbers: 0, made: 0, others: 0 };
    this.#seen.set(i, seen);
    return seen;
  }

  put(i, entry) {
    const seen = this.#of(i);
    if (isNumber(entry)) seen.numbers++;
    else if (!unseen.has(entry.kind)) seen.others++;
    else if (entry.kind === "own") seen.made++;
  }

  /** An entry is counted with or compared with a number ("number"), is looked into ("object"), or asked what it is ("asked"). */
  use(entry, as) {
    if (entry.kind === "local") this.#of(entry.c)[as] = true;
  }

  /** It may be without a value. */
  no(i) {
    this.#of(i).others++;
  }
}
