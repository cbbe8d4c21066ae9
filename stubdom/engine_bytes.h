/* Binary strings: one character per byte. */
#ifndef STUBDOM_ENGINE_BYTES_H
#define STUBDOM_ENGINE_BYTES_H

#include <quickjs.h>
#include <stdbool.h>
#include <stddef.h>

struct engine_bytes {
    const char *data; /* valid while the value and `hold` live */
    size_t length;
    JSValue hold; /* to be freed by the caller */
};

/** A string of these bytes, or an exception. */
JSValue engine_new_bytes(JSContext *ctx, const char *bytes, size_t length);
/** What an array holds, one after the other; NULL: it is none that does. Valid until it grows. */
const JSValue *engine_array(JSValueConst array, uint32_t *count);
/** The elements of a typed array; NULL: it is none. */
void *engine_elements(JSValueConst array, uint32_t *count);
/** The length of a string; 0: it is none. */
size_t engine_length(JSValueConst value);
/** The n-th of an array, as one more reference to it. */
JSValue engine_text(JSContext *ctx, JSValueConst array, uint32_t n);
/** Whether the n-th of an array of strings is these bytes. Nothing is made for it. */
bool engine_text_is(JSValueConst array, uint32_t n, const char *bytes, size_t length);
/** The bytes of a string. False: an exception is pending. */
bool engine_get_bytes(JSContext *ctx, JSValueConst value, struct engine_bytes *bytes);
/** As JS_Call(), with less on the way to a function of the program that is translated. */
JSValue engine_run(JSContext *ctx, JSValueConst function, JSValueConst self, int count,
                   JSValueConst *arguments);

#endif
