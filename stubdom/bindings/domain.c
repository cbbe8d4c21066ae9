/* host.ts: the state of domains. */
#include "bindings.h"
#include <stdio.h>

#define MOST_CHANGED 64

JSValue bind_domain_info(JSContext *ctx, const struct domain_info *info) {
    char id[24] = "";
    if (info->unique_id)
        snprintf(id, sizeof(id), "%llx", (unsigned long long)info->unique_id);
    JSValue object = JS_NewObject(ctx);
    JSValue unique = JS_NewString(ctx, id);
    /* Without one of its fields a domain would look like another one of its number. The last call
     * frees `unique` whatever it returns. */
    bool good = !JS_IsException(object) && !JS_IsException(unique) &&
                JS_SetPropertyStr(ctx, object, "domid", JS_NewInt32(ctx, info->domid)) >= 0 &&
                JS_SetPropertyStr(ctx, object, "state", JS_NewInt32(ctx, info->state)) >= 0;
    if (!good)
        JS_FreeValue(ctx, unique);
    if (good && JS_SetPropertyStr(ctx, object, "uniqueId", unique) >= 0)
        return object;
    JS_FreeValue(ctx, object);
    return JS_EXCEPTION;
}

static JSValue domain(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    struct domain_info info;
    uint32_t domid = 0;
    (void)self, (void)count;
    JS_ToUint32(ctx, &domid, arguments[0]);
    platform_domain(domid, &info);
    return bind_domain_info(ctx, &info);
}

static JSValue changed_domains(JSContext *ctx, JSValueConst self, int count,
                               JSValueConst *arguments) {
    struct domain_info infos[MOST_CHANGED];
    (void)self, (void)count, (void)arguments;
    int changed = platform_changed_domains(infos, MOST_CHANGED);
    if (changed < 0)
        return JS_NULL;
    JSValue list = JS_NewArray(ctx);
    for (int i = 0; i < changed; i++) {
        JSValue info = JS_IsException(list) ? JS_EXCEPTION : bind_domain_info(ctx, &infos[i]);
        if (JS_IsException(info) || JS_SetPropertyUint32(ctx, list, i, info) < 0) {
            /* Xen tells of each once. Without this list the caller asks for every domain. */
            JS_FreeValue(ctx, JS_GetException(ctx));
            JS_FreeValue(ctx, list);
            return JS_NULL;
        }
    }
    if (changed == MOST_CHANGED)
        link_raise(EVENT_DOMAINS); /* there may be more */
    return list;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("domain", 1, domain),
    JS_CFUNC_DEF("changedDomains", 0, changed_domains),
};

/* The state is not checked: only a privileged client in test mode gets here. */
static JSValue simulate(JSContext *ctx, JSValueConst self, int count, JSValueConst *arguments) {
    uint32_t domid = 0, state = 0;
    (void)self, (void)count;
    JS_ToUint32(ctx, &domid, arguments[0]);
    JS_ToUint32(ctx, &state, arguments[1]);
    return JS_NewBool(ctx, engine.simulate(domid, state));
}

static const JSCFunctionListEntry test_functions[] = {
    JS_CFUNC_DEF("simulate", 2, simulate),
};

const struct binding bind_simulation = {test_functions, 1};
const struct binding bind_domains = {functions, sizeof(functions) / sizeof(functions[0])};
