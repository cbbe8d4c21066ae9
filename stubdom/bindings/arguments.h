/* Checks of what the program hands over: host.ts states what each argument is. */
#ifndef STUBDOM_BIND_ARGUMENTS_H
#define STUBDOM_BIND_ARGUMENTS_H

#include "engine/quickjs_ext.h"
#include <stdbool.h>
#include <stdint.h>

/**
 * The program has broken the contract of host.ts, which is a bug. Throws an exception that the
 * program cannot catch, so that the engine starts a new program from the journal. Returns
 * JS_EXCEPTION.
 */
JSValue bind_bug(JSContext *ctx, const char *what);

/** Reads an integer from 0 up to, but not including, `end`. False: it is none, see bind_bug(). */
bool bind_below(JSContext *ctx, JSValueConst value, uint32_t end, uint32_t *number);

/** Reads the number of a link, which need not be open. False: it is none, see bind_bug(). */
bool bind_link_number(JSContext *ctx, JSValueConst value, int *link);

#endif
