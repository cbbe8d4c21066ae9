// Properties, elements, and objects that are made.
import { taken, value } from "./entries.mjs";
import { nameOf, u16 } from "./operands.mjs";
import { row } from "./rows.mjs";

/** A value behind a pointer of its holder, which goes if it is nobody else's. */
function found(t, c, holder) {
  if (holder.kind !== "own") {
    t.push("ptr", c);
    return;
  }
  const e = t.own(`JS_DupValue(ctx, *${c})`);
  t.release(holder);
  t.stack.push(e);
}

row("get_field", (t, op) => {
  if (t.getters.has(op.text)) {
    t.settle();
    t.emit(`fr.cur_pc = code + ${op.next};`);
    const e = t.own(`fast_get_field(ctx, ${value(t.top())}, ${nameOf(op)})`);
    t.throwIf(`JS_IsException(${e.c})`, op);
    t.release(t.pop());
    t.stack.push(e);
    return;
  }
  const c = t.fresh("const JSValue *", "p");
  t.emit(`${c} = ${t.property("translated_own", t.top(), op)};`);
  t.leaveIf(`!${c}`, op);
  found(t, c, t.pop());
});
row("get_field2", (t, op) => {
  const c = t.fresh("const JSValue *", "p");
  t.emit(`${c} = ${t.property("translated_method", t.top(), op)};`);
  t.leaveIf(`!${c}`, op);
  t.push("ptr", c);
});
row("get_length", (t, op) => {
  const c = t.fresh("int32_t", "i");
  t.emit(`${c} = translated_length(${value(t.top())});`);
  t.leaveIf(`${c} < 0`, op);
  t.release(t.pop());
  t.push("i32", c);
});
row("get_array_el", (t, op) => {
  const c = t.fresh("const JSValue *", "p");
  const n = t.fresh("JSValue", "n");
  t.emit(`${c} = fast_element(${value(t.top(2))}, ${value(t.top())}, &${n});`);
  t.leaveIf(`!${c}`, op);
  t.pop(); // the index is a number
  found(t, c, t.pop());
});
row("get_array_el2", (t, op) => {
  const c = t.fresh("const JSValue *", "p");
  const n = t.fresh("JSValue", "n");
  t.emit(`${c} = fast_element(${value(t.top(2))}, ${value(t.top())}, &${n});`);
  t.leaveIf(`!${c}`, op);
  t.pop();
  t.push("ptr", c);
});
row("put_field", (t, op) => {
  t.settle(t.stack.length - 2);
  const c = t.fresh("JSValue *", "q");
  t.emit(`${c} = ${t.property("translated_place", t.top(2), op)};`);
  t.leaveIf(`!${c}`, op);
  const e = t.pop();
  const holder = t.pop();
  t.emit(`set_value(ctx, ${c}, ${taken(e)});`);
  t.release(holder);
});
row("put_array_el", (t, op) => {
  t.settle(t.stack.length - 3);
  t.leaveIf(`!fast_is_put(ctx, ${value(t.top(3))}, ${value(t.top(2))}, ${value(t.top())})`, op);
  const e = t.pop();
  t.pop(); // the index is a number
  t.release(e, t.pop());
});
row("object", (t, op) => {
  t.settle();
  const e = t.own("JS_NewObject(ctx)");
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
