/* host.ts: PathIndex. */
#include "paths.h"
#include "arguments.h"
#include "bindings.h"
#include "engine/quickjs_ext.h"
#include "stubdom/engine/fault.h"

/* begin(paths) */
static JSValue begin(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count;
    paths_free(engine.paths);
    engine.paths = paths_new(platform_secret(), bind_paths_is, NULL);
    JS_FreeValue(ctx, engine.texts);
    engine.texts = JS_DupValue(ctx, arguments[0]);
    engine.text_list = engine_list_of(engine.texts);
    return engine.paths ? JS_UNDEFINED : JS_ThrowOutOfMemory(ctx);
}

/* find(path) -> row, or -1 */
static JSValue find(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct engine_bytes path;
    (void)self, (void)count;
    if (!engine_get_bytes(ctx, arguments[0], &path))
        return JS_EXCEPTION;
    long row = paths_find(engine.paths, path.data, path.length);
    JS_FreeValue(ctx, path.hold);
    return JS_NewInt32(ctx, (int32_t)row);
}

/* put(path, row) */
static JSValue put(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct engine_bytes path;
    uint32_t row;
    (void)self, (void)count;
    if (!bind_below(ctx, arguments[1], engine.text_list->count, &row) || fault_call(ctx) ||
        !engine_get_bytes(ctx, arguments[0], &path))
        return JS_EXCEPTION;
    bool good = paths_put(engine.paths, path.data, path.length, row);
    JS_FreeValue(ctx, path.hold);
    return good ? JS_UNDEFINED : JS_ThrowOutOfMemory(ctx);
}

/* drop(row) -> whether its path led to it */
static JSValue drop(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t row;
    (void)self, (void)count;
    if (!bind_below(ctx, arguments[0], engine.text_list->count, &row))
        return JS_EXCEPTION;
    return JS_NewBool(ctx, paths_drop(engine.paths, row));
}

static JSValue size(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewInt64(ctx, (int64_t)paths_count(engine.paths));
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("begin", 1, begin), JS_CFUNC_DEF("find", 1, find), JS_CFUNC_DEF("put", 2, put),
    JS_CFUNC_DEF("drop", 1, drop),   JS_CFUNC_DEF("size", 0, size),
};

const struct binding bind_paths = {functions, sizeof(functions) / sizeof(functions[0])};
