/*
 * QuickJS in one compilation unit with what its interface lacks: strings of bytes, access to
 * arrays, translated functions. The quickjs.c that is included is the changed source
 * (engine/changes).
 */
#include "engine/quickjs_ext.h"
#include "engine/compiler.h"

int engine_interrupt_budget HOT_DATA;
uint64_t engine_key_secret HOT_DATA;
bool engine_writes_debug;

/* The program's regular expressions are compiled with it (engine/compile). What compiles others at
 * run time is not linked: no text becomes code. */
#ifdef ENGINE_NO_REGEXP_COMPILER
#define lre_compile no_regexp_compiler
static uint8_t *no_regexp_compiler(int *length, char *error, int room, const char *text,
                                   size_t text_length, int flags, void *opaque) {
    static const char why[] = "it is not compiled with the program";
    (void)text, (void)text_length, (void)flags, (void)opaque;
    *length = 0;
    memcpy(error, why, room < (int)sizeof(why) ? room : (int)sizeof(why));
    return NULL;
}
#endif

/* For engine/changes/growth.mjs: the next size of a table. */
#define grown_size(size) ((size) + (size) / ((size) < 4096 ? 2 : 4))
#include "quickjs.c"
/* Ends the options that engine/changes/cold-code.mjs sets. */
#pragma GCC pop_options

#ifdef ENGINE_LOW_POINTERS
_Static_assert(sizeof(JSValue) == 8, "engine/changes/value-size.mjs");
#endif

#include "engine/translate/runtime/runtime.h"

void engine_detach(JSContext *ctx, const JSMallocFunctions *functions) {
    JSRuntime *rt = ctx->rt;
    rt->mf = *functions;
    rt->malloc_state = (JSMallocState){0};
    rt->stack_top = rt->stack_limit = 0;
    ctx->random_state = 0;
}

void engine_attach(JSContext *ctx, uint64_t seed) {
    JS_UpdateStackTop(ctx->rt);
    ctx->random_state = seed | 1;
}

JSValue engine_new_bytes(JSContext *ctx, const char *bytes, size_t length) {
    JSRuntime *rt = ctx->rt;
    if (length == 0)
        return JS_AtomToString(ctx, JS_ATOM_empty_string);
    /* As js_alloc_string(), but without its calls, because each WRITE makes a string. */
    JSString *string = rt->mf.js_malloc(&rt->malloc_state, sizeof(JSString) + length + 1);
    if (!string)
        return JS_ThrowOutOfMemory(ctx);
    *string = (JSString){.header.ref_count = 1, .len = (uint32_t)length};
    copy_by_words((char *)string->u.str8, bytes, length);
    string->u.str8[length] = '\0';
    return JS_MKPTR(JS_TAG_STRING, string);
}

/* quickjs_ext.h repeats these layouts. An array that becomes a slow array has a count of 0, and so
 * has a typed array whose buffer is detached. */
#define IN_ARRAY(field) (offsetof(JSObject, u.array.field) - offsetof(JSObject, u.array.u))
_Static_assert(IN_ARRAY(count) == offsetof(struct engine_list, count), "");
_Static_assert(offsetof(JSString, u) == offsetof(struct engine_string, bytes), "");
_Static_assert(offsetof(JSString, header) == offsetof(struct engine_string, references), "");

bool engine_is_typed(JSValueConst array) {
    if (JS_VALUE_GET_TAG(array) != JS_TAG_OBJECT)
        return false;
    int class_id = JS_VALUE_GET_OBJ(array)->class_id;
    return class_id >= JS_CLASS_UINT8C_ARRAY && class_id <= JS_CLASS_FLOAT64_ARRAY;
}

const struct engine_list *engine_list_of(JSValueConst array) {
    static const struct engine_list empty;
    if (JS_VALUE_GET_TAG(array) != JS_TAG_OBJECT)
        return &empty;
    JSObject *p = JS_VALUE_GET_OBJ(array);
    if (!engine_is_typed(array) && !(p->class_id == JS_CLASS_ARRAY && p->fast_array))
        return &empty;
    return (const struct engine_list *)&p->u.array.u;
}

size_t engine_length(JSValueConst value) {
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING)
        return JS_VALUE_GET_STRING(value)->len;
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING_ROPE)
        return JS_VALUE_GET_STRING_ROPE(value)->len;
    return 0;
}

bool engine_is(JSValueConst value, const char *bytes, size_t length) {
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
    return left <= length && engine_is(rope->left, bytes, left) &&
           engine_is(rope->right, bytes + left, length - left);
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
        /* Refused even if all characters are below 256, as in a slice of a wide string. */
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

/* Whether the name occurs elsewhere than in the shapes of objects: in bytecode. Of the names that
 * the engine itself uses nobody counts where they occur. */
static bool is_used(JSRuntime *rt, const uint32_t *counts, JSAtom name) {
    return __JS_AtomIsConst(name) ||
           (uint32_t)rt->atom_array[name]->header.ref_count > counts[name];
}

/* Calls visit() with each property of each object that is a built-in function yet to be made. */
static bool each_builtin(JSContext *ctx, bool (*visit)(JSContext *, JSObject *, JSAtom, uint32_t *),
                         uint32_t *counts) {
    struct list_head *at;
    list_for_each(at, &ctx->rt->gc_obj_list) {
        JSGCObjectHeader *header = list_entry(at, JSGCObjectHeader, link);
        if (header->gc_obj_type != JS_GC_OBJ_TYPE_JS_OBJECT)
            continue;
        JSObject *object = (JSObject *)header;
        for (int i = 0; i < object->shape->prop_count; i++) {
            const JSShapeProperty *property = &get_shape_prop(object->shape)[i];
            if ((property->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT &&
                (object->prop[i].u.init.realm_and_id & 3) == JS_AUTOINIT_ID_PROP &&
                !visit(ctx, object, property->atom, counts))
                return false;
        }
    }
    return true;
}

static bool count_builtin(JSContext *ctx, JSObject *object, JSAtom name, uint32_t *counts) {
    (void)ctx, (void)object;
    counts[name]++;
    return true;
}

static bool make_builtin(JSContext *ctx, JSObject *object, JSAtom name, uint32_t *counts) {
    if (!is_used(ctx->rt, counts, name))
        return true;
    JSValue value = JS_GetProperty(ctx, JS_MKPTR(JS_TAG_OBJECT, object), name);
    JS_FreeValue(ctx, value);
    return !JS_IsException(value);
}

bool engine_make_builtins(JSContext *ctx) {
    uint32_t *counts = js_mallocz(ctx, sizeof(*counts) * ctx->rt->atom_size);
    bool good = counts && each_builtin(ctx, count_builtin, counts) &&
                each_builtin(ctx, make_builtin, counts);
    js_free(ctx, counts);
    return good;
}
