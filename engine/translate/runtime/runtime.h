/*
 * Included after QuickJS's source: the functions of the program that are translated to C, and how
 * bytecode that is read at run time finds its translation.
 *
 * A translation handles the common cases of each operation. In any other case it takes a side exit:
 * it lays out arguments, variables and stack as the interpreter has them, and the interpreter
 * continues from that operation. So a translation has no code for rare cases and handles no
 * exception.
 *
 * A translation belongs to bytecode, not to a name. In every program that is read, a function with
 * the same operations uses it, and all others are interpreted. Constants and variables of the
 * closure are not part of a translation; it reads them at run time.
 */

#include "engine/compiler.h"
#include "engine/translate/runtime/hash.h"
#ifdef ENGINE_STRESSED
#include "engine/translate/runtime/stress.h"
struct engine_stressed engine_stressed;
#endif

#define countof(array) ((int)(sizeof(array) / sizeof((array)[0])))

#include "engine/translate/runtime/values.h"
#include "engine/translate/runtime/calls.h"
#include "engine/translate/runtime/properties.h"
#include "engine/translate/runtime/inline_cache.h"
#include "engine/translate/runtime/called.h"

/* The condition of a side exit. Tests also take side exits without need, to check that the
 * interpreter can continue from each. */
#ifdef ENGINE_STRESSED
static BOOL stressed(void) {
    return engine_stressed.every && ++engine_stressed.chances % engine_stressed.every == 0;
}
#define SIDE_EXIT(condition) ((condition) || stressed())
#else
#define SIDE_EXIT(condition) unlikely(condition)
#endif

struct translation {
    uint64_t hash; /* translated_hash() */
    int length;    /* of the bytecode, in bytes */
    translated_function *run;
};

#ifdef ENGINE_UNTRANSLATED
static const struct translation translations[] = {{0}};
#define TRANSLATIONS 0
#define TRANSLATED_WORDS 1
static const uint16_t translated_shapes[1];
#else
#include "translated.h"
#endif

/* --- how bytecode finds its translation --- */

#ifdef ENGINE_STRESSED
static BOOL found_before[TRANSLATIONS];
#endif

/* Called for each function after it was read: sets its translation, if there is one. */
static void translated_find(JSRuntime *rt, JSFunctionBytecode *b) {
    int first = 0, end = TRANSLATIONS;
    uint64_t hash = 0;
    while (first < end) {
        int middle = (first + end) / 2;
        if (translations[middle].length < b->byte_code_len)
            first = middle + 1;
        else
            end = middle;
    }
    for (; first < TRANSLATIONS && translations[first].length == b->byte_code_len; first++) {
        if (!hash)
            hash = translated_hash(rt, b);
        if (translations[first].hash != hash)
            continue;
#ifdef ENGINE_STRESSED
        if (engine_stressed.off)
            return;
#endif
        if (!rt->translated_words)
            rt->translated_words = js_mallocz_rt(rt, TRANSLATED_WORDS * sizeof(compressed_pointer));
#ifdef ENGINE_STRESSED
        engine_stressed.known = TRANSLATIONS;
        engine_stressed.found += !found_before[first];
        found_before[first] = TRUE;
#endif
        if (rt->translated_words)
            b->translated = (intptr_t)translations[first].run - (intptr_t)translated_call_other;
    }
}

/* Frees what translations have cached, before the runtime ends. */
static void translated_forget(JSRuntime *rt) {
    compressed_pointer *words = rt->translated_words;
    if (!words)
        return;
    for (int i = 0; i < countof(translated_shapes); i++)
        js_free_shape_null(rt, EXPAND(JSShape, words[translated_shapes[i]]));
    js_free_rt(rt, words);
    rt->translated_words = NULL;
}
