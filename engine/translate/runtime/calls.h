/* Included by runtime.h: calls, and side exits. */

/* Calls a C function with at least its declared arguments, as js_call_c_function() does. */
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

/* A place at which a translation can continue in the interpreter. */
struct side_exit {
    uint16_t at;       /* position of the next operation, in bytes */
    uint8_t depth;     /* number of values on the stack */
    uint8_t thrown;    /* an exception is pending */
    uint32_t borrowed; /* values on the stack without a reference of their own, one bit each */
};

/* The start of the function. */
static const struct side_exit exit_at_start;

/*
 * Continues a function in the interpreter. `values`: arguments, variables and stack, whose
 * references it takes. `given`: the arguments in `values` that differ from argv, one bit each; the
 * others are copied from argv.
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
    engine_interrupt_budget++; /* the translation has counted this call already */
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

/* Calls a function. Function, `self` and arguments are borrowed. */
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
