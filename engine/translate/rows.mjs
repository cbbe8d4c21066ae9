// The table of operations, and what rows of several kinds need.
import { isNumber, isUnowned, number, value } from "./values.mjs";

/** (translation, operation, its index) => undefined, or the index of the last operation that was done with it, or "end". */
export const rows = {};

export function row(names, act) {
  for (const name of names.split(" ")) rows[name] = act;
}

/** A number in C, or the interpreter takes over. An entry that is one has nothing to let go of. */
export function int(t, op, entry) {
  if (isNumber(entry)) return number(entry);
  if (entry.kind === "constant") {
    t.constants.want(entry, "number");
    return `JS_VALUE_GET_INT(${entry.c})`;
  }
  t.known.use(entry, "number");
  const c = t.fresh("int32_t", "i");
  t.leaveIf(`JS_VALUE_GET_TAG(${value(entry)}) != JS_TAG_INT`, op);
  t.emit(`${c} = JS_VALUE_GET_INT(${value(entry)});`);
  return c;
}

/** A condition in place of what it was asked of. */
export function flag(t, condition, ...entries) {
  const c = t.fresh("int", "f");
  t.emit(`${c} = ${condition};`);
  t.release(...entries);
  t.push("flag", c);
}

/** Whether the topmost entry counts as true, as an expression of C. */
export function truth(t, op) {
  const e = t.top();
  t.known.use(e, "asked");
  if (e.kind === "flag" || isNumber(e)) return `(${e.c} != 0)`;
  const c = t.fresh("int", "f");
  t.emit(`${c} = translated_truth(${value(e)});`);
  if (!isUnowned(e)) t.leaveIf(`${c} < 0`, op);
  return c;
}
