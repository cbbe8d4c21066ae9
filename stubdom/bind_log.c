/* host.ts: the log. */
#include "engine.h"
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

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("log", 1, log_line),
};

const struct binding bind_log = {functions, sizeof(functions) / sizeof(functions[0])};
