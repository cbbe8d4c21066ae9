/* host.ts: the log, and what an exception cannot tell. */
#include "engine.h"
#include "engine_memory.h"
#include "report.h"

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

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("log", 1, log_line),
    JS_CFUNC_DEF("memoryEnded", 0, memory_ended),
};

const struct binding bind_log = {functions, sizeof(functions) / sizeof(functions[0])};
