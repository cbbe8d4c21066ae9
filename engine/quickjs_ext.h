/* What QuickJS's interface lacks. A string of bytes has one character for each. */
#ifndef ENGINE_QUICKJS_EXT_H
#define ENGINE_QUICKJS_EXT_H

#include "engine/word_ops.h"
#include <quickjs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine_bytes {
    const char *data; /* valid while the value and `hold` live */
    size_t length;
    JSValue hold; /* to be freed by the caller */
};

/** A string of these bytes, or an exception. */
JSValue engine_new_bytes(JSContext *ctx, const char *bytes, size_t length);
/** What an array holds, or a typed array, one after the other. */
struct engine_list {
    union {
        const JSValue *values;
        const int32_t *numbers;
        const uint8_t *bytes;
    };
    uint32_t count; /* 0 also for what is an array no longer */
};
/** Where the engine has that; it lives as long as the array. An empty list: it is no such array. */
const struct engine_list *engine_list_of(JSValueConst array);
/** Whether it is a typed array. */
bool engine_is_typed(JSValueConst array);
/** A string as the engine has it. */
struct engine_string {
    uint32_t references;
    uint32_t length; /* with ENGINE_WIDE: characters of two bytes */
    uint64_t hash;
    char bytes[];
};
#define ENGINE_WIDE (1U << 31)
/** The length of a string; 0: it is none. */
size_t engine_length(JSValueConst value);
/** Whether a string is these bytes. Nothing is made for it. */
bool engine_is(JSValueConst value, const char *bytes, size_t length);
/** The bytes of a string. False: an exception is pending. */
bool engine_get_bytes(JSContext *ctx, JSValueConst value, struct engine_bytes *bytes);
/** As JS_Call(), with less on the way to a function of the program that is translated. */
JSValue engine_run(JSContext *ctx, JSValueConst function, JSValueConst self, int count,
                   JSValueConst *arguments);

/** How many calls and turns of loops are left before the engine asks its interrupt handler. */
extern int engine_interrupt_budget;

/** Whether bytecode that is written has what only debuggers and programs with direct eval want:
 * names of local variables, and columns. */
extern bool engine_writes_debug;

/**
 * A secret of the process in the hashes of texts that are keys of a Map or Set, so that nobody can
 * choose texts that fall together. It may be set while there are maps.
 */
extern uint64_t engine_key_secret;

/**
 * A context whose heap becomes part of an executable, and goes on in another process: detach takes
 * what is of this process alone out of it, attach gives it that process's stack, and a seed for
 * Math.random(). Until then nothing may run in it.
 */
void engine_detach(JSContext *ctx, const JSMallocFunctions *functions);
void engine_attach(JSContext *ctx, uint64_t seed);

/* The common way of the two, in place. */
static ALWAYS_INLINE bool engine_is_here(JSValueConst value, const char *bytes, size_t length) {
    if (UNLIKELY(JS_VALUE_GET_TAG(value) != JS_TAG_STRING))
        return engine_is(value, bytes, length);
    const struct engine_string *string = JS_VALUE_GET_PTR(value);
    return string->length == length && equal_by_words(string->bytes, bytes, length);
}

static ALWAYS_INLINE bool engine_get_here(JSContext *ctx, JSValueConst value,
                                          struct engine_bytes *bytes) {
    const struct engine_string *string = JS_VALUE_GET_PTR(value);
    if (UNLIKELY(JS_VALUE_GET_TAG(value) != JS_TAG_STRING || string->length >= ENGINE_WIDE))
        return engine_get_bytes(ctx, value, bytes);
    *bytes = (struct engine_bytes){string->bytes, string->length, JS_UNDEFINED};
    return true;
}

#endif
