// Literals, variables of the function and of its closure, global variables.
import { closureArray } from "./arrays.mjs";
import { taken, value } from "./values.mjs";
import { localOf, nameOf, u16 } from "./operands.mjs";
import { int, row } from "./rows.mjs";

const pushes = (names, kind, c) => row(names, (t, op) => t.push(kind, typeof c === "function" ? c(op) : c));

for (let i = 0; i <= 7; i++) pushes(`push_${i}`, "int", i);
pushes("push_minus1", "int", -1);
pushes("push_i8", "int", (op) => op.bytes.readInt8());
pushes("push_i16", "int", (op) => op.bytes.readInt16LE());
pushes("push_i32", "int", (op) => op.bytes.readInt32LE());
pushes("push_false", "plain", "JS_FALSE");
pushes("push_true", "plain", "JS_TRUE");
pushes("null", "plain", "JS_NULL");
pushes("undefined", "plain", "JS_UNDEFINED");
pushes("push_const8", "held", (op) => `b->cpool[${op.bytes[0]}]`);
pushes("push_const", "held", (op) => `b->cpool[${op.bytes.readUInt32LE()}]`);
pushes("push_empty_string", "text", "translated_text(rt, JS_ATOM_empty_string)");
row("push_atom_value", (t, op) => {
  // An atom that is a number has no string.
  if (/^\d+$/.test(op.text)) t.stack.push(t.make(`JS_AtomToValue(ctx, ${nameOf(op)})`));
  else t.push("text", `translated_text(rt, ${nameOf(op)})`);
});
row("push_this", (t, op) => {
  t.leaveIf("JS_VALUE_GET_TAG(self) != JS_TAG_OBJECT", op);
  t.push("self", "self");
});

for (const [kind, word, letter] of [
  ["local", "loc", "v"],
  ["arg", "arg", "a"],
]) {
  const put = (t, op) => {
    const i = localOf(op);
    const c = letter + i;
    if (kind === "local") t.known.put(i, t.top());
    if (kind === "arg") t.changedArgs.add(i);
    if (kind === "local" && t.known.isNumber(i)) {
      const n = int(t, op, t.top());
      t.pop();
      t.keepOld(kind, i);
      t.emit(`w${i} = ${n};`);
      return;
    }
    const isObject = kind === "local" && t.known.isObject(i);
    if (isObject) t.leaveIf(`JS_VALUE_GET_TAG(${value(t.top())}) != JS_TAG_OBJECT`, op);
    const entry = t.pop();
    if (kind === "local" && i === t.selfLocal) {
      t.emit(`${c} = ${value(entry)};`);
      return;
    }
    if (kind === "local") t.assigned.put(i);
    t.keepOld(kind, i);
    t.settle();
    t.emit(`translated_set(ctx, &${c}, ${taken(entry)});`);
    t.forget(`${kind} ${i}`);
  };
  const get = (t, op) => {
    const i = localOf(op);
    if (kind === "local" && i === t.selfLocal) t.push("self", "self");
    else if (kind === "local" && t.known.isNumber(i)) t.stack.push({ kind: "i32", c: `w${i}`, local: i });
    else t.push(kind, i);
  };
  const setRow = (t, op) => {
    put(t, op);
    get(t, op);
  };
  const names = (verb) => ["0", "1", "2", "3", "", "8"].map((end) => `${verb}_${word}${end}`).join(" ");
  row(names("get"), get);
  row(names("put"), put);
  row(names("set"), setRow);
  if (kind !== "local") continue;
  row("get_loc_check", (t, op) => {
    t.known.no(localOf(op));
    t.leaveIf(`JS_IsUninitialized(v${localOf(op)})`, op);
    get(t, op);
  });
  row("put_loc_check", (t, op) => {
    t.known.no(localOf(op));
    t.leaveIf(`JS_IsUninitialized(v${localOf(op)})`, op);
    put(t, op);
  });
  row("set_loc_uninitialized", (t, op) => {
    t.push("plain", "JS_UNINITIALIZED");
    put(t, op);
  });
  const counts = (t, op, by) => {
    const i = localOf(op);
    const sum = t.fresh("int32_t", "i");
    const old = t.known.isNumber(i) ? `w${i}` : `JS_VALUE_GET_INT(v${i})`;
    const isSum = `__builtin_add_overflow(${old}, ${by}, &${sum})`;
    t.known.use({ kind, c: i }, "number");
    t.leaveIf(t.known.isNumber(i) ? isSum : `JS_VALUE_GET_TAG(v${i}) != JS_TAG_INT || ${isSum}`, op);
    if (op.name === "add_loc") t.pop();
    t.keepOld(kind, i);
    t.emit(t.known.isNumber(i) ? `w${i} = ${sum};` : `v${i} = JS_NewInt32(ctx, ${sum});`);
  };
  row("inc_loc", (t, op) => counts(t, op, 1));
  row("dec_loc", (t, op) => counts(t, op, -1));
  row("add_loc", (t, op) => counts(t, op, int(t, op, t.top())));
}
// A translated function makes no closures, so none of its variables is captured.
row("close_loc nop", () => {});

{
  const where = (op, i) => `refs[${i ?? u16(op)}]->pvalue`;
  const get = (i, check) => (t, op) => {
    const index = i ?? u16(op);
    const array = closureArray(t.fn, index, t.names.arrays);
    if (t.fn.closure[index].constant) {
      // Its value never changes while the function exists.
      t.stack.push(t.constants.entry(index, array));
      return;
    }
    const c = t.fresh("const JSValue *", "p");
    t.emit(`${c} = ${where(op, i)};`);
    if (check) t.leaveIf(`JS_IsUninitialized(*${c})`, op);
    t.stack.push({ kind: "ptr", c, array });
  };
  const put = (i, check) => (t, op) => {
    if (check) t.leaveIf(`JS_IsUninitialized(*${where(op, i)})`, op);
    const e = t.pop();
    t.settle();
    t.emit(`translated_set(ctx, ${where(op, i)}, ${taken(e)});`);
  };
  for (let i = 0; i < 4; i++) {
    row(`get_var_ref${i}`, get(i, false));
    row(`put_var_ref${i}`, put(i, false));
  }
  row("get_var_ref", get(undefined, false));
  row("put_var_ref", put(undefined, false));
  row("get_var_ref_check", get(undefined, true));
  row("put_var_ref_check", put(undefined, true));
}
row("get_var get_var_undef", (t, op) => {
  t.settle();
  t.emit(`fr.cur_pc = code + ${op.next};`);
  const e = t.make(`JS_GetGlobalVar(ctx, ${nameOf(op)}, ${op.name === "get_var" ? 1 : 0})`);
  t.throwIf(`JS_IsException(${e.c})`, op);
  t.forget();
  t.stack.push(e);
});
