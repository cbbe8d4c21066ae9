/* Included by runtime.h: the inline functions of the other headers as calls, for translations that
 * are optimized for size. */

static no_inline const JSValue *called_own(JSContext *ctx, JSValueConst object, const uint8_t *at,
                                           struct inline_cache *site) {
    return translated_own(ctx, object, at, site);
}
static no_inline const JSValue *called_method(JSContext *ctx, JSValueConst object,
                                              const uint8_t *at, struct inline_cache *site) {
    return translated_method(ctx, object, at, site);
}
static no_inline JSValue *called_place(JSContext *ctx, JSValueConst object, const uint8_t *at,
                                       struct inline_cache *site) {
    return translated_place(ctx, object, at, site);
}
static no_inline JSValue called_call(JSContext *ctx, JSValueConst function, JSValueConst self,
                                     int argc, JSValueConst *argv) {
    return translated_call(ctx, function, self, argc, argv);
}
static no_inline int called_same(JSValueConst left, JSValueConst right) {
    return translated_same(left, right);
}
static no_inline int called_length(JSValueConst value) {
    return translated_length(value);
}
static no_inline void called_free(JSContext *ctx, JSValue value) {
    translated_free(ctx, value);
}
static no_inline void called_set(JSContext *ctx, JSValue *variable, JSValue value) {
    translated_set(ctx, variable, value);
}

static no_inline BOOL called_is(JSContext *ctx, JSValueConst object, compressed_pointer *known,
                                const uint8_t *code, const struct translated_name *names,
                                int count) {
    return translated_is(ctx, object, known, code, names, count);
}
