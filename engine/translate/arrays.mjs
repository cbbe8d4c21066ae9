// Guesses the kind of array of a property or variable. A translation checks for that kind first.
import { localOf, u16 } from "./operands.mjs";

const makers = { Int32Array: "int32", Uint8Array: "uint8" };
/** Properties whose arrays the host makes. */
const hosts = [["header", "int32"]];
const copiers = new Set(["slice", "map", "filter", "concat"]);

/** The kind of array that the operations before `at` leave on the stack; undefined: unknown. */
function made(ops, at, byName) {
  const last = ops[at - 1];
  if (last?.name === "array_from") return "array";
  if (last?.name === "get_field" || last?.name === "get_field2") return byName.get(last.text);
  if (last?.name !== "call_constructor" && last?.name !== "call_method") return undefined;
  // new Int32Array(64), new Int32Array(64).fill(-1), list.map(f)
  for (let i = at - 1; i >= Math.max(0, at - 12); i--) {
    if (/^get_var/.test(ops[i].name) && makers[ops[i].text] !== undefined) return makers[ops[i].text];
    if (ops[i].name === "get_field2" && copiers.has(ops[i].text)) return "array";
  }
  return undefined;
}

/** The kinds of all properties with arrays, by name: "array", "int32", "uint8". */
export function arraysOf(functions) {
  const byName = new Map(hosts);
  for (const { ops } of functions)
    ops.forEach((op, i) => {
      if (op.name !== "define_field" && op.name !== "put_field") return;
      const kind = made(ops, i, byName);
      if (kind !== undefined && !byName.has(op.text)) byName.set(op.text, kind);
    });
  return byName;
}

/** The kind of array of a variable of a function's closure; undefined: unknown. */
export function closureArray(fn, index, byName) {
  const variable = fn.closure[index];
  const { parent } = fn;
  if (variable === undefined || parent === undefined) return undefined;
  if (variable.from === "c") {
    const seen = parent.closure[variable.index] && closureArray(parent, variable.index, byName);
    if (seen !== undefined) return seen;
  }
  const put = variable.from === "c" ? /^put_var_ref/ : variable.from === "v" ? /^put_loc/ : /^put_arg/;
  const which = (op) => (variable.from === "c" && op.bytes.length === 2 ? u16(op) : localOf(op));
  const at = parent.ops.findIndex((op) => put.test(op.name) && which(op) === variable.index);
  return at < 0 ? undefined : made(parent.ops, at, byName);
}
