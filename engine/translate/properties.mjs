// Properties, elements, and new objects.
import { isNumber, taken, value } from "./values.mjs";
import { nameOf, u16 } from "./operands.mjs";
import { int, row } from "./rows.mjs";

/** Pushes the value at a pointer into `holder`. If the holder is owned, takes a reference and frees the holder. */
function found(t, c, holder, array) {
  if (holder.kind !== "own") {
    t.stack.push({ kind: "ptr", c, array });
    return;
  }
  const e = t.make(`translated_dup(rt, *${c})`);
  t.release(holder);
  t.stack.push({ ...e, array });
}

/** Functions that find and set an element, by the guessed kind of array. */
const elements = { array: "translated_at", undefined: "called_element" };
const puts = { array: "translated_put", undefined: "called_is_put" };
/** Typed arrays: the class and the member with the elements. */
const numbers = { int32: ["JS_CLASS_INT32_ARRAY", "int32_ptr"], uint8: ["JS_CLASS_UINT8_ARRAY", "uint8_ptr"] };

/** An element of a typed array as an lvalue in C. Takes a side exit for another class, or an index out of range. */
function numberAt(t, op, array, index) {
  const [kind, pointer] = numbers[array.array];
  const i = int(t, op, index);
  const once = t.constants.classAsked(array);
  if (once === undefined) {
    t.leaveIf(`!translated_has(${value(array)}, ${i}, ${kind})`, op);
  } else {
    t.emit(`if (!${once}) {`);
    t.leaveIf(`JS_VALUE_GET_OBJ(${value(array)})->class_id != ${kind}`, op);
    t.emit(`${once} = 1; }`);
    t.leaveIf(`(uint32_t)${i} >= JS_VALUE_GET_OBJ(${value(array)})->u.array.count`, op);
  }
  return `JS_VALUE_GET_OBJ(${value(array)})->u.array.u.${pointer}[(uint32_t)${i}]`;
}

row("get_field", (t, op) => {
  if (t.names.getters.has(op.text)) {
    t.settle();
    t.emit(`fr.cur_pc = code + ${op.next};`);
    const e = t.make(`fast_get_field(ctx, ${value(t.top())}, ${nameOf(op)})`);
    t.throwIf(`JS_IsException(${e.c})`, op);
    t.forget();
    t.release(t.pop());
    t.stack.push(e);
    return;
  }
  found(
    t,
    t.own(t.top(), op, false) ?? t.search("translated_own", "const JSValue *", t.top(), op),
    t.pop(),
    t.names.arrays.get(op.text),
  );
});
row("get_field2", (t, op) => {
  // Methods are usually properties of the class.
  const own = t.names.methods.has(op.text) ? undefined : t.own(t.top(), op, false);
  t.push("ptr", own ?? t.search("translated_method", "const JSValue *", t.top(), op));
});
row("get_length", (t, op) => {
  const c = t.fresh("int32_t", "i");
  const kind = numbers[t.top().array];
  if (kind !== undefined) {
    t.constants.want(t.top(), "object");
    t.leaveIf(`!translated_is_a(${value(t.top())}, ${kind[0]})`, op);
    t.emit(`${c} = JS_VALUE_GET_OBJ(${value(t.top())})->u.array.count;`);
    t.release(t.pop());
    t.push("i32", c);
    return;
  }
  t.emit(`${c} = translated_length(${value(t.top())});`);
  t.leaveIf(`${c} < 0`, op);
  t.release(t.pop());
  t.push("i32", c);
});
/** A pointer to the element that the two topmost entries, array and index, select. Pops the index, a number. */
function element(t, op) {
  const [index, array] = [t.top(), t.top(2)];
  t.known.use(index, "number");
  t.constants.want(array, "object");
  const c = t.fresh("const JSValue *", "p");
  const n = t.fresh("JSValue", "n");
  t.emit(`${c} = ${elements[array.array]}(${value(array)}, ${value(index)}, &${n});`);
  t.leaveIf(`!${c}`, op);
  t.pop();
  return c;
}
row("get_array_el", (t, op) => {
  if (numbers[t.top(2).array] !== undefined) {
    const c = t.fresh("int32_t", "i");
    t.constants.want(t.top(2), "object");
    t.emit(`${c} = ${numberAt(t, op, t.top(2), t.top())};`);
    t.pop();
    t.release(t.pop());
    t.push("i32", c);
    return;
  }
  const c = element(t, op);
  found(t, c, t.pop());
});
row("get_array_el2", (t, op) => t.push("ptr", element(t, op)));
/** Sets the length of an array. */
function putLength(t, op) {
  t.settle();
  const [n, array] = [t.top(), t.top(2)];
  t.leaveIf(`!translated_is_a(${value(array)}, JS_CLASS_ARRAY)`, op);
  const set = `JS_SetProperty(ctx, ${value(array)}, ${nameOf(op)}, ${value(n)}) < 0`;
  t.throwIf(set, op);
  t.stack.length -= 2;
  t.release(array);
}
row("put_field", (t, op) => {
  if (op.text === "length" && isNumber(t.top())) {
    putLength(t, op);
    return;
  }
  t.settle(t.stack.length - 2);
  const c = t.own(t.top(2), op, true) ?? t.search("translated_place", "JSValue *", t.top(2), op);
  const e = t.pop();
  const holder = t.pop();
  t.emit(`${isNumber(e) ? "translated_set_number" : "translated_set"}(ctx, ${c}, ${taken(e)});`);
  t.release(holder);
});
row("put_array_el", (t, op) => {
  t.settle(t.stack.length - 3);
  t.constants.want(t.top(3), "object");
  if (numbers[t.top(3).array] !== undefined) {
    const n = int(t, op, t.top());
    t.emit(`${numberAt(t, op, t.top(3), t.top(2))} = ${n};`);
    const e = t.pop();
    t.pop();
    t.release(e, t.pop());
    return;
  }
  const c = t.fresh("int", "f");
  t.emit(`${c} = ${puts[t.top(3).array]}(ctx, ${value(t.top(3))}, ${value(t.top(2))}, ${value(t.top())});`);
  t.leaveIf(`!${c}`, op);
  t.throwIf(`${c} < 0`, op);
  const e = t.pop();
  t.pop(); // the index is a number
  t.release(e, t.pop());
});
row("to_object", (t, op) => t.leaveIf(`JS_VALUE_GET_TAG(${value(t.top())}) != JS_TAG_OBJECT`, op));
row("object", (t, op) => {
  t.settle();
  const e = t.make("JS_NewObject(ctx)");
  t.throwIf(`JS_IsException(${e.c})`, op);
  t.stack.push(e);
});
row("define_field", (t, op) => {
  t.settle();
  const e = t.pop();
  t.throwIf(
    `JS_DefinePropertyValue(ctx, ${value(t.top())}, ${nameOf(op)}, ${taken(e)}, JS_PROP_C_W_E | JS_PROP_THROW) < 0`,
    op,
  );
});
row("array_from", (t, op) => {
  t.settle();
  const count = u16(op);
  const entries = count > 0 ? t.stack.splice(-count) : [];
  const c = t.fresh("JSValue", "o");
  const values = entries.map(taken).join(", ") || "JS_UNDEFINED";
  t.emit(`{ JSValue made[] = { ${values} }; ${c} = translated_array(ctx, ${count}, made); }`);
  t.throwIf(`JS_IsException(${c})`, op);
  t.push("own", c);
});
