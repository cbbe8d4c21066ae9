// Calls and returns.
import { taken, value } from "./values.mjs";
import { target, u16 } from "./operands.mjs";
import { row, rows } from "./rows.mjs";

/** `under`: entries below the arguments: 1, the function; 2, an object and the function. `last`: a tail call. */
function call(t, op, count, under, last) {
  // A known object's reference is counted in one instruction.
  const called = t.top(count + 1);
  if (called.kind === "ptr") t.leaveIf(`JS_VALUE_GET_TAG(*${called.c}) != JS_TAG_OBJECT`, op);
  t.settle();
  const entries = t.stack.slice(t.stack.length - count - under);
  const args = entries.slice(under);
  const callee = entries[under - 1];
  t.constants.want(callee, "object");
  const self = under === 2 ? value(entries[0]) : "JS_UNDEFINED";
  const c = t.fresh("JSValue", "o");
  const given = args.length > 0 ? `JSValue given[] = { ${args.map(value).join(", ")} }; ` : "";
  const array = args.length > 0 ? "given" : "NULL";
  t.emit(`fr.cur_pc = code + ${op.next};`);
  t.emit(`{ ${given}${c} = translated_call(ctx, ${value(callee)}, ${self}, ${count}, ${array}); }`);
  t.throwIf(`JS_IsException(${c})`, op);
  t.forget();
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
  t.forget();
  t.stack.length -= count + 2;
  t.release(...entries);
  t.push("own", c);
});
row("return return_undef", (t, op) => {
  const e = op?.name === "return_undef" ? { kind: "plain", c: "JS_UNDEFINED" } : t.pop();
  // A variable's value is moved to the result.
  const moved = e.kind === "local" && e.c !== t.selfLocal;
  t.emit(`result = ${moved ? value(e) : taken(e)};`);
  t.release(...t.stack.splice(0));
  t.lines.push({ ends: t.assigned.mark(moved ? e.c : undefined) });
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
