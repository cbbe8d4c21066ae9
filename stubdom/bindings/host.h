/* The host of host.ts: all bindings in one object, and the configuration that start() gets. */
#ifndef STUBDOM_BIND_HOST_H
#define STUBDOM_BIND_HOST_H

#include "stubdom/engine/engine.h"

JSValue bind_host(JSContext *ctx);
/** What it has in test mode besides. */
void bind_host_for_tests(JSContext *ctx, JSValue host);
JSValue bind_config(JSContext *ctx, const struct platform_config *config);

#endif
