/* host.ts: time. */
#include "bindings.h"

static JSValue now(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewFloat64(ctx, platform_now());
}

static JSValue wall_clock(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    (void)self, (void)count, (void)arguments;
    return JS_NewFloat64(ctx, platform_wall_clock());
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("now", 0, now),
    JS_CFUNC_DEF("wallClock", 0, wall_clock),
};

const struct binding bind_clock = {functions, sizeof(functions) / sizeof(functions[0])};
