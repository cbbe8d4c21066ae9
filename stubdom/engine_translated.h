/*
 * Included by the prepared engine in front of its interpreter: functions of the
 * program that were translated into C (build/translate), and how the bytecode that
 * is read at run time finds its translation.
 *
 * A translation does what the bytecode does where everything is common. Where it is
 * not, it leaves: what the function has so far is laid out as the interpreter has
 * it, and the interpreter goes on from that operation. So a translation has no way
 * for what is seldom, and no exception is handled in it.
 *
 * It belongs to bytecode, not to a name: whatever program is read, a function whose
 * operations are these runs so, and all others are interpreted. Constants and the
 * values of closures' variables are not part of it; they are looked up.
 */

/* Whether an operation begins with the number of a name, which differs from program to program. */
static BOOL has_name(int op) {
    switch (short_opcode_info(op).fmt) {
    case OP_FMT_atom:
    case OP_FMT_atom_u8:
    case OP_FMT_atom_u16:
    case OP_FMT_atom_label_u8:
    case OP_FMT_atom_label_u16:
        return TRUE;
    }
    return FALSE;
}

/* Over everything that a translation depends on. Two functions that differ in nothing but names are
 * two: what is remembered of a property (struct translated_site) is remembered of its name. */
static uint64_t translated_hash(const JSRuntime *rt, const JSFunctionBytecode *b) {
    const uint8_t *code = b->byte_code_buf;
    uint64_t hash = 0xcbf29ce484222325;
    int next;

#define ADD(value) (hash = (hash ^ (value)) * 0x100000001b3)
    for (int at = 0; at < b->byte_code_len; at = next) {
        int op = code[at], i = 1;
        next = at + short_opcode_info(op).size;
        ADD(op);
        if (has_name(op)) {
            /* Its number differs from program to program. */
            JSAtom name = get_u32(code + at + 1);
            ADD(__JS_AtomIsTaggedInt(name) ? name : rt->atom_array[name]->hash);
            i += 4;
        }
        for (; at + i < next; i++)
            ADD(code[at + i]);
    }
    for (int i = 0; i < b->closure_var_count; i++)
        ADD(b->closure_var[i].is_const);
    ADD(b->arg_count);
    ADD(b->var_count);
    ADD(b->stack_size);
    ADD(b->js_mode);
    ADD(b->func_kind);
#undef ADD
    return hash;
}

#include "in_place.h"
#ifdef ENGINE_STRESSED
#include "engine_stressed.h"
struct engine_stressed engine_stressed;
#endif

/* --- what translations are made of --- */

#define countof(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* A translation asks in one go whether the values that must be objects are. */
_Static_assert(JS_TAG_OBJECT == -1 && JS_TAG_INT == 0, "tags that are combined");

/* Where a value counts its references. One that has none counts in a place that is everybody's: a
 * branch less, and as good as any. */
_Static_assert(offsetof(JSRefCountHeader, ref_count) == 0, "where references are counted");
static force_inline int *translated_count(JSRuntime *rt, JSValueConst value) {
    uintptr_t none = (uintptr_t)&rt->translated_none, its = (uintptr_t)JS_VALUE_GET_PTR(value);
    return (int *)(none ^ ((none ^ its) & -(uintptr_t)JS_VALUE_HAS_REF_COUNT(value)));
}

/* Whether the compiler knows that there is nothing to count. */
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

static force_inline void translated_enter(JSRuntime *rt, JSStackFrame *frame, JSValueConst function,
                                          const JSFunctionBytecode *b) {
    frame->prev_frame = rt->current_stack_frame;
    frame->cur_func = (JSValue)function;
    frame->js_mode = b->js_mode;
    rt->current_stack_frame = frame;
}

/* Where a translation can be left. */
struct translated_exit {
    uint16_t at;       /* the operation that is next, in bytes */
    uint8_t depth;     /* values on the stack */
    uint8_t thrown;    /* there is an exception */
    uint32_t borrowed; /* which of them are not owned, a bit each from the lowest */
};

/* Before anything was done. */
static const struct translated_exit translated_start;

/*
 * The interpreter goes on: values are arguments, variables and what is on the
 * stack, which it takes. given: the arguments that are not those of the caller any
 * more, a bit each; the others need not be there.
 */
static APART JSValue translated_leave(JSContext *ctx, JSValueConst function, JSValueConst self,
                                      int argc, JSValueConst *argv, JSValue *values, uint32_t given,
                                      const struct translated_exit *exit) {
    JSFunctionBytecode *b = JS_VALUE_GET_OBJ(function)->u.func.function_bytecode;
#ifdef ENGINE_STRESSED
    engine_stressed.left++;
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
    engine_patience++; /* it was asked at the beginning already */
    return JS_CallInternal(ctx, JS_MKPTR(JS_TAG_INT, &state), self, JS_UNDEFINED, argc,
                           (JSValue *)argv, JS_CALL_FLAG_GENERATOR);
}

static no_inline JSValue translated_call_other(JSContext *ctx, JSValueConst function,
                                               JSValueConst self, int argc, JSValueConst *argv) {
    return fast_call(ctx, function, self, JS_UNDEFINED, argc, (JSValue *)argv,
                     JS_CALL_FLAG_COPY_ARGV);
}

/* A call; function, object and arguments stay the caller's. */
static force_inline JSValue translated_call(JSContext *ctx, JSValueConst function,
                                            JSValueConst self, int argc, JSValueConst *argv) {
    if (likely(JS_VALUE_GET_TAG(function) == JS_TAG_OBJECT)) {
        const JSObject *p = JS_VALUE_GET_OBJ(function);
        if (even(p->class_id == JS_CLASS_BYTECODE_FUNCTION) &&
            likely(p->u.func.function_bytecode->translated))
            return fast_translated(p->u.func.function_bytecode)(ctx, function, self, argc, argv);
    }
    return translated_call_other(ctx, function, self, argc, argv);
}

#include "engine_sites.h"

/* A number, most often in place of one. */
static no_inline void called_set_number(JSContext *ctx, JSValue *variable, JSValue value) {
    translated_set(ctx, variable, value);
}
static force_inline void translated_set_number(JSContext *ctx, JSValue *variable, JSValue value) {
    if (likely(JS_VALUE_GET_TAG(*variable) == JS_TAG_INT))
        *variable = value;
    else
        called_set_number(ctx, variable, value);
}

/* A name of the program, which keeps its string. */
static force_inline JSValueConst translated_text(const JSRuntime *rt, JSAtom name) {
    return JS_MKPTR(JS_TAG_STRING, rt->atom_array[name]);
}

/* The length of a string in pieces, or of a typed array, or -1. */
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

/* The length of a string or an array, or -1. */
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

/* fast_truth(), where it is mostly a truth already. */
static no_inline int called_truth(JSValueConst value) {
    return fast_truth(value);
}
static force_inline int translated_truth(JSValueConst value) {
    /* The compiler shall see that it is not below 0. */
    return likely(JS_VALUE_GET_TAG(value) == JS_TAG_BOOL) ? JS_VALUE_GET_BOOL(value) & 1
                                                          : called_truth(value);
}

static force_inline int translated_is_nothing(JSValueConst value) {
    return JS_VALUE_GET_TAG(value) == JS_TAG_UNDEFINED || JS_VALUE_GET_TAG(value) == JS_TAG_NULL;
}

/* Whether a value is that number, or -1 for what takes longer to tell. */
static force_inline int translated_is_int(JSValueConst value, int number) {
    if (likely(JS_VALUE_GET_TAG(value) == JS_TAG_INT))
        return JS_VALUE_GET_INT(value) == number;
    return JS_TAG_IS_FLOAT64(JS_VALUE_GET_TAG(value)) ? -1 : FALSE;
}

/* Whether two values are strictly equal, or -1 for what takes longer to tell. */
static force_inline int translated_same(JSValueConst left, JSValueConst right) {
    uint32_t tag = JS_VALUE_GET_TAG(left), other = JS_VALUE_GET_TAG(right);
    if (tag == other) {
        if (tag == JS_TAG_INT || tag == JS_TAG_BOOL)
            return JS_VALUE_GET_INT(left) == JS_VALUE_GET_INT(right);
        if (tag == JS_TAG_UNDEFINED || tag == JS_TAG_NULL)
            return TRUE;
        return fast_same(left, right);
    }
    /* Numbers and texts come in two kinds each. */
    if ((tag <= JS_TAG_UNDEFINED && tag != JS_TAG_INT) ||
        (other <= JS_TAG_UNDEFINED && other != JS_TAG_INT) || tag == (uint32_t)JS_TAG_OBJECT ||
        other == (uint32_t)JS_TAG_OBJECT)
        return FALSE;
    if ((tag == JS_TAG_INT && other == (uint32_t)JS_TAG_STRING) ||
        (other == JS_TAG_INT && tag == (uint32_t)JS_TAG_STRING))
        return FALSE;
    return -1;
}

/* left + right, which it takes. */
static no_inline JSValue translated_add(JSContext *ctx, JSValue left, JSValue right) {
    JSValue values[2] = {left, right};
    if (JS_VALUE_GET_TAG(left) == JS_TAG_STRING && JS_VALUE_GET_TAG(right) == JS_TAG_STRING)
        return JS_ConcatString(ctx, left, right);
    return js_add_slow(ctx, values + 2) ? JS_EXCEPTION : values[0];
}

/* left + right of two numbers or two texts; of all else JS_UNINITIALIZED. They stay the caller's.
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

/* fast_element(), where it is mostly one kind of array. */
static no_inline const JSValue *called_element(JSValueConst object, JSValueConst index,
                                               JSValue *number) {
    return fast_element(object, index, number);
}
static force_inline BOOL translated_is_a(JSValueConst object, int class_id) {
    return likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT) &&
           likely(JS_VALUE_GET_OBJ(object)->class_id == class_id);
}
static force_inline BOOL translated_has(JSValueConst object, uint32_t index, int class_id) {
    return translated_is_a(object, class_id) &&
           likely(index < JS_VALUE_GET_OBJ(object)->u.array.count);
}
static force_inline BOOL translated_is_index(JSValueConst object, JSValueConst index) {
    return likely(JS_VALUE_GET_TAG(index) == JS_TAG_INT) &&
           translated_has(object, JS_VALUE_GET_INT(index), JS_CLASS_ARRAY);
}
static force_inline JSValue *translated_value(JSValueConst object, JSValueConst index) {
    JSValue *values = JS_VALUE_GET_OBJ(object)->u.array.u.values;
    if (!values)
        __builtin_unreachable();
    return &values[(uint32_t)JS_VALUE_GET_INT(index)];
}
static force_inline const JSValue *translated_at(JSValueConst object, JSValueConst index,
                                                 JSValue *number) {
    return translated_is_index(object, index) ? translated_value(object, index)
                                              : called_element(object, index, number);
}

/* fast_is_put(), likewise, and also behind the last element; or -1, if that throws. */
static no_inline int called_is_put(JSContext *ctx, JSValueConst object, JSValueConst index,
                                   JSValueConst value) {
    if (fast_is_put(ctx, object, index, value))
        return TRUE;
    if (!translated_is_a(object, JS_CLASS_ARRAY) || JS_VALUE_GET_TAG(index) != JS_TAG_INT)
        return FALSE;
    JSObject *p = JS_VALUE_GET_OBJ(object);
    if (!p->fast_array || !p->extensible || (uint32_t)JS_VALUE_GET_INT(index) != p->u.array.count)
        return FALSE;
    return add_fast_array_element(ctx, p, JS_DupValue(ctx, value), 0);
}
static force_inline int translated_put(JSContext *ctx, JSValueConst object, JSValueConst index,
                                       JSValueConst value) {
    if (!translated_is_index(object, index))
        return called_is_put(ctx, object, index, value);
    translated_set(ctx, translated_value(object, index), translated_dup(ctx->rt, value));
    return TRUE;
}

/* An array of values, which it takes. */
static no_inline JSValue translated_array(JSContext *ctx, int count, JSValue *values) {
    JSValue array = JS_NewArray(ctx);
    for (int i = 0; i < count; i++) {
        if (!JS_IsException(array) &&
            JS_DefinePropertyValue(ctx, array, __JS_AtomFromUInt32(i), values[i],
                                   JS_PROP_C_W_E | JS_PROP_THROW) < 0) {
            JS_FreeValue(ctx, array);
            array = JS_EXCEPTION;
        } else if (JS_IsException(array)) {
            JS_FreeValue(ctx, values[i]);
        }
    }
    return array;
}

/* The same, called: where memory counts more. */
static no_inline const JSValue *called_own(JSContext *ctx, JSValueConst object, const uint8_t *at,
                                           struct translated_site *site) {
    return translated_own(ctx, object, at, site);
}
static no_inline const JSValue *called_method(JSContext *ctx, JSValueConst object,
                                              const uint8_t *at, struct translated_site *site) {
    return translated_method(ctx, object, at, site);
}
static no_inline JSValue *called_place(JSContext *ctx, JSValueConst object, const uint8_t *at,
                                       struct translated_site *site) {
    return translated_place(ctx, object, at, site);
}
static no_inline JSValue called_call(JSContext *ctx, JSValueConst function, JSValueConst self,
                                     int argc, JSValueConst *argv) {
    return translated_call(ctx, function, self, argc, argv);
}
static no_inline int called_same(JSValueConst left, JSValueConst right) {
    return translated_same(left, right);
}
static no_inline int called_length(JSValueConst value) {
    return translated_length(value);
}
static no_inline void called_free(JSContext *ctx, JSValue value) {
    translated_free(ctx, value);
}
static no_inline void called_set(JSContext *ctx, JSValue *variable, JSValue value) {
    translated_set(ctx, variable, value);
}

static no_inline BOOL called_is(JSContext *ctx, JSValueConst object, kept_pointer *known,
                                const uint8_t *code, const struct translated_name *names,
                                int count) {
    return translated_is(ctx, object, known, code, names, count);
}

/* Where a translation is left. Tests leave it where it need not be: everything must go on from
 * there. */
#ifdef ENGINE_STRESSED
static BOOL stressed(void) {
    return engine_stressed.every && ++engine_stressed.chances % engine_stressed.every == 0;
}
#define LEAVE(condition) ((condition) || stressed())
#else
#define LEAVE(condition) unlikely(condition)
#endif

struct translation {
    uint64_t hash; /* translated_hash() */
    int length;    /* of the bytecode */
    translated_function *run;
};

#ifdef ENGINE_UNTRANSLATED
static const struct translation translations[] = {{0}};
#define TRANSLATIONS 0
#define TRANSLATED_WORDS 1
static const uint16_t translated_shapes[1];
#else
#include "translated.h"
#endif

/* --- how bytecode finds its translation --- */

#ifdef ENGINE_STRESSED
static BOOL found_before[TRANSLATIONS];
#endif

/* Called for each function when it has been read. */
static void translated_find(JSRuntime *rt, JSFunctionBytecode *b) {
    int first = 0, end = TRANSLATIONS;
    uint64_t hash = 0;
    while (first < end) {
        int middle = (first + end) / 2;
        if (translations[middle].length < b->byte_code_len)
            first = middle + 1;
        else
            end = middle;
    }
    for (; first < TRANSLATIONS && translations[first].length == b->byte_code_len; first++) {
        if (!hash)
            hash = translated_hash(rt, b);
        if (translations[first].hash != hash)
            continue;
        if (!rt->translated_words)
            rt->translated_words = js_mallocz_rt(rt, TRANSLATED_WORDS * sizeof(kept_pointer));
#ifdef ENGINE_STRESSED
        engine_stressed.known = TRANSLATIONS;
        engine_stressed.found += !found_before[first];
        found_before[first] = TRUE;
#endif
        if (rt->translated_words)
            b->translated = (intptr_t)translations[first].run - (intptr_t)translated_call_other;
    }
}

/* Before a runtime ends: what was remembered is let go of. */
static void translated_forget(JSRuntime *rt) {
    kept_pointer *words = rt->translated_words;
    if (!words)
        return;
    for (int i = 0; i < countof(translated_shapes); i++)
        js_free_shape_null(rt, KEPT(JSShape, words[translated_shapes[i]]));
    js_free_rt(rt, words);
    rt->translated_words = NULL;
}
