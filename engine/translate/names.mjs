// Classifies the names of the program's properties.
import { arraysOf } from "./arrays.mjs";

/** Kinds of define_method, in its flags. */
const METHOD = 0;
const GETTER = 1;

/**
 * Sets of names. `getters`: accessors, of the program and built-in; `methods`: properties of a class; `fields`: own
 * properties of objects; `texts`: properties of strings. `arrays`: the kind of array, by name (arrays.mjs).
 */
export function namesOf(functions) {
  const ops = functions.flatMap((fn) => fn.ops);
  const defined = (kind) =>
    ops.filter((op) => op.name === "define_method" && (op.bytes[4] & 3) === kind).map((op) => op.text);
  return {
    getters: new Set(["size", "byteLength", ...defined(GETTER)]),
    methods: new Set(defined(METHOD)),
    texts: new Set(Object.getOwnPropertyNames(String.prototype)),
    arrays: arraysOf(functions),
    fields: new Set(ops.filter((op) => op.name === "define_field" || op.name === "put_field").map((op) => op.text)),
  };
}
