/* Binary strings: one character per byte. */
#ifndef STUBDOM_ENGINE_BYTES_H
#define STUBDOM_ENGINE_BYTES_H

#include "eights.h"
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

/* The common way of the two, in place. */
static IN_PLACE bool engine_is_here(JSValueConst value, const char *bytes, size_t length) {
    if (SELDOM(JS_VALUE_GET_TAG(value) != JS_TAG_STRING))
        return engine_is(value, bytes, length);
    const struct engine_string *string = JS_VALUE_GET_PTR(value);
    return string->length == length && eights_same(string->bytes, bytes, length);
}

static IN_PLACE bool engine_get_here(JSContext *ctx, JSValueConst value,
                                     struct engine_bytes *bytes) {
    const struct engine_string *string = JS_VALUE_GET_PTR(value);
    if (SELDOM(JS_VALUE_GET_TAG(value) != JS_TAG_STRING || string->length >= ENGINE_WIDE))
        return engine_get_bytes(ctx, value, bytes);
    *bytes = (struct engine_bytes){string->bytes, string->length, JS_UNDEFINED};
    return true;
}

#endif
