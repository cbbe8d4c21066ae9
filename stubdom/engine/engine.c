#include "engine.h"
#include "engine/compiler.h"
#include "memory.h"
#include "report.h"
#include <string.h>
#include <xen/io/xs_wire.h>

/* The members that requests touch are at its beginning. */
struct engine engine HOT_DATA_LARGE;
struct platform_config engine_config;
struct collector collector;

JSValue engine_view(JSContext *ctx, void *memory, size_t size, JSTypedArrayEnum type) {
    JSValue buffer = JS_NewArrayBuffer(ctx, memory, size, NULL, NULL, false);
    if (JS_IsException(buffer))
        return buffer;
    /* The constructor reads three arguments, whatever the count says. */
    JSValueConst arguments[3] = {buffer, JS_UNDEFINED, JS_UNDEFINED};
    JSValue array = JS_NewTypedArray(ctx, 3, arguments, type);
    JS_FreeValue(ctx, buffer);
    return array;
}

bool engine_call(const char *name, int count, JSValueConst *arguments) {
    JSContext *ctx = engine.context;
    JSValue function = JS_GetPropertyStr(ctx, engine.program, name);
    JSValue result = JS_Call(ctx, function, engine.program, count, arguments);
    JS_FreeValue(ctx, function);
    bool good = !JS_IsException(result);
    if (!good)
        report_exception(ctx, name);
    JS_FreeValue(ctx, result);
    return good;
}

void engine_refuse_request(void) {
    const char *name = engine_memory_failed() ? "ENOMEM" : "EIO";
    if (engine.request_link < 0)
        return;
    struct header header = engine.request;
    header.type = XS_ERROR;
    header.length = strlen(name) + 1;
    if (!link_send(engine.request_link, &header, name))
        link_shut(engine.request_link, LINK_COMM);
    engine.request_link = -1;
}
