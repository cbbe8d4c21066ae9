/* host.ts: the log, LogFiles, and the state of the engine's memory. */
#include "arguments.h"
#include "bindings.h"
#include "stubdom/engine/memory.h"
#include "stubdom/engine/report.h"

static JSValue log_line(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    size_t length;
    (void)self, (void)count;
    const char *text = JS_ToCStringLen(ctx, &length, arguments[0]);
    if (!text)
        return JS_EXCEPTION;
    report_text(text, length);
    JS_FreeCString(ctx, text);
    return JS_UNDEFINED;
}

static JSValue memory_ended(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewBool(ctx, engine_memory_failed());
}

static JSValue keep_reserve(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t quarters;
    (void)self, (void)count;
    if (!bind_below(ctx, arguments[0], 5, &quarters))
        return JS_EXCEPTION;
    engine_memory_keep_reserve(quarters);
    return JS_UNDEFINED;
}

static JSValue memory_scarce(JSContext *ctx, JSValueConst self, int count,
                             JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewBool(ctx, engine_memory_scarce() || bind_link_lacks_room());
}

static JSValue memory_critical(JSContext *ctx, JSValueConst self, int count,
                               JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewBool(ctx, engine_memory_critical() || bind_link_lacks_room());
}

static JSValue memory_limit(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewInt64(ctx, (int64_t)engine_memory_limit());
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("log", 1, log_line),
    JS_CFUNC_DEF("memoryEnded", 0, memory_ended),
    JS_CFUNC_DEF("keepReserve", 1, keep_reserve),
    JS_CFUNC_DEF("memoryScarce", 0, memory_scarce),
    JS_CFUNC_DEF("memoryCritical", 0, memory_critical),
    JS_CFUNC_DEF("memoryLimit", 0, memory_limit),
};

static JSValue open_file(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t sink = LOG_SINKS, files = 0, lines = 0;
    (void)self, (void)count;
    JS_ToUint32(ctx, &sink, arguments[0]);
    JS_ToUint32(ctx, &files, arguments[2]);
    JS_ToUint32(ctx, &lines, arguments[3]);
    const char *path = JS_ToCString(ctx, arguments[1]), *mark = JS_ToCString(ctx, arguments[4]);
    const char *wrong = "there is no such sink";
    if (path && mark && sink < LOG_SINKS)
        wrong = platform_open_log(sink, &(struct log_place){path, files, lines, mark});
    JS_FreeCString(ctx, path);
    JS_FreeCString(ctx, mark);
    return JS_NewString(ctx, wrong ? wrong : "");
}

static JSValue write_line(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t sink = 0;
    size_t length;
    (void)self, (void)count;
    JS_ToUint32(ctx, &sink, arguments[0]);
    const char *text = JS_ToCStringLen(ctx, &length, arguments[1]);
    if (!text)
        return JS_EXCEPTION;
    if (sink < LOG_SINKS)
        platform_write_log(sink, text, length);
    JS_FreeCString(ctx, text);
    return JS_UNDEFINED;
}

static const JSCFunctionListEntry file_functions[] = {
    JS_CFUNC_DEF("open", 5, open_file),
    JS_CFUNC_DEF("write", 2, write_line),
};

const struct binding bind_log_files = {file_functions, 2};
const struct binding bind_log = {functions, sizeof(functions) / sizeof(functions[0])};
