/*
 * Included by QuickJS in front of its interpreter (engine/changes/translation-hook.mjs): how a
 * function that was translated is called.
 */
typedef JSValue translated_function(JSContext *ctx, JSValueConst function, JSValueConst self,
                                    int argc, JSValueConst *argv);
static no_inline JSValue translated_call_other(JSContext *ctx, JSValueConst function,
                                               JSValueConst self, int argc, JSValueConst *argv);
static void translated_find(JSRuntime *rt, JSFunctionBytecode *b);
/* JSFunctionBytecode has 32 bits for it: how far it is from a function that is not translated. */
#define translated_of(b)                                                                           \
    ((translated_function *)((intptr_t)translated_call_other + (b)->translated))
