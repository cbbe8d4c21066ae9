/*
 * Included by quickjs.c before its interpreter (engine/changes/translation-hook.mjs): how it calls
 * a translated function.
 */
typedef JSValue translated_function(JSContext *ctx, JSValueConst function, JSValueConst self,
                                    int argc, JSValueConst *argv);
static no_inline JSValue translated_call_other(JSContext *ctx, JSValueConst function,
                                               JSValueConst self, int argc, JSValueConst *argv);
static void translated_find(JSRuntime *rt, JSFunctionBytecode *b);
/* JSFunctionBytecode has 32 bits for the translation: its distance from translated_call_other(). */
#define translated_of(b)                                                                           \
    ((translated_function *)((intptr_t)translated_call_other + (b)->translated))
