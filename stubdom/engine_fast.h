/*
 * Included by the prepared engine in front of its interpreter: the commonest way
 * of its most frequent operations, without a call. What is not common goes to the
 * engine's own function, so nothing means anything else.
 */

/* Both ways are common: neither is to be moved out of the way, to another page. */
#define even(condition) __builtin_expect_with_probability(!!(condition), 1, 0.6)

/* Where `object.name` is: a plain property of the object itself or of a prototype; or NULL. */
static force_inline const JSValue *fast_find(JSContext *ctx, JSValueConst object, JSAtom name) {
    JSObject *p;
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT))
        p = JS_VALUE_GET_OBJ(object);
    else if (JS_VALUE_GET_TAG(object) == JS_TAG_STRING && name != JS_ATOM_length)
        p = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_STRING]);
    else
        return NULL;
    do {
        JSProperty *property;
        JSShapeProperty *shape = find_own_property(&property, p, name);
        if (shape)
            return likely(!(shape->flags & JS_PROP_TMASK)) ? &property->u.value : NULL;
        /* An array is exotic for its elements alone, whose names are numbers. */
        if (unlikely(p->is_exotic) && (p->class_id != JS_CLASS_ARRAY || __JS_AtomIsTaggedInt(name)))
            return NULL;
        p = p->shape->proto;
    } while (p);
    return NULL;
}

/* `object.name` */
static force_inline JSValue fast_get_field(JSContext *ctx, JSValueConst object, JSAtom name) {
    const JSValue *found = fast_find(ctx, object, name);
    if (likely(found))
        return JS_DupValue(ctx, *found);
    if (JS_VALUE_GET_TAG(object) == JS_TAG_STRING && name == JS_ATOM_length)
        return JS_NewInt32(ctx, JS_VALUE_GET_STRING(object)->len);
    return JS_GetPropertyInternal(ctx, object, name, object, FALSE);
}

/* Where `array[index]` is, of arrays and of the typed arrays that the store is made of, whose
 * element is put into number; or NULL. */
static force_inline const JSValue *fast_element(JSValueConst object, JSValueConst index,
                                                JSValue *number) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT &&
               JS_VALUE_GET_TAG(index) == JS_TAG_INT)) {
        JSObject *p = JS_VALUE_GET_OBJ(object);
        uint32_t i = JS_VALUE_GET_INT(index);
        if (even(p->class_id == JS_CLASS_ARRAY) && likely(i < p->u.array.count))
            return &p->u.array.u.values[i];
        if (even(p->class_id == JS_CLASS_INT32_ARRAY) && likely(i < p->u.array.count)) {
            *number = JS_NewInt32(NULL, p->u.array.u.int32_ptr[i]);
            return number;
        }
        if (even(p->class_id == JS_CLASS_UINT8_ARRAY) && likely(i < p->u.array.count)) {
            *number = JS_NewInt32(NULL, p->u.array.u.uint8_ptr[i]);
            return number;
        }
    }
    return NULL;
}

/* `array[index]` */
static force_inline JSValue fast_get_element(JSContext *ctx, JSValueConst object, JSValue index) {
    JSValue number;
    const JSValue *found = fast_element(object, index, &number);
    if (likely(found))
        return JS_DupValue(ctx, *found);
    return JS_GetPropertyValue(ctx, object, index);
}

/* Where `object.name = value` puts it where the object has that property already; or NULL. */
static force_inline JSValue *fast_place(JSValueConst object, JSAtom name) {
    static const int told = JS_PROP_TMASK | JS_PROP_WRITABLE | JS_PROP_LENGTH;
    JSProperty *property;
    if (unlikely(JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT))
        return NULL;
    JSShapeProperty *shape = find_own_property(&property, JS_VALUE_GET_OBJ(object), name);
    if (unlikely(!shape || (shape->flags & told) != JS_PROP_WRITABLE))
        return NULL;
    return &property->u.value;
}

/* `object.name = value` */
static force_inline int fast_put_field(JSContext *ctx, JSValueConst object, JSAtom name,
                                       JSValue value, JSValueConst self, int flags) {
    JSValue *place = fast_place(object, name);
    if (likely(place)) {
        set_value(ctx, place, value);
        return TRUE;
    }
    return JS_SetPropertyInternal(ctx, object, name, value, self, flags);
}

/* `array[index] = value` where that element is there already. The value stays the caller's. */
static force_inline BOOL fast_is_put(JSContext *ctx, JSValueConst object, JSValueConst index,
                                     JSValueConst value) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT &&
               JS_VALUE_GET_TAG(index) == JS_TAG_INT)) {
        JSObject *p = JS_VALUE_GET_OBJ(object);
        uint32_t i = JS_VALUE_GET_INT(index);
        if (even(p->class_id == JS_CLASS_INT32_ARRAY) && likely(i < p->u.array.count) &&
            JS_VALUE_GET_TAG(value) == JS_TAG_INT) {
            p->u.array.u.int32_ptr[i] = JS_VALUE_GET_INT(value);
            return TRUE;
        }
        if (even(p->class_id == JS_CLASS_UINT8_ARRAY) && likely(i < p->u.array.count) &&
            JS_VALUE_GET_TAG(value) == JS_TAG_INT) {
            p->u.array.u.uint8_ptr[i] = JS_VALUE_GET_INT(value);
            return TRUE;
        }
        if (even(p->class_id == JS_CLASS_ARRAY) && likely(i < p->u.array.count)) {
            set_value(ctx, &p->u.array.u.values[i], JS_DupValue(ctx, value));
            return TRUE;
        }
    }
    return FALSE;
}

/* `array[index] = value` */
static force_inline int fast_put_element(JSContext *ctx, JSValueConst object, JSValue index,
                                         JSValue value, int flags) {
    if (likely(fast_is_put(ctx, object, index, value))) {
        JS_FreeValue(ctx, value);
        return TRUE;
    }
    return JS_SetPropertyValue(ctx, object, index, value, flags);
}

/* Whether a value counts as true, or -1 for what is seldom asked. */
static force_inline int fast_truth(JSValueConst value) {
    if (even((uint32_t)JS_VALUE_GET_TAG(value) <= JS_TAG_UNDEFINED))
        return JS_VALUE_GET_INT(value) != 0;
    if (even(JS_VALUE_GET_TAG(value) == JS_TAG_OBJECT))
        return !JS_VALUE_GET_OBJ(value)->is_HTMLDDA;
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING)
        return JS_VALUE_GET_STRING(value)->len != 0;
    return -1;
}

/* Whether two strings or two objects are the same, or -1 for all others and what takes longer to
 * tell. */
static force_inline int fast_same(JSValueConst left, JSValueConst right) {
    if (JS_VALUE_GET_TAG(left) != JS_VALUE_GET_TAG(right))
        return -1;
    if (JS_VALUE_GET_TAG(left) == JS_TAG_OBJECT)
        return JS_VALUE_GET_OBJ(left) == JS_VALUE_GET_OBJ(right);
    if (JS_VALUE_GET_TAG(left) != JS_TAG_STRING)
        return -1;
    const JSString *a = JS_VALUE_GET_STRING(left), *b = JS_VALUE_GET_STRING(right);
    if (a == b)
        return TRUE;
    if (a->len != b->len)
        return FALSE;
    return a->is_wide_char || b->is_wide_char ? -1 : memcmp(a->u.str8, b->u.str8, a->len) == 0;
}

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

/* stubdom/engine_translated.h */
typedef JSValue translated_function(JSContext *ctx, JSValueConst function, JSValueConst self,
                                    int argc, JSValueConst *argv);
static no_inline JSValue translated_call_other(JSContext *ctx, JSValueConst function,
                                               JSValueConst self, int argc, JSValueConst *argv);
static void translated_find(JSRuntime *rt, JSFunctionBytecode *b);
#define fast_translated(b)                                                                         \
    ((translated_function *)((intptr_t)translated_call_other + (b)->translated))

/* A call from the interpreter: the stack has the arguments. */
static force_inline JSValue fast_call(JSContext *ctx, JSValueConst function, JSValueConst self,
                                      JSValueConst new_target, int argc, JSValue *argv, int flags) {
    if (likely(JS_VALUE_GET_TAG(function) == JS_TAG_OBJECT)) {
        JSObject *p = JS_VALUE_GET_OBJ(function);
        if (p->class_id == JS_CLASS_C_FUNCTION && argc >= p->u.cfunc.length &&
            (p->u.cfunc.cproto == JS_CFUNC_generic || p->u.cfunc.cproto == JS_CFUNC_generic_magic))
            return fast_call_c(ctx, function, self, argc, argv);
        if (p->class_id == JS_CLASS_BYTECODE_FUNCTION && p->u.func.function_bytecode->translated)
            return fast_translated(p->u.func.function_bytecode)(ctx, function, self, argc, argv);
    }
    return JS_CallInternal(ctx, function, self, new_target, argc, argv, flags);
}

/* For the compiler: the operation on a local variable that needs no check, or the next, which
 * checks. */
static force_inline int fast_check(JSVarDef *var, int plain) {
    if (var->initialized)
        return plain;
    var->checked = 1;
    return plain == OP_get_loc ? OP_get_loc_check : OP_put_loc_check;
}

/* Whether somebody asks if the variable is initialized: here, or in a closure. */
static force_inline int fast_is_checked(const JSVarDef *var) {
    return var->checked || var->is_captured;
}
