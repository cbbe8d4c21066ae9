// Constants of the closure. A translation reads each once, at its start, and checks the kinds of all of them together. If
// one is of another kind, the interpreter runs the whole function.

export class Constants {
  /** By index, the kind that the operations need: "object", "number", or "value" (anything that is initialized). */
  #wanted = new Map();
  #asked = new Set();

  /** The stack entry of a constant. `array`: its kind of array, if any. */
  entry(i, array) {
    if (!this.#wanted.has(i)) this.#wanted.set(i, "value");
    return { kind: "constant", c: `c${i}`, index: i, array };
  }

  /** Notes that an operation needs a kind. Does nothing for an entry that is no constant. */
  want(entry, what) {
    if (entry.kind !== "constant") return;
    const before = this.#wanted.get(entry.index);
    if (before !== "value" && before !== what) throw new Error(`a constant is ${before} and ${what}`);
    this.#wanted.set(entry.index, what);
  }

  /** The C variable that tells whether the constant's class was checked, which never changes; undefined: no constant. */
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

  /** C expressions that are not 0 if a constant is not of the needed kind. */
  doubts() {
    const tags = (what) => this.#all(what).map((c) => `JS_VALUE_GET_TAG(${c})`);
    const objects = tags("object");
    return [
      ...(objects.length > 0 ? [`~(${objects.join(" & ")})`] : []),
      ...tags("number"),
      ...this.#all("value").map((c) => `JS_IsUninitialized(${c})`),
    ];
  }

  /** Tells the compiler the kinds, which it cannot conclude from the combined check. */
  known() {
    return [
      ...this.#all("object").map((c) => `    if (JS_VALUE_GET_TAG(${c}) != JS_TAG_OBJECT) __builtin_unreachable();`),
      ...this.#all("number").map((c) => `    if (JS_VALUE_GET_TAG(${c}) != JS_TAG_INT) __builtin_unreachable();`),
    ];
  }
}
