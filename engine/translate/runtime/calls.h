/* Included by runtime.h: calls, and how the interpreter takes over. */

/* A call of a function in C that gets all its arguments: as js_call_c_function does it. */
static force_inline JSValue fast_call_c(JSContext *ctx, JSValueConst function, JSValueConst self,
                                        int argc, JSValue *argv) {
    JSRuntime *rt = ctx->rt;
    JSObject *p = JS_VALUE_GET_OBJ(function);
    JSStackFrame frame;
    JSValue result;
    if (js_poll_interrupts(ctx))
        return JS_EXCEPTION;
    if (js_check_stack_overflow(rt, 0))
        return JS_ThrowStackOverflow(ctx);
    frame.prev_frame = rt->current_stack_frame;
    frame.js_mode = 0;
    frame.cur_func = (JSValue)function;
    frame.arg_count = argc;
    frame.arg_buf = argv;
    rt->current_stack_frame = &frame;
    if (p->u.cfunc.cproto == JS_CFUNC_generic)
        result = p->u.cfunc.c_function.generic(p->u.cfunc.realm, self, argc, (JSValueConst *)argv);
    else
        result = p->u.cfunc.c_function.generic_magic(p->u.cfunc.realm, self, argc,
                                                     (JSValueConst *)argv, p->u.cfunc.magic);
    rt->current_stack_frame = frame.prev_frame;
    return result;
}

static force_inline void translated_enter(JSRuntime *rt, JSStackFrame *frame, JSValueConst function,
                                          const JSFunctionBytecode *b) {
    frame->prev_frame = rt->current_stack_frame;
    frame->cur_func = (JSValue)function;
    frame->js_mode = b->js_mode;
    rt->current_stack_frame = frame;
}

/* Where a translation can be left. */
struct side_exit {
    uint16_t at;       /* the operation that is next, in bytes */
    uint8_t depth;     /* values on the stack */
    uint8_t thrown;    /* there is an exception */
    uint32_t borrowed; /* which of them are not owned, a bit each from the lowest */
};

/* Before anything was done. */
static const struct side_exit exit_at_start;

/*
 * The interpreter goes on: values are arguments, variables and what is on the
 * stack, which it takes. given: the arguments that are not those of the caller any
 * more, a bit each; the others need not be there.
 */
static COLD JSValue take_side_exit(JSContext *ctx, JSValueConst function, JSValueConst self,
                                   int argc, JSValueConst *argv, JSValue *values, uint32_t given,
                                   const struct side_exit *exit) {
    JSFunctionBytecode *b = JS_VALUE_GET_OBJ(function)->u.func.function_bytecode;
#ifdef ENGINE_STRESSED
    engine_stressed.side_exits++;
#endif
    JSAsyncFunctionState state;
    JSStackFrame *frame = &state.frame;
    JSValue *stack = values + b->arg_count + b->var_count;

    for (int i = 0; i < b->arg_count; i++)
        if (!(given >> i & 1))
            values[i] = i < argc ? JS_DupValue(ctx, argv[i]) : JS_UNDEFINED;
    for (int i = 0; i < exit->depth; i++)
        if (exit->borrowed >> i & 1)
            JS_DupValue(ctx, stack[i]);
    state.throw_flag = exit->thrown;
    frame->cur_func = (JSValue)function;
    frame->arg_buf = values;
    frame->var_buf = values + b->arg_count;
    frame->cur_sp = stack + exit->depth;
    frame->cur_pc = b->byte_code_buf + exit->at;
    frame->arg_count = argc > b->arg_count ? argc : b->arg_count;
    frame->js_mode = b->js_mode;
    init_list_head(&frame->var_ref_list);
    engine_interrupt_budget++; /* it was asked at the beginning already */
    return JS_CallInternal(ctx, JS_MKPTR(JS_TAG_INT, &state), self, JS_UNDEFINED, argc,
                           (JSValue *)argv, JS_CALL_FLAG_GENERATOR);
}

static no_inline JSValue translated_call_other(JSContext *ctx, JSValueConst function,
                                               JSValueConst self, int argc, JSValueConst *argv) {
    if (likely(JS_VALUE_GET_TAG(function) == JS_TAG_OBJECT)) {
        const JSObject *p = JS_VALUE_GET_OBJ(function);
        if (p->class_id == JS_CLASS_C_FUNCTION && argc >= p->u.cfunc.length &&
            (p->u.cfunc.cproto == JS_CFUNC_generic || p->u.cfunc.cproto == JS_CFUNC_generic_magic))
            return fast_call_c(ctx, function, self, argc, (JSValue *)argv);
        if (p->class_id == JS_CLASS_BYTECODE_FUNCTION && p->u.func.function_bytecode->translated)
            return translated_of(p->u.func.function_bytecode)(ctx, function, self, argc, argv);
    }
    return JS_CallInternal(ctx, function, self, JS_UNDEFINED, argc, (JSValue *)argv,
                           JS_CALL_FLAG_COPY_ARGV);
}

/* A call; function, object and arguments stay the caller's. */
static force_inline JSValue translated_call(JSContext *ctx, JSValueConst function,
                                            JSValueConst self, int argc, JSValueConst *argv) {
    if (likely(JS_VALUE_GET_TAG(function) == JS_TAG_OBJECT)) {
        const JSObject *p = JS_VALUE_GET_OBJ(function);
        if (even(p->class_id == JS_CLASS_BYTECODE_FUNCTION) &&
            likely(p->u.func.function_bytecode->translated))
            return translated_of(p->u.func.function_bytecode)(ctx, function, self, argc, argv);
    }
    return translated_call_other(ctx, function, self, argc, argv);
}
