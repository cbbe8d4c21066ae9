/* host.ts: Update. */
#include "bindings.h"
#include "engine/quickjs_ext.h"
#include "stubdom/engine/memory.h"
#include "stubdom/state/update.h"
#include <stdlib.h>
#include <string.h>

#define FILE_MOST (64 << 20)

static JSValue text_or_empty(JSContext *ctx, const char *text) {
    return JS_NewString(ctx, text ? text : "");
}

static JSValue begin(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t size = 0;
    (void)self, (void)count;
    JS_ToUint32(ctx, &size, arguments[0]);
    return JS_NewBool(ctx, size && size <= FILE_MOST && update_begin(size));
}

/* data(bytes) and save(chunk) */
static JSValue keep(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments,
                    int saving) {
    struct engine_bytes bytes;
    (void)self, (void)count;
    if (!engine_get_bytes(ctx, arguments[0], &bytes))
        return JS_EXCEPTION;
    bool kept =
        saving ? update_save(bytes.data, bytes.length) : update_data(bytes.data, bytes.length);
    JS_FreeValue(ctx, bytes.hold);
    if (saving && !kept) {
        engine_memory_lacks();
        return JS_ThrowOutOfMemory(ctx);
    }
    return saving ? JS_UNDEFINED : JS_NewBool(ctx, kept);
}

/* file(path) and write(path) */
static JSValue with_path(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments,
                         int writing) {
    (void)self, (void)count;
    const char *path = JS_ToCString(ctx, arguments[0]);
    if (!path)
        return JS_EXCEPTION;
    JSValue result = text_or_empty(ctx, writing ? update_write(path) : update_file(path));
    JS_FreeCString(ctx, path);
    return result;
}

static JSValue check(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return text_or_empty(ctx, update_check());
}

static JSValue foreign(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewInt32(ctx, (int32_t)update_foreign());
}

static JSValue stop(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)ctx, (void)self, (void)count, (void)arguments;
    update_abort();
    return JS_UNDEFINED;
}

/* Copies a list of strings, ended by NULL. NULL: no memory, and an exception is pending. */
static char **words_of(JSContext *ctx, JSValueConst list) {
    uint32_t length = 0, copied = 0;
    JSValue value = JS_GetPropertyStr(ctx, list, "length");
    JS_ToUint32(ctx, &length, value);
    JS_FreeValue(ctx, value);
    char **words = calloc(length + 1, sizeof(*words));
    while (words && copied < length) {
        value = JS_GetPropertyUint32(ctx, list, copied);
        const char *word = JS_ToCString(ctx, value);
        words[copied] = word ? strdup(word) : NULL;
        JS_FreeCString(ctx, word);
        JS_FreeValue(ctx, value);
        if (!words[copied])
            break;
        copied++;
    }
    if (words && copied == length)
        return words;
    while (copied > 0)
        free(words[--copied]);
    free(words);
    JS_ThrowOutOfMemory(ctx);
    return NULL;
}

static JSValue go(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    char **words = JS_IsNull(arguments[0]) ? NULL : words_of(ctx, arguments[0]);
    (void)self, (void)count;
    if (!words && !JS_IsNull(arguments[0]))
        return JS_EXCEPTION;
    update_go(words);
    return JS_UNDEFINED;
}

static JSValue restore(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    const char *bytes;
    size_t length;
    (void)self, (void)count, (void)arguments;
    return update_restore(&bytes, &length) ? engine_new_bytes(ctx, bytes, length) : JS_NULL;
}

static JSValue keep_chunks(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewFloat64(ctx, update_keep());
}

static JSValue kept_chunks(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    char bytes[PAYLOAD_MAX];
    int64_t offset = 0;
    uint32_t room = 0;
    (void)self, (void)count;
    JS_ToInt64(ctx, &offset, arguments[0]);
    JS_ToUint32(ctx, &room, arguments[1]);
    if (room > sizeof(bytes))
        room = sizeof(bytes);
    return engine_new_bytes(ctx, bytes, update_kept(offset, bytes, room));
}

static JSValue discard(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)ctx, (void)self, (void)count, (void)arguments;
    update_discard();
    return JS_UNDEFINED;
}

static JSValue drop_chunks(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)ctx, (void)self, (void)count, (void)arguments;
    update_drop_state();
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("keep", 0, keep_chunks),
    JS_CFUNC_DEF("kept", 2, kept_chunks),
    JS_CFUNC_DEF("discard", 0, discard),
    JS_CFUNC_DEF("drop", 0, drop_chunks),
    JS_CFUNC_DEF("begin", 1, begin),
    JS_CFUNC_MAGIC_DEF("data", 1, keep, 0),
    JS_CFUNC_MAGIC_DEF("save", 1, keep, 1),
    JS_CFUNC_MAGIC_DEF("file", 1, with_path, 0),
    JS_CFUNC_MAGIC_DEF("write", 1, with_path, 1),
    JS_CFUNC_DEF("check", 0, check),
    JS_CFUNC_DEF("foreign", 0, foreign),
    JS_CFUNC_DEF("abort", 0, stop),
    JS_CFUNC_DEF("go", 1, go),
    JS_CFUNC_DEF("restore", 0, restore),
};

const struct binding bind_update = {functions, sizeof(functions) / sizeof(functions[0])};
