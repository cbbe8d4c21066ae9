// Arithmetic, concatenation of strings, comparisons.
import { isNumber, number, taken, value } from "./values.mjs";
import { flag, int, row, truth } from "./rows.mjs";

const arithmetic = (name, how) =>
  row(name, (t, op) => {
    const right = int(t, op, t.top());
    const left = int(t, op, t.top(2));
    const c = t.fresh("int32_t", "i");
    how(t, op, left, right, c);
    t.pop();
    t.pop();
    t.push("i32", c);
  });
const checked = (name) => (t, op, left, right, c) =>
  t.leaveIf(`__builtin_${name}_overflow(${left}, ${right}, &${c})`, op);
const plain = (write) => (t, _op, left, right, c) => t.emit(`${c} = ${write(left, right)};`);
arithmetic("sub", checked("sub"));
arithmetic(
  "and",
  plain((l, r) => `${l} & ${r}`),
);
arithmetic(
  "or",
  plain((l, r) => `${l} | ${r}`),
);
arithmetic(
  "xor",
  plain((l, r) => `${l} ^ ${r}`),
);
arithmetic(
  "shl",
  plain((l, r) => `(int32_t)((uint32_t)${l} << (${r} & 31))`),
);
arithmetic(
  "sar",
  plain((l, r) => `${l} >> (${r} & 31)`),
);
arithmetic("shr", (t, op, left, right, c) => {
  t.emit(`${c} = (int32_t)((uint32_t)${left} >> (${right} & 31));`);
  t.leaveIf(`${c} < 0`, op);
});
arithmetic("mul", (t, op, left, right, c) => {
  // A product of 0 may have to be -0.
  t.leaveIf(`__builtin_mul_overflow(${left}, ${right}, &${c}) || ${c} == 0`, op);
});
row("add", (t, op) => {
  const [right, left] = [t.top(), t.top(2)];
  const maybeText = (e) => e.kind === "own" || e.kind === "text";
  if (right.kind === "text" || left.kind === "text" || (maybeText(left) && maybeText(right))) text(t, op);
  else if (isNumber(left) || isNumber(right)) add(t, op);
  else either(t, op);
});
const add = (t, op) => {
  const right = int(t, op, t.top());
  const left = int(t, op, t.top(2));
  const c = t.fresh("int32_t", "i");
  t.leaveIf(`__builtin_add_overflow(${left}, ${right}, &${c})`, op);
  t.pop();
  t.pop();
  t.push("i32", c);
};
/** A sum with a string. */
const text = (t, op) => {
  t.settle();
  const right = t.pop();
  const left = t.pop();
  t.emit(`fr.cur_pc = code + ${op.next};`);
  const e = t.make(`translated_add(ctx, ${taken(left)}, ${taken(right)})`);
  t.throwIf(`JS_IsException(${e.c})`, op);
  t.forget();
  t.stack.push(e);
};
/** A sum of numbers or of strings, which is known only at run time. */
const either = (t, op) => {
  t.settle(t.stack.length - 2);
  const [right, left] = [t.top(), t.top(2)];
  const c = t.fresh("JSValue", "o");
  t.emit(`${c} = translated_sum(ctx, ${value(left)}, ${value(right)});`);
  t.emit(`if (unlikely(JS_IsUninitialized(${c}))) goto ${t.exit(op.at)};`);
  t.throwIf(`JS_IsException(${c})`, op);
  t.stack.length -= 2;
  t.release(left, right);
  t.push("own", c);
};
for (const [name, step, keeps] of [
  ["inc", 1, false],
  ["dec", -1, false],
  ["post_inc", 1, true],
  ["post_dec", -1, true],
])
  row(name, (t, op) => {
    const i = int(t, op, t.top());
    const c = t.fresh("int32_t", "i");
    t.leaveIf(`__builtin_add_overflow(${i}, ${step}, &${c})`, op);
    const e = t.pop();
    if (keeps) t.stack.push({ ...e, kind: "i32", c: i });
    t.push("i32", c);
  });
row("not", (t, op) => {
  const i = int(t, op, t.top());
  const c = t.fresh("int32_t", "i");
  t.emit(`${c} = ~${i};`);
  t.pop();
  t.push("i32", c);
});

for (const [name, sign] of [
  ["lt", "<"],
  ["lte", "<="],
  ["gt", ">"],
  ["gte", ">="],
])
  row(name, (t, op) => {
    const right = int(t, op, t.top());
    const left = int(t, op, t.top(2));
    t.pop();
    t.pop();
    flag(t, `${left} ${sign} ${right}`);
  });

const tags = { JS_UNDEFINED: "JS_TAG_UNDEFINED", JS_NULL: "JS_TAG_NULL" };
for (const [name, negated] of [
  ["strict_eq", false],
  ["strict_neq", true],
])
  row(name, (t, op) => {
    const right = t.top();
    const left = t.top(2);
    const not = negated ? "!" : "";
    if (isNumber(left) && isNumber(right)) {
      t.pop();
      t.pop();
      flag(t, `${number(left)} ${negated ? "!=" : "=="} ${number(right)}`);
      return;
    }
    if (isNumber(right)) {
      t.known.use(left, "number");
      const c = t.fresh("int", "f");
      t.emit(`${c} = translated_is_int(${value(left)}, ${number(right)});`);
      t.leaveIf(`${c} < 0`, op);
      t.pop();
      t.pop();
      flag(t, `${not}${c}`, left);
      return;
    }
    t.known.use(left, "asked");
    t.known.use(right, "asked");
    const known = tags[right.c];
    if (right.kind === "plain" && known !== undefined) {
      t.pop();
      t.pop();
      flag(t, `${not}(JS_VALUE_GET_TAG(${value(left)}) == ${known})`, left);
      return;
    }
    const c = t.fresh("int", "f");
    t.emit(`${c} = translated_same(${value(left)}, ${value(right)});`);
    t.leaveIf(`${c} < 0`, op);
    t.pop();
    t.pop();
    flag(t, `${not}${c}`, left, right);
  });

row("is_undefined", (t) => {
  const e = t.pop();
  t.known.use(e, "asked");
  flag(t, `JS_VALUE_GET_TAG(${value(e)}) == JS_TAG_UNDEFINED`, e);
});
row("is_null", (t) => {
  const e = t.pop();
  t.known.use(e, "asked");
  flag(t, `JS_VALUE_GET_TAG(${value(e)}) == JS_TAG_NULL`, e);
});
row("is_undefined_or_null", (t) => {
  const e = t.pop();
  t.known.use(e, "asked");
  flag(t, `translated_is_nothing(${value(e)})`, e);
});
row("lnot", (t, op) => {
  const c = truth(t, op);
  flag(t, `!${c}`, t.pop());
});
row("typeof", (t, _op, i) => {
  t.known.use(t.top(), "asked");
  const [name, compare] = [t.fn.ops[i + 1], t.fn.ops[i + 2]];
  if (name.name === "push_atom_value" && name.text === "string" && /^strict_n?eq$/.test(compare?.name ?? "")) {
    const e = t.pop();
    flag(t, `${compare.name === "strict_neq" ? "!" : ""}translated_is_text(${value(e)})`, e);
    return i + 2;
  }
  t.settle();
  const e = t.make(`JS_AtomToString(ctx, js_operator_typeof(ctx, ${value(t.top())}))`);
  t.release(t.pop());
  t.stack.push(e);
  return undefined;
});
