// Finds variables that always hold numbers, or always objects, as far as a first translation can see. The second one relies
// on it, and takes a side exit before such a variable would get another value.
import { isNumber } from "./values.mjs";

const unseen = new Set(["own", "ptr", "local", "arg"]);

export class Known {
  #numbers = new Set();
  #objects = new Set();
  /** By variable: how often each kind of value was assigned, and how it is used. */
  #seen = new Map();

  /** `before`: of the first translation. */
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

  /** Notes a use: in arithmetic or compared with a number ("number"), by its properties ("object"), by its type ("asked"). */
  use(entry, as) {
    if (entry.kind === "local") this.#of(entry.c)[as] = true;
  }

  /** The variable may be uninitialized. */
  no(i) {
    this.#of(i).others++;
  }
}
