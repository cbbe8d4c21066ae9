// A translated function as C.

const range = (length) => Array.from({ length }, (_, i) => i);
const lines = (list, write) => list.map(write).join("\n");

function declarations(variables) {
  const types = new Map();
  for (const [name, type] of variables) types.set(type, [...(types.get(type) ?? []), name]);
  return lines([...types], ([type, names]) => `    ${type} ${names.join(type.endsWith("*") ? ", *" : ", ")};`);
}

/** `t`: a Translation whose blocks are done. */
export function written(t) {
  const { fn, selfLocal } = t;
  const blocks = [...t.blocks].sort((a, b) => a[0] - b[0]);
  const exits = [...t.exits.values()];
  const changedArgs = [...t.changedArgs];
  const changed = changedArgs.reduce((mask, i) => mask | (1 << i), 0);
  const given = (i) => `argc > ${i} ? argv[${i}] : JS_UNDEFINED`;
  const arg = (i) => (t.changedArgs.has(i) ? `JS_DupValue(ctx, ${given(i)})` : given(i));
  const owned = range(fn.vars).filter((i) => i !== selfLocal);
  const kept = (i) => (i === selfLocal ? `JS_DupValue(ctx, v${i})` : `v${i}`);
  return `
/* ${fn.name} */
static JSValue translated_${t.index}(JSContext *ctx, JSValueConst function, JSValueConst self, int argc, JSValueConst *argv) {
    JSRuntime *const rt = ctx->rt;
    JSObject *const object = JS_VALUE_GET_OBJ(function);
    JSFunctionBytecode *const b = object->u.func.function_bytecode;
    JSVarRef **const refs = object->u.func.var_refs;
    const uint8_t *const code = b->byte_code_buf;
    struct translated_site *const sites = rt->translated_sites;
    JSStackFrame fr;
    JSValue buf[${fn.args + fn.vars + fn.stack}];
    JSValue result;
    static const struct translated_exit exits[] = {${exits.map(({ leaving }) => leaving).join(", ")}};
    int leaving;
${declarations(t.variables)}
    if (unlikely(js_poll_interrupts(ctx)))
        return JS_EXCEPTION;
    if (unlikely(js_check_stack_overflow(rt, sizeof(buf))))
        return JS_ThrowStackOverflow(ctx);
${lines(range(fn.vars), (i) => `    JSValue v${i} = JS_UNDEFINED;`)}
${lines(range(fn.args), (i) => `    JSValue a${i} = ${arg(i)};`)}
    translated_enter(rt, &fr, function, b);
    ${blocks.map(([at, block]) => [`L${at}:;`, ...block].join("\n    ")).join("\n")}
done:
${lines(owned, (i) => `    JS_FreeValue(ctx, v${i});`)}
${lines(changedArgs, (i) => `    JS_FreeValue(ctx, a${i});`)}
    rt->current_stack_frame = fr.prev_frame;
    return result;
${lines(exits, ({ label, stores }, i) => `${label}: __attribute__((cold)); ${stores}leaving = ${i}; goto leave;`)}
leave: __attribute__((cold));
${lines(changedArgs, (i) => `    buf[${i}] = a${i};`)}
${lines(range(fn.vars), (i) => `    buf[${fn.args + i}] = ${kept(i)};`)}
    rt->current_stack_frame = fr.prev_frame;
    return translated_leave(ctx, function, self, argc, argv, buf, ${changed}, &exits[leaving]);
}
`;
}
