/* The two arguments of the program's start(): the Host and its Config (src/host.ts). */
#ifndef STUBDOM_BIND_HOST_H
#define STUBDOM_BIND_HOST_H

#include "stubdom/engine/engine.h"

/** Makes the Host: an object with all bindings. */
JSValue bind_host(JSContext *ctx);
/** Adds the functions of test mode. */
void bind_host_for_tests(JSContext *ctx, JSValue host);
JSValue bind_config(JSContext *ctx, const struct platform_config *config);

#endif
