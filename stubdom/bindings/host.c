#include "host.h"
#include "bindings.h"
#include <string.h>

static const struct binding *const bindings[] = {&bind_links, &bind_domains, &bind_clock,
                                                 &bind_log};

/* JS_SetPropertyFunctionList() would create each function at its first use, perhaps when memory has
 * run out. */
static void bind(JSContext *ctx, JSValue host, const struct binding *binding) {
    for (int i = 0; i < binding->count; i++) {
        const JSCFunctionListEntry *f = &binding->functions[i];
        JS_SetPropertyStr(ctx, host, f->name,
                          JS_NewCFunctionMagic(ctx, f->u.func.cfunc.generic_magic, f->name,
                                               f->u.func.length, f->u.func.cproto, f->magic));
    }
}

JSValue bind_host(JSContext *ctx) {
    JSValue host = JS_NewObject(ctx);
    for (unsigned i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++)
        bind(ctx, host, bindings[i]);
    JSValue update = JS_NewObject(ctx), journal = JS_NewObject(ctx);
    bind(ctx, update, &bind_update);
    JS_SetPropertyStr(ctx, host, "update", update);
    JSValue handover = JS_NewObject(ctx);
    bind(ctx, handover, &bind_handover);
    JS_SetPropertyStr(ctx, host, "handover", handover);
    bind(ctx, journal, &bind_journal);
    bind(ctx, journal, &bind_journal_read);
    bind_journal_views(ctx, journal);
    JS_SetPropertyStr(ctx, host, "journal", journal);
    JSValue paths = JS_NewObject(ctx);
    bind(ctx, paths, &bind_paths);
    JS_SetPropertyStr(ctx, host, "paths", paths);
    JSValue insight = JS_NewObject(ctx);
    bind(ctx, insight, &bind_diagnostics);
    JS_SetPropertyStr(ctx, host, "insight", insight);
    JSValue logs = JS_NewObject(ctx);
    bind(ctx, logs, &bind_log_files);
    JS_SetPropertyStr(ctx, host, "logs", logs);
    JS_SetPropertyStr(ctx, host, "header",
                      engine_view(ctx, engine.header, sizeof(engine.header), JS_TYPED_ARRAY_INT32));
    JS_SetPropertyStr(ctx, host, "events",
                      engine_view(ctx, engine.events, sizeof(engine.events), JS_TYPED_ARRAY_INT32));
    return host;
}

void bind_host_for_tests(JSContext *ctx, JSValue host) {
    bind(ctx, host, &bind_simulation);
}

static JSValue make_words(JSContext *ctx, char **words) {
    JSValue list = JS_NewArray(ctx);
    for (uint32_t i = 0; words && words[i]; i++)
        JS_SetPropertyUint32(ctx, list, i, engine_new_bytes(ctx, words[i], strlen(words[i])));
    return list;
}

JSValue bind_config(JSContext *ctx, const struct platform_config *config) {
    JSValue object = JS_NewObject(ctx);
    JS_SetPropertyStr(ctx, object, "origin", JS_NewInt32(ctx, config->origin));
    JS_SetPropertyStr(ctx, object, "refused", JS_NewBool(ctx, config->refused));
    JS_SetPropertyStr(ctx, object, "shed", JS_NewInt32(ctx, config->shed));
    JS_SetPropertyStr(ctx, object, "ownDomid", JS_NewInt32(ctx, config->own_domid));
    JS_SetPropertyStr(ctx, object, "privDomid", JS_NewInt32(ctx, config->priv_domid));
    JS_SetPropertyStr(ctx, object, "privPort", JS_NewInt32(ctx, config->priv_port));
    JS_SetPropertyStr(ctx, object, "ownPort", JS_NewInt32(ctx, config->own_port));
    JS_SetPropertyStr(ctx, object, "strict", JS_NewBool(ctx, config->strict));
    JS_SetPropertyStr(ctx, object, "treeFile",
                      JS_NewString(ctx, config->tree_file ? config->tree_file : ""));
    JS_SetPropertyStr(ctx, object, "failedUpdate",
                      JS_NewString(ctx, config->failed_update ? config->failed_update : ""));
    JS_SetPropertyStr(ctx, object, "first", JS_NewBool(ctx, config->first));
    JS_SetPropertyStr(ctx, object, "testing", JS_NewBool(ctx, config->testing));
    JS_SetPropertyStr(ctx, object, "args", make_words(ctx, config->args));
    JS_SetPropertyStr(ctx, object, "fileArgs", make_words(ctx, config->file_args));
    JS_SetPropertyStr(ctx, object, "filePlaces", make_words(ctx, config->file_places));
    return object;
}
