#include "arguments.h"
#include "engine/compiler.h"

COLD JSValue bind_bug(JSContext *ctx, const char *what) {
    JS_ThrowInternalError(ctx, "a wrong argument: %s", what);
    JSValue error = JS_GetException(ctx);
    JS_SetUncatchableError(ctx, error, true);
    return JS_Throw(ctx, error);
}

bool bind_below(JSContext *ctx, JSValueConst value, uint32_t end, uint32_t *number) {
    *number = (uint32_t)JS_VALUE_GET_INT(value);
    if (JS_VALUE_GET_TAG(value) == JS_TAG_INT && *number < end)
        return true;
    bind_bug(ctx, "no number of those that there are");
    return false;
}

bool bind_link_number(JSContext *ctx, JSValueConst value, int *link) {
    *link = JS_VALUE_GET_INT(value);
    if (JS_VALUE_GET_TAG(value) == JS_TAG_INT && *link >= 0)
        return true;
    bind_bug(ctx, "no link");
    return false;
}
