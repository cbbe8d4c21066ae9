/*
 * What QuickJS's interface lacks. A string of bytes has one character, 0 to 255, for each byte. A
 * function that fails with an exception leaves it pending.
 */
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
    JSValue hold; /* the caller frees it */
};

/** Makes a string of bytes. An exception: no memory. */
JSValue engine_new_bytes(JSContext *ctx, const char *bytes, size_t length);
/** The elements of an array, Int32Array or Uint8Array, as the engine stores them. */
struct engine_list {
    union {
        const JSValue *values;
        const int32_t *numbers;
        const uint8_t *bytes;
    };
    uint32_t count; /* 0 also after the array has become a slow array */
};
/** The elements of an array, valid and up to date as long as the array lives. An empty list:
 * `array` is no fast array. */
const struct engine_list *engine_list_of(JSValueConst array);
/** Whether a value is a typed array. */
bool engine_is_typed(JSValueConst array);
/** A string as the engine stores it (JSString). */
struct engine_string {
    uint32_t references;
    uint32_t length; /* with ENGINE_WIDE: characters of two bytes */
    uint64_t hash;
    char bytes[];
};
#define ENGINE_WIDE (1U << 31)
/** The length of a string in characters; 0 for other values. */
size_t engine_length(JSValueConst value);
/** Whether a string equals these bytes. It allocates nothing. */
bool engine_is(JSValueConst value, const char *bytes, size_t length);
/** Gets the bytes of a string. False: an exception is pending. */
bool engine_get_bytes(JSContext *ctx, JSValueConst value, struct engine_bytes *bytes);
/** As JS_Call(), but faster for a translated function. */
JSValue engine_run(JSContext *ctx, JSValueConst function, JSValueConst self, int count,
                   JSValueConst *arguments);

/**
 * Makes the built-in functions whose names occur in loaded bytecode. QuickJS makes a built-in when
 * it is first asked for, so a first call of Map.prototype.delete() could find no memory where
 * nothing may fail. False: an exception is pending.
 */
bool engine_make_builtins(JSContext *ctx);

/** Calls and loop turns until the engine calls its interrupt handler, which sets it again. */
extern int engine_interrupt_budget;

/** Whether written bytecode has what only debuggers and direct eval need: names of local variables,
 * and columns. */
extern bool engine_writes_debug;

/**
 * The secret of this process in the hashes of strings that are keys of a Map or Set, so that nobody
 * can choose keys that collide. Maps that exist when it changes are hashed again.
 */
extern uint64_t engine_key_secret;

/**
 * For a heap that becomes part of an executable: engine_detach() removes what belongs to this
 * process and sets the allocator of the next one. engine_attach() sets the stack of the next
 * process, and a seed for Math.random(). Nothing may run in between.
 */
void engine_detach(JSContext *ctx, const JSMallocFunctions *functions);
void engine_attach(JSContext *ctx, uint64_t seed);

/* engine_is() and engine_get_bytes() with their common case inlined. */
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
