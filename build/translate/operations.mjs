// What each of the interpreter's operations is in C: (translation, operation, its index) => undefined, or the index of
// the last operation that was done with it, or "end" behind a jump. What has no row is left to the interpreter.
import { isNumber, isUnowned, number, taken, value } from "./entries.mjs";
import { localOf, target } from "./function.mjs";

const u16 = (op, at = 0) => op.bytes.readUInt16LE(at);
const nameOf = (op) => `get_u32(code + ${op.at + 1})`;

/** A number in C, or the interpreter takes over. An entry that is one has nothing to let go of. */
function int(t, op, entry) {
  if (isNumber(entry)) return number(entry);
  const c = t.fresh("int32_t", "i");
  t.leaveIf(`JS_VALUE_GET_TAG(${value(entry)}) != JS_TAG_INT`, op);
  t.emit(`${c} = JS_VALUE_GET_INT(${value(entry)});`);
  return c;
}

const rows = {};
const row = (names, act) => {
  for (const name of names.split(" ")) rows[name] = act;
};
const pushes = (names, kind, c) => row(names, (t, op) => t.push(kind, typeof c === "function" ? c(op) : c));

// --- constants and variables ---

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
  // A name that is a number is no string.
  if (/^\d+$/.test(op.text)) t.stack.push(t.own(`JS_AtomToValue(ctx, ${nameOf(op)})`));
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
  const put = (t, op, entry) => {
    const i = localOf(op);
    const c = letter + i;
    if (kind === "arg") t.changedArgs.add(i);
    if (kind === "local" && i === t.selfLocal) {
      t.emit(`${c} = ${value(entry)};`);
      return;
    }
    t.keepOld(kind, i);
    t.settle();
    t.emit(`translated_set(ctx, &${c}, ${taken(entry)});`);
  };
  const get = (t, op) => {
    const i = localOf(op);
    if (kind === "local" && i === t.selfLocal) t.push("self", "self");
    else t.push(kind, i);
  };
  const putRow = (t, op) => put(t, op, t.pop());
  const setRow = (t, op) => {
    put(t, op, t.pop());
    get(t, op);
  };
  const names = (verb) => ["0", "1", "2", "3", "", "8"].map((end) => `${verb}_${word}${end}`).join(" ");
  row(names("get"), get);
  row(names("put"), putRow);
  row(names("set"), setRow);
  if (kind !== "local") continue;
  row("get_loc_check", (t, op) => {
    t.leaveIf(`JS_IsUninitialized(v${localOf(op)})`, op);
    get(t, op);
  });
  row("put_loc_check", (t, op) => {
    t.leaveIf(`JS_IsUninitialized(v${localOf(op)})`, op);
    putRow(t, op);
  });
  row("set_loc_uninitialized", (t, op) => put(t, op, { kind: "plain", c: "JS_UNINITIALIZED" }));
  const counts = (t, op, by) => {
    const c = `v${localOf(op)}`;
    const sum = t.fresh("int32_t", "i");
    const isSum = `__builtin_add_overflow(JS_VALUE_GET_INT(${c}), ${by}, &${sum})`;
    t.leaveIf(`JS_VALUE_GET_TAG(${c}) != JS_TAG_INT || ${isSum}`, op);
    if (op.name === "add_loc") t.pop();
    t.keepOld(kind, localOf(op));
    t.emit(`${c} = JS_NewInt32(ctx, ${sum});`);
  };
  row("inc_loc", (t, op) => counts(t, op, 1));
  row("dec_loc", (t, op) => counts(t, op, -1));
  row("add_loc", (t, op) => counts(t, op, int(t, op, t.top())));
}
// No variable of a translated function is a closure's: who makes closures is the interpreter.
row("close_loc nop", () => {});

{
  const where = (op, i) => `refs[${i ?? u16(op)}]->pvalue`;
  const get = (i, check) => (t, op) => {
    if (t.fn.constants[i ?? u16(op)]) {
      // It is what it is as long as the function is there.
      const c = t.fresh("JSValue", "h");
      t.emit(`${c} = *${where(op, i)};`);
      if (check) t.leaveIf(`JS_IsUninitialized(${c})`, op);
      t.push("held", c);
      return;
    }
    const c = t.fresh("const JSValue *", "p");
    t.emit(`${c} = ${where(op, i)};`);
    if (check) t.leaveIf(`JS_IsUninitialized(*${c})`, op);
    t.push("ptr", c);
  };
  const put = (i, check) => (t, op) => {
    if (check) t.leaveIf(`JS_IsUninitialized(*${where(op, i)})`, op);
    const e = t.pop();
    t.settle();
    t.emit(`set_value(ctx, ${where(op, i)}, ${taken(e)});`);
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
  const e = t.own(`JS_GetGlobalVar(ctx, ${nameOf(op)}, ${op.name === "get_var" ? 1 : 0})`);
  t.throwIf(`JS_IsException(${e.c})`, op);
  t.stack.push(e);
});

// --- the stack ---

row("drop", (t) => t.release(t.pop()));
row("nip", (t) => {
  const top = t.pop();
  const e = t.pop();
  t.stack.push(top);
  t.release(e);
});
/** The entry twice. */
function twice(t, e) {
  if (e.kind !== "own") return { ...e };
  return t.own(taken({ kind: "held", c: e.c }));
}
row("dup", (t, op, i) => {
  // `a || b`, `a && b`: a copy is asked, and the value stays if that ends it.
  const ask = t.fn.ops[i + 1];
  if (/^if_(true|false)8?$/.test(ask.name) && !t.leaders.has(ask.at)) return branch(t, ask, i + 1, true);
  t.stack.push(twice(t, t.top()));
  return undefined;
});
row("dup1", (t) => {
  t.stack.splice(-1, 0, twice(t, t.top(2)));
});
row("dup2", (t) => {
  const copies = [twice(t, t.top(2)), twice(t, t.top(1))];
  t.stack.push(...copies);
});
row("dup3", (t) => {
  const copies = [twice(t, t.top(3)), twice(t, t.top(2)), twice(t, t.top(1))];
  t.stack.push(...copies);
});
row("insert2", (t) => {
  t.stack.splice(-2, 0, twice(t, t.top()));
});
row("insert3", (t) => {
  t.stack.splice(-3, 0, twice(t, t.top()));
});
row("insert4", (t) => {
  t.stack.splice(-4, 0, twice(t, t.top()));
});
/** The topmost entries in another order: where each was, from the lowest. */
const order = (name, ...from) =>
  row(name, (t) => {
    const was = t.stack.splice(-from.length);
    t.stack.push(...from.map((i) => was[i]));
  });
order("swap", 1, 0);
order("perm3", 1, 0, 2);
order("perm4", 2, 0, 1, 3);
order("rot3l", 1, 2, 0);
order("rot3r", 2, 0, 1);
order("rot4l", 1, 2, 3, 0);
order("swap2", 2, 3, 0, 1);

// --- properties and elements ---

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

// --- numbers and truths ---

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
arithmetic("and", plain((l, r) => `${l} & ${r}`));
arithmetic("or", plain((l, r) => `${l} | ${r}`));
arithmetic("xor", plain((l, r) => `${l} ^ ${r}`));
arithmetic("shl", plain((l, r) => `(int32_t)((uint32_t)${l} << (${r} & 31))`));
arithmetic("sar", plain((l, r) => `${l} >> (${r} & 31)`));
arithmetic("shr", (t, op, left, right, c) => {
  t.emit(`${c} = (int32_t)((uint32_t)${left} >> (${right} & 31));`);
  t.leaveIf(`${c} < 0`, op);
});
arithmetic("mul", (t, op, left, right, c) => {
  // Nothing can be a negative nothing.
  t.leaveIf(`__builtin_mul_overflow(${left}, ${right}, &${c}) || ${c} == 0`, op);
});
row("add", (t, op) => {
  const [right, left] = [t.top(), t.top(2)];
  const maybeText = (e) => e.kind === "own" || e.kind === "text";
  if (right.kind === "text" || left.kind === "text" || (maybeText(left) && maybeText(right))) text(t, op);
  else add(t, op);
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
/** A sum in which one is known to be text. */
const text = (t, op) => {
  t.settle();
  const right = t.pop();
  const left = t.pop();
  t.emit(`fr.cur_pc = code + ${op.next};`);
  const e = t.own(`translated_add(ctx, ${taken(left)}, ${taken(right)})`);
  t.throwIf(`JS_IsException(${e.c})`, op);
  t.stack.push(e);
};
for (const [name, step] of [
  ["inc", "1"],
  ["dec", "-1"],
])
  row(name, (t, op) => {
    const i = int(t, op, t.top());
    const c = t.fresh("int32_t", "i");
    t.leaveIf(`__builtin_add_overflow(${i}, ${step}, &${c})`, op);
    t.pop();
    t.push("i32", c);
  });
for (const [name, step] of [
  ["post_inc", "1"],
  ["post_dec", "-1"],
])
  row(name, (t, op) => {
    const i = int(t, op, t.top());
    const c = t.fresh("int32_t", "i");
    t.leaveIf(`__builtin_add_overflow(${i}, ${step}, &${c})`, op);
    t.pop();
    t.push("i32", i);
    t.push("i32", c);
  });
row("not", (t, op) => {
  const i = int(t, op, t.top());
  const c = t.fresh("int32_t", "i");
  t.emit(`${c} = ~${i};`);
  t.pop();
  t.push("i32", c);
});

/** A condition in place of what it was asked of. */
function flag(t, condition, ...entries) {
  const c = t.fresh("int", "f");
  t.emit(`${c} = ${condition};`);
  t.release(...entries);
  t.push("flag", c);
}
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
      const c = t.fresh("int", "f");
      t.emit(`${c} = translated_is_int(${value(left)}, ${number(right)});`);
      t.leaveIf(`${c} < 0`, op);
      t.pop();
      t.pop();
      flag(t, `${not}${c}`, left);
      return;
    }
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
  flag(t, `JS_VALUE_GET_TAG(${value(e)}) == JS_TAG_UNDEFINED`, e);
});
row("is_null", (t) => {
  const e = t.pop();
  flag(t, `JS_VALUE_GET_TAG(${value(e)}) == JS_TAG_NULL`, e);
});
row("is_undefined_or_null", (t) => {
  const e = t.pop();
  flag(t, `translated_is_nothing(${value(e)})`, e);
});
row("lnot", (t, op) => {
  const c = truth(t, op);
  flag(t, `!${c}`, t.pop());
});
row("typeof", (t) => {
  t.settle();
  const e = t.own(`JS_AtomToString(ctx, js_operator_typeof(ctx, ${value(t.top())}))`);
  t.release(t.pop());
  t.stack.push(e);
});

/** Whether the topmost entry counts as true, as an expression of C. */
function truth(t, op) {
  const e = t.top();
  if (e.kind === "flag" || isNumber(e)) return `(${e.c} != 0)`;
  const c = t.fresh("int", "f");
  t.emit(`${c} = fast_truth(${value(e)});`);
  if (!isUnowned(e)) t.leaveIf(`${c} < 0`, op);
  return c;
}

/** Where a jump of that truth ends, if what stands at its end asks the same again; gone: without the value. */
function through(t, to, is) {
  const op = t.fn.ops[t.at.get(to)];
  const ask = t.fn.ops[t.at.get(to) + 1];
  if (/^if_(true|false)8?$/.test(op.name))
    return { to: op.name.startsWith("if_true") === is ? target(op) : op.next, gone: true };
  if (op.name === "dup" && /^if_(true|false)8?$/.test(ask?.name ?? "")) {
    if (ask.name.startsWith("if_true") === is) return through(t, target(ask), is);
    const drop = t.fn.ops[t.at.get(ask.next)];
    if (drop.name === "drop") return { to: drop.next, gone: true };
  }
  return { to, gone: false };
}

/** A conditional jump; copy: the value stays, for it was asked by its copy. */
function branch(t, op, i, copy) {
  const is = op.name.startsWith("if_true");
  t.flush(1);
  const from = copy ? t.fn.ops[i - 1] : op;
  const c = truth(t, from);
  const e = t.pop();
  const end = copy ? through(t, target(op), is) : { to: target(op), gone: true };
  if (!end.gone) {
    // The value goes along.
    t.stack.push(e);
    const jumped = [];
    const lines = t.lines;
    t.lines = jumped;
    const stack = t.stack.slice();
    t.flush();
    const go = t.poll(op.at, end.to) + t.jump(end.to);
    t.lines = lines;
    t.stack = stack;
    t.emit(`if (${is ? "" : "!"}${c}) { ${jumped.join(" ")} ${go} }`);
    t.leaders.add(end.to);
    return i;
  }
  if (e.kind === "own" && copy) {
    // Let go of where the jump is taken; else what follows does.
    t.leaders.add(end.to);
    const go = t.poll(op.at, end.to) + t.jump(end.to);
    t.emit(`if (${is ? "" : "!"}${c}) { JS_FreeValue(ctx, ${e.c}); ${go} }`);
    t.stack.push(e);
    return i;
  }
  t.leaders.add(end.to);
  if (!copy) t.release(e);
  t.emit(`if (${is ? "" : "!"}${c}) { ${t.poll(op.at, end.to)}${t.jump(end.to)} }`);
  if (copy) t.stack.push(e);
  return i;
}
row("if_true if_true8 if_false if_false8", (t, op, i) => branch(t, op, i, false));
row("goto goto8 goto16", (t, op) => {
  t.flush();
  t.emit(t.poll(op.at, target(op)) + t.jump(target(op)));
  return "end";
});

// --- calls ---

/** `under`: 1 with a function below the arguments, 2 with an object below that; last: and returns what it does. */
function call(t, op, count, under, last) {
  t.settle();
  const entries = t.stack.slice(t.stack.length - count - under);
  const args = entries.slice(under);
  const callee = entries[under - 1];
  const self = under === 2 ? value(entries[0]) : "JS_UNDEFINED";
  const c = t.fresh("JSValue", "o");
  const given = args.length > 0 ? `JSValue given[] = { ${args.map(value).join(", ")} }; ` : "";
  const array = args.length > 0 ? "given" : "NULL";
  t.emit(`fr.cur_pc = code + ${op.next};`);
  t.emit(`{ ${given}${c} = translated_call(ctx, ${value(callee)}, ${self}, ${count}, ${array}); }`);
  t.throwIf(`JS_IsException(${c})`, op);
  t.stack.length -= count + under;
  t.release(...entries);
  t.push("own", c);
  return last ? rows.return(t) : undefined;
}
for (let i = 0; i < 4; i++) row(`call${i}`, (t, op) => call(t, op, i, 1, false));
row("call", (t, op) => call(t, op, u16(op), 1, false));
row("call_method", (t, op) => call(t, op, u16(op), 2, false));
row("tail_call", (t, op) => call(t, op, u16(op), 1, true));
row("tail_call_method", (t, op) => call(t, op, u16(op), 2, true));
row("call_constructor", (t, op) => {
  t.settle();
  const count = u16(op);
  const entries = t.stack.slice(t.stack.length - count - 2);
  const args = entries.slice(2).map(value).join(", ") || "JS_UNDEFINED";
  const c = t.fresh("JSValue", "o");
  t.emit(`fr.cur_pc = code + ${op.next};`);
  t.emit(
    `{ JSValue given[] = { ${args} }; ${c} = JS_CallConstructorInternal(ctx, ${value(entries[0])}, ${value(entries[1])}, ${count}, given, JS_CALL_FLAG_COPY_ARGV); }`,
  );
  t.throwIf(`JS_IsException(${c})`, op);
  t.stack.length -= count + 2;
  t.release(...entries);
  t.push("own", c);
});
row("return return_undef", (t, op) => {
  const e = op?.name === "return_undef" ? { kind: "plain", c: "JS_UNDEFINED" } : t.pop();
  t.emit(`result = ${taken(e)};`);
  t.release(...t.stack.splice(0));
  t.emit("goto done;");
  return "end";
});
row("catch", (t, op) => {
  t.stack.push({ kind: "plain", c: `JS_NewCatchOffset(ctx, ${target(op)})`, catch: true });
});
row("nip_catch", (t) => {
  const e = t.pop();
  const gone = [];
  while (!t.top().catch) gone.push(t.pop());
  t.pop();
  t.stack.push(e);
  t.release(...gone);
});

export const operations = rows;
