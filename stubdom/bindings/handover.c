/* host.ts: Handover. */
#include "arguments.h"
#include "bindings.h"
#include "stubdom/engine/memory.h"
#include "engine/quickjs_ext.h"

/* adopt(domid, handle, input, output) */
static JSValue adopt(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int32_t domid = 0, handle = 0;
    struct engine_bytes input, output;
    (void)self, (void)count;
    JS_ToInt32(ctx, &domid, arguments[0]);
    JS_ToInt32(ctx, &handle, arguments[1]);
    if (!engine_get_bytes(ctx, arguments[2], &input))
        return JS_EXCEPTION;
    bool got = engine_get_bytes(ctx, arguments[3], &output);
    int link = got ? platform_adopt(domid, handle) : -1;
    if (link >= 0) {
        struct link_state state = {.link = link,
                                   .open = true,
                                   .in = input.data,
                                   .out = output.data,
                                   .in_length = input.length,
                                   .out_length = output.length,
                                   .out_begun = output.length};
        if (!link_import(&state)) {
            link_close(link);
            link = -1;
        }
    }
    JS_FreeValue(ctx, input.hold);
    if (!got)
        return JS_EXCEPTION;
    JS_FreeValue(ctx, output.hold);
    return JS_NewInt32(ctx, link);
}

/* Sets a property. False: no memory, and an exception is pending. */
static bool set(JSContext *ctx, JSValueConst object, const char *name, JSValue value) {
    return !JS_IsException(value) && JS_SetPropertyStr(ctx, object, name, value) >= 0;
}

/* An object that lacks a field would be believed. */
static JSValue whole(JSContext *ctx, JSValue object, bool good) {
    if (good)
        return object;
    JS_FreeValue(ctx, object);
    return JS_EXCEPTION;
}

/* show(link) */
static JSValue show(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int link;
    struct link_state state;
    (void)self, (void)count;
    if (!bind_link_number(ctx, arguments[0], &link))
        return JS_EXCEPTION;
    if (!link_export(link, &state) || state.link != link || !state.open)
        return JS_NULL;
    const struct endpoint *endpoint = link_endpoint(link);
    JSValue object = JS_NewObject(ctx);
    int64_t handle = endpoint->domid < 0 ? endpoint->fd : (int64_t)endpoint->port;
    bool good = !JS_IsException(object) && set(ctx, object, "handle", JS_NewInt64(ctx, handle)) &&
                set(ctx, object, "begun", JS_NewInt64(ctx, (int64_t)state.out_begun)) &&
                set(ctx, object, "input", engine_new_bytes(ctx, state.in, state.in_length)) &&
                set(ctx, object, "output", engine_new_bytes(ctx, state.out, state.out_length));
    return whole(ctx, object, good);
}

static JSValue descriptors(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    int listener, device;
    (void)self, (void)count, (void)arguments;
    platform_descriptors(&listener, &device);
    JSValue object = JS_NewObject(ctx);
    bool good = !JS_IsException(object) &&
                set(ctx, object, "listener", JS_NewInt32(ctx, listener)) &&
                set(ctx, object, "device", JS_NewInt32(ctx, device));
    return whole(ctx, object, good);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("adopt", 4, adopt),
    JS_CFUNC_DEF("show", 1, show),
    JS_CFUNC_DEF("descriptors", 0, descriptors),
};

const struct binding bind_handover = {functions, sizeof(functions) / sizeof(functions[0])};
