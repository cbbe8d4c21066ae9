// Writes a translated function as C.

const range = (length) => Array.from({ length }, (_, i) => i);
const lines = (list, write) => list.map(write).join("\n");

function declarations(variables) {
  const types = new Map();
  for (const [name, type] of variables) types.set(type, [...(types.get(type) ?? []), name]);
  return lines([...types], ([type, names]) => `    ${type} ${names.join(type.endsWith("*") ? ", *" : ", ")};`);
}

/** `t`: a Translation whose blocks are complete. */
export function written(t) {
  const { fn, selfLocal } = t;
  const blocks = [...t.blocks].sort((a, b) => a[0] - b[0]);
  const exits = [...t.exits.values()];
  const changedArgs = [...t.changedArgs];
  const changed = changedArgs.reduce((mask, i) => mask | (1 << i), 0);
  const arg = (i) => (t.changedArgs.has(i) ? `translated_dup(rt, argv[${i}])` : `argv[${i}]`);
  const locals = range(fn.vars);
  const numbers = locals.filter((i) => t.known.isNumber(i));
  const values = locals.filter((i) => !t.known.isNumber(i));
  const doubts = [
    `argc < ${fn.args}`,
    "--engine_interrupt_budget < 0",
    "js_check_stack_overflow(rt, 0)",
    ...t.constants.doubts(),
  ];
  const ends = (mark) => [...t.assigned.at(mark)].map((i) => `translated_free(ctx, v${i});`).join(" ");
  const line = (text) =>
    typeof text === "string" ? text : text.ends ? ends(text.ends) : t.shapes.forgotten(text.forget);
  const kept = (i) =>
    t.known.isNumber(i) ? `JS_NewInt32(ctx, w${i})` : i === selfLocal ? `translated_dup(rt, v${i})` : `v${i}`;
  return `
/* ${fn.name} */
static JSValue translated_${t.index}(JSContext *ctx, JSValueConst function, JSValueConst self, int argc, JSValueConst *argv) {
    JSRuntime *const rt = ctx->rt;
    JSObject *const object = JS_VALUE_GET_OBJ(function);
    JSFunctionBytecode *const b = object->u.func.function_bytecode;
    JSVarRef **const refs = object->u.func.var_refs;
    const uint8_t *const code = b->byte_code_buf;
    compressed_pointer *const words = rt->translated_words;
    JSStackFrame fr;
    JSValue buf[${fn.args + fn.vars + fn.stack}];
    JSValue result;
    static const struct side_exit exits[] = {${exits.map(({ leaving }) => leaving).join(", ")}};
    int leaving;
${declarations(t.variables)}
${lines(t.constants.declarations(), (text) => text)}
${lines(t.shapes.declarations(), (text) => text)}
    if (unlikely(${doubts.map((doubt) => `(${doubt})`).join(" | ")}))
        goto interpret;
${lines(t.constants.known(), (text) => text)}
${lines(values, (i) => `    JSValue v${i} = JS_UNDEFINED;`)}
${lines(numbers, (i) => `    int32_t w${i} = 0;`)}
${lines(range(fn.args), (i) => `    JSValue a${i} = ${arg(i)};`)}
    translated_enter(rt, &fr, function, b);
    ${blocks.map(([at, block]) => [`L${at}:;`, ...block.map(line)].join("\n    ")).join("\n")}
done:
${lines(changedArgs, (i) => `    translated_free(ctx, a${i});`)}
    rt->current_stack_frame = fr.prev_frame;
    return result;
${lines(exits, ({ label, stores }, i) => `${label}: __attribute__((cold)); ${stores}leaving = ${i}; goto leave;`)}
interpret: __attribute__((cold));
${lines(range(fn.vars), (i) => `    buf[${fn.args + i}] = JS_UNDEFINED;`)}
    if (engine_interrupt_budget < 0 && __js_poll_interrupts(ctx))
        return JS_EXCEPTION;
    return js_check_stack_overflow(rt, 0)
               ? JS_ThrowStackOverflow(ctx)
               : take_side_exit(ctx, function, self, argc, argv, buf, 0, &exit_at_start);
leave: __attribute__((cold));
${lines(changedArgs, (i) => `    buf[${i}] = a${i};`)}
${lines(range(fn.vars), (i) => `    buf[${fn.args + i}] = ${kept(i)};`)}
    rt->current_stack_frame = fr.prev_frame;
    return take_side_exit(ctx, function, self, argc, argv, buf, ${changed}, &exits[leaving]);
}
`;
}
