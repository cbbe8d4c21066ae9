// Variables of the closure that are constants. Each is read once, in front of the function, and what it must be is asked
// there, of all of them at once: a function that finds another kind of value is left to the interpreter as a whole.

export class Constants {
  /** Index => what the operations want it to be: "object", "number" or (anything that is initialized) "value". */
  #wanted = new Map();
  #asked = new Set();

  /** `array`: its kind, if it is one. */
  entry(i, array) {
    if (!this.#wanted.has(i)) this.#wanted.set(i, "value");
    return { kind: "constant", c: `c${i}`, index: i, array };
  }

  /** An operation goes on only with that; entries that are no constants do not care. */
  want(entry, what) {
    if (entry.kind !== "constant") return;
    const before = this.#wanted.get(entry.index);
    if (before !== "value" && before !== what) throw new Error(`a constant is ${before} and ${what}`);
    this.#wanted.set(entry.index, what);
  }

  /** Name of what says in C whether the object's class was asked for, which stays what it is; undefined: no constant. */
  classAsked(entry) {
    if (entry.kind !== "constant") return undefined;
    this.want(entry, "object");
    this.#asked.add(entry.index);
    return `asked${entry.index}`;
  }

  #all(what) {
    return [...this.#wanted].filter(([, wanted]) => wanted === what).map(([i]) => `c${i}`);
  }

  declarations() {
    return [
      ...[...this.#wanted.keys()].map((i) => `    const JSValue c${i} = *refs[${i}]->pvalue;`),
      ...[...this.#asked].map((i) => `    int asked${i} = 0;`),
    ];
  }

  /** Expressions that are not 0 where something is not as wanted. */
  doubts() {
    const tags = (what) => this.#all(what).map((c) => `JS_VALUE_GET_TAG(${c})`);
    const objects = tags("object");
    return [
      ...(objects.length > 0 ? [`~(${objects.join(" & ")})`] : []),
      ...tags("number"),
      ...this.#all("value").map((c) => `JS_IsUninitialized(${c})`),
    ];
  }

  /** What the compiler cannot conclude from the question that was asked of all at once. */
  known() {
    return [
      ...this.#all("object").map((c) => `    if (JS_VALUE_GET_TAG(${c}) != JS_TAG_OBJECT) __builtin_unreachable();`),
      ...this.#all("number").map((c) => `    if (JS_VALUE_GET_TAG(${c}) != JS_TAG_INT) __builtin_unreachable();`),
    ];
  }
}
