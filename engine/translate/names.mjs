// What the names of the program's properties are.
import { arraysOf } from "./arrays.mjs";

/** The commands of define_method. */
const METHOD = 0;
const GETTER = 1;

/**
 * Of all functions: `getters`, whose value a function makes (those of the program, and the built-in ones that it reads);
 * `methods`, which most objects have from their class; `fields`, which objects have themselves; `arrays`, which kind they
 * are; `texts`, which strings have.
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
