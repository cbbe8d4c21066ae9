// The table of operations, and functions that several rows use.
import { isNumber, isUnowned, number, value } from "./values.mjs";

/**
 * By name: (translation, operation, its index) => undefined, or the index of the last operation if it has handled several,
 * or "end" if nothing follows in the block.
 */
export const rows = {};

export function row(names, act) {
  for (const name of names.split(" ")) rows[name] = act;
}

/** An entry as an int32_t expression in C. Takes a side exit if it is no integer. An integer need not be freed. */
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

/** Pushes a condition, and frees the entries that it was computed from. */
export function flag(t, condition, ...entries) {
  const c = t.fresh("int", "f");
  t.emit(`${c} = ${condition};`);
  t.release(...entries);
  t.push("flag", c);
}

/** Whether the topmost entry is truthy, as an expression in C. */
export function truth(t, op) {
  const e = t.top();
  t.known.use(e, "asked");
  if (e.kind === "flag" || isNumber(e)) return `(${e.c} != 0)`;
  const c = t.fresh("int", "f");
  t.emit(`${c} = translated_truth(${value(e)});`);
  if (!isUnowned(e)) t.leaveIf(`${c} < 0`, op);
  return c;
}
