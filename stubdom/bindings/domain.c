/* host.ts: the state of domains. */
#include "bindings.h"
#include <stdio.h>

#define MOST_CHANGED 64

JSValue bind_domain_info(JSContext *ctx, const struct domain_info *info) {
    char id[24] = "";
    if (info->unique_id)
        snprintf(id, sizeof(id), "%llx", (unsigned long long)info->unique_id);
    JSValue object = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, object, "domid", JS_NewInt32(ctx, info->domid));
    JS_SetPropertyStr(ctx, object, "state", JS_NewInt32(ctx, info->state));
    JS_SetPropertyStr(ctx, object, "uniqueId", JS_NewString(ctx, id));
    return object;
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
    for (int i = 0; i < changed; i++)
        JS_SetPropertyUint32(ctx, list, i, bind_domain_info(ctx, &infos[i]));
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
