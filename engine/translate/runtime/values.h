/* Included by runtime.h: values and their reference counts. */

/* Both branches are common, so GCC must not move one to the cold section. */
#define even(condition) __builtin_expect_with_probability(!!(condition), 1, 0.6)

/* A translation combines the tags of several values, to check all of them with one branch. */
_Static_assert(JS_TAG_OBJECT == -1 && JS_TAG_INT == 0, "tags that are combined");

/* The address of a value's reference count. Values without one share a dummy count, which saves a
 * branch. */
_Static_assert(offsetof(JSRefCountHeader, ref_count) == 0, "where references are counted");
static force_inline int *translated_count(JSRuntime *rt, JSValueConst value) {
    uintptr_t none = (uintptr_t)&rt->translated_uncounted, its = (uintptr_t)JS_VALUE_GET_PTR(value);
    return (int *)(none ^ ((none ^ its) & -(uintptr_t)JS_VALUE_HAS_REF_COUNT(value)));
}

/* Whether the compiler knows that the value has no reference count. */
#define translated_is_plain(value)                                                                 \
    (__builtin_constant_p(JS_VALUE_HAS_REF_COUNT(value)) && !JS_VALUE_HAS_REF_COUNT(value))

static force_inline JSValue translated_dup(JSRuntime *rt, JSValueConst value) {
    if (!translated_is_plain(value))
        ++*translated_count(rt, value);
    return (JSValue)value;
}

static no_inline void translated_end(JSContext *ctx, JSValue value) {
    if (JS_VALUE_HAS_REF_COUNT(value))
        __JS_FreeValueRT(ctx->rt, value);
}

static force_inline void translated_free(JSContext *ctx, JSValue value) {
    if (!translated_is_plain(value) && unlikely(--*translated_count(ctx->rt, value) == 0))
        translated_end(ctx, value);
}

static force_inline void translated_set(JSContext *ctx, JSValue *variable, JSValue value) {
    JSValue old = *variable;
    *variable = value;
    translated_free(ctx, old);
}

/* Whether a value is truthy; -1 for rare kinds of values. */
static force_inline int fast_truth(JSValueConst value) {
    if (even((uint32_t)JS_VALUE_GET_TAG(value) <= JS_TAG_UNDEFINED))
        return JS_VALUE_GET_INT(value) != 0;
    if (even(JS_VALUE_GET_TAG(value) == JS_TAG_OBJECT))
        return !JS_VALUE_GET_OBJ(value)->is_HTMLDDA;
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING)
        return JS_VALUE_GET_STRING(value)->len != 0;
    return -1;
}

/* Whether two strings or two objects are equal; -1 for other values, ropes and wide strings. */
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

/* Sets a variable to a number; fast if it holds a number. */
static no_inline void called_set_number(JSContext *ctx, JSValue *variable, JSValue value) {
    translated_set(ctx, variable, value);
}
static force_inline void translated_set_number(JSContext *ctx, JSValue *variable, JSValue value) {
    if (likely(JS_VALUE_GET_TAG(*variable) == JS_TAG_INT))
        *variable = value;
    else
        called_set_number(ctx, variable, value);
}

/* The string of an atom, borrowed from the runtime. */
static force_inline JSValueConst translated_text(const JSRuntime *rt, JSAtom name) {
    return JS_MKPTR(JS_TAG_STRING, rt->atom_array[name]);
}

/* The length of a rope, Int32Array or Uint8Array; -1 for other values. */
static no_inline int translated_other_length(JSValueConst value) {
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING_ROPE)
        return JS_VALUE_GET_STRING_ROPE(value)->len;
    if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT)
        return -1;
    const JSObject *p = JS_VALUE_GET_OBJ(value);
    return p->class_id == JS_CLASS_INT32_ARRAY || p->class_id == JS_CLASS_UINT8_ARRAY
               ? (int)p->u.array.count
               : -1;
}

/* The length of a string or an array; -1 for other values. */
static force_inline int translated_length(JSValueConst value) {
    if (even(JS_VALUE_GET_TAG(value) == JS_TAG_STRING))
        return JS_VALUE_GET_STRING(value)->len;
    if (likely(JS_VALUE_GET_TAG(value) == JS_TAG_OBJECT)) {
        const JSObject *p = JS_VALUE_GET_OBJ(value);
        if (likely(p->class_id == JS_CLASS_ARRAY &&
                   JS_VALUE_GET_TAG(p->prop[0].u.value) == JS_TAG_INT))
            return JS_VALUE_GET_INT(p->prop[0].u.value);
    }
    return translated_other_length(value);
}

/* fast_truth(), inlined for booleans. */
static no_inline int called_truth(JSValueConst value) {
    return fast_truth(value);
}
static force_inline int translated_truth(JSValueConst value) {
    /* `& 1` tells the compiler that the result is not negative. */
    return likely(JS_VALUE_GET_TAG(value) == JS_TAG_BOOL) ? JS_VALUE_GET_BOOL(value) & 1
                                                          : called_truth(value);
}

static force_inline int translated_is_nothing(JSValueConst value) {
    return JS_VALUE_GET_TAG(value) == JS_TAG_UNDEFINED || JS_VALUE_GET_TAG(value) == JS_TAG_NULL;
}

/* Whether a value equals a number; -1 for a double. */
static force_inline int translated_is_int(JSValueConst value, int number) {
    if (likely(JS_VALUE_GET_TAG(value) == JS_TAG_INT))
        return JS_VALUE_GET_INT(value) == number;
    return JS_TAG_IS_FLOAT64(JS_VALUE_GET_TAG(value)) ? -1 : FALSE;
}

/* Whether two values are strictly equal; -1 for rare cases. */
static force_inline int translated_same(JSValueConst left, JSValueConst right) {
    uint32_t tag = JS_VALUE_GET_TAG(left), other = JS_VALUE_GET_TAG(right);
    if (tag == other) {
        if (tag == JS_TAG_INT || tag == JS_TAG_BOOL)
            return JS_VALUE_GET_INT(left) == JS_VALUE_GET_INT(right);
        if (tag == JS_TAG_UNDEFINED || tag == JS_TAG_NULL)
            return TRUE;
        return fast_same(left, right);
    }
    /* Different tags can still be equal: int and double, string and rope. */
    if ((tag <= JS_TAG_UNDEFINED && tag != JS_TAG_INT) ||
        (other <= JS_TAG_UNDEFINED && other != JS_TAG_INT) || tag == (uint32_t)JS_TAG_OBJECT ||
        other == (uint32_t)JS_TAG_OBJECT)
        return FALSE;
    if ((tag == JS_TAG_INT && other == (uint32_t)JS_TAG_STRING) ||
        (other == JS_TAG_INT && tag == (uint32_t)JS_TAG_STRING))
        return FALSE;
    return -1;
}

/* left + right. Takes both references. */
static no_inline JSValue translated_add(JSContext *ctx, JSValue left, JSValue right) {
    JSValue values[2] = {left, right};
    if (JS_VALUE_GET_TAG(left) == JS_TAG_STRING && JS_VALUE_GET_TAG(right) == JS_TAG_STRING)
        return JS_ConcatString(ctx, left, right);
    return js_add_slow(ctx, values + 2) ? JS_EXCEPTION : values[0];
}

/* left + right of two integers or two strings; JS_UNINITIALIZED for other values. Both are
 * borrowed.
 */
static no_inline JSValue translated_sum(JSContext *ctx, JSValueConst left, JSValueConst right) {
    int32_t sum;
    if (JS_VALUE_GET_TAG(left) == JS_TAG_STRING && JS_VALUE_GET_TAG(right) == JS_TAG_STRING)
        return JS_ConcatString(ctx, JS_DupValue(ctx, left), JS_DupValue(ctx, right));
    if (JS_VALUE_GET_TAG(left) != JS_TAG_INT || JS_VALUE_GET_TAG(right) != JS_TAG_INT ||
        __builtin_add_overflow(JS_VALUE_GET_INT(left), JS_VALUE_GET_INT(right), &sum))
        return JS_UNINITIALIZED;
    return JS_NewInt32(ctx, sum);
}

static force_inline BOOL translated_is_text(JSValueConst value) {
    return likely(JS_VALUE_GET_TAG(value) == JS_TAG_STRING) ||
           JS_VALUE_GET_TAG(value) == JS_TAG_STRING_ROPE;
}
