/*
 * QuickJS as one unit, and what its interface lacks: strings whose characters
 * are bytes, in and out, with one copy in and none out. The file beside which
 * this is compiled is the prepared source (build/native.mk).
 */
int engine_patience; /* see engine.h; counted down by the engine, build/engine.sed */

#define fast_more(size) ((size) + (size) / ((size) < 4096 ? 2 : 4))
#define fast_names(variables) 0
#define fast_name(name) JS_ATOM_NULL
#include "quickjs.c"

#include "engine_translated.h"

#include "engine.h"
#include "engine_bytes.h"

/* Only what is of this process goes. */
void engine_sleep(JSContext *ctx, const JSMallocFunctions *functions) {
    JSRuntime *rt = ctx->rt;
    rt->mf = *functions;
    rt->malloc_state = (JSMallocState){0};
    rt->stack_top = rt->stack_limit = 0;
    ctx->random_state = 0;
}

void engine_wake(JSContext *ctx, uint64_t seed) {
    JS_UpdateStackTop(ctx->rt);
    ctx->random_state = seed | 1;
}

JSValue engine_new_bytes(JSContext *ctx, const char *bytes, size_t length) {
    return js_new_string8_len(ctx, bytes, (int)length);
}

const JSValue *engine_array(JSValueConst array, uint32_t *count) {
    if (JS_VALUE_GET_TAG(array) != JS_TAG_OBJECT)
        return NULL;
    JSObject *p = JS_VALUE_GET_OBJ(array);
    if (p->class_id != JS_CLASS_ARRAY || !p->fast_array)
        return NULL;
    *count = p->u.array.count;
    return p->u.array.u.values;
}

void *engine_elements(JSValueConst array, uint32_t *count) {
    if (JS_VALUE_GET_TAG(array) != JS_TAG_OBJECT)
        return NULL;
    JSObject *p = JS_VALUE_GET_OBJ(array);
    if (p->class_id < JS_CLASS_UINT8C_ARRAY || p->class_id > JS_CLASS_FLOAT64_ARRAY)
        return NULL;
    *count = p->u.array.count;
    return p->u.array.u.ptr;
}

size_t engine_length(JSValueConst value) {
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING)
        return JS_VALUE_GET_STRING(value)->len;
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING_ROPE)
        return JS_VALUE_GET_STRING_ROPE(value)->len;
    return 0;
}

JSValue engine_text(JSContext *ctx, JSValueConst array, uint32_t n) {
    uint32_t count;
    const JSValue *texts = engine_array(array, &count);
    return texts && n < count ? JS_DupValue(ctx, texts[n]) : JS_UNDEFINED;
}

static bool is_bytes(JSValueConst value, const char *bytes, size_t length) {
    if (engine_length(value) != length)
        return false;
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING) {
        const JSString *string = JS_VALUE_GET_STRING(value);
        return !string->is_wide_char && !memcmp(string->u.str8, bytes, length);
    }
    if (JS_VALUE_GET_TAG(value) != JS_TAG_STRING_ROPE)
        return false;
    const JSStringRope *rope = JS_VALUE_GET_STRING_ROPE(value);
    size_t left = engine_length(rope->left);
    return left <= length && is_bytes(rope->left, bytes, left) &&
           is_bytes(rope->right, bytes + left, length - left);
}

bool engine_text_is(JSValueConst array, uint32_t n, const char *bytes, size_t length) {
    uint32_t count;
    const JSValue *texts = engine_array(array, &count);
    return texts && n < count && is_bytes(texts[n], bytes, length);
}

bool engine_get_bytes(JSContext *ctx, JSValueConst value, struct engine_bytes *bytes) {
    JSString *string;

    bytes->hold = JS_UNDEFINED;
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING_ROPE) {
        bytes->hold = js_linearize_string_rope(ctx, JS_DupValue(ctx, value));
        if (JS_IsException(bytes->hold))
            return false;
        string = JS_VALUE_GET_STRING(bytes->hold);
    } else if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING) {
        string = JS_VALUE_GET_STRING(value);
    } else {
        JS_ThrowTypeError(ctx, "a string of bytes is wanted");
        return false;
    }
    if (string->is_wide_char) {
        /* A wide string can still hold bytes only, as a slice of a wide one does. */
        JS_FreeValue(ctx, bytes->hold);
        bytes->hold = JS_UNDEFINED;
        JS_ThrowTypeError(ctx, "a string with characters above 255");
        return false;
    }
    bytes->data = (const char *)string->u.str8;
    bytes->length = string->len;
    return true;
}

JSValue engine_run(JSContext *ctx, JSValueConst function, JSValueConst self, int count,
                   JSValueConst *arguments) {
    return translated_call(ctx, function, self, count, arguments);
}
