/* Included by runtime.h: inline caches, by which translations find properties. */

/*
 * The place where an operation last found a property. Every object with the cached shape has it
 * there: the cache holds a reference to the shape, and QuickJS replaces a hashed shape that is
 * shared instead of changing it. For a property of the prototype, the prototype must still have its
 * cached shape, too.
 */
#ifdef ENGINE_LOW_POINTERS
typedef uint32_t compressed_pointer;
#else
typedef uintptr_t compressed_pointer;
#endif
struct inline_cache {
    compressed_pointer shape;
    compressed_pointer holder;       /* the prototype; 0: the object itself */
    compressed_pointer holder_shape; /* of the prototype */
    compressed_pointer where; /* of a prototype: the value; else the index in the properties */
};
#define EXPAND(type, pointer) ((type *)(uintptr_t)(pointer))
/* The cache that begins at a word of translated_words. */
#define CACHE(word) ((struct inline_cache *)(words + (word)))

/* A property: the position of its name in the bytecode, and whether it is written. */
struct translated_name {
    uint16_t at;
    uint8_t put;
};

/* Caches an object's shape in known[0], and the byte offsets of these properties behind it. FALSE:
 * the object does not have all of them as plain own properties. */
static COLD BOOL translated_learn(JSContext *ctx, JSValueConst object, compressed_pointer *known,
                                  const uint8_t *code, const struct translated_name *names,
                                  int count) {
    if (JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT)
        return FALSE;
    JSObject *p = JS_VALUE_GET_OBJ(object);
    JSShape *old = EXPAND(JSShape, known[0]);
    if (!p->shape->is_hashed)
        return FALSE;
    known[0] = 0;
    js_free_shape_null(ctx->rt, old);
    for (int i = 0; i < count; i++) {
        JSProperty *property;
        JSShapeProperty *shape = find_own_property(&property, p, get_u32(code + names[i].at));
        int must_not = JS_PROP_TMASK | (names[i].put ? JS_PROP_LENGTH : 0);
        int must = names[i].put ? JS_PROP_WRITABLE : 0;
        if (!shape || (shape->flags & must_not) || (shape->flags & must) != must)
            return FALSE;
        known[1 + i] = (char *)&property->u.value - (char *)p->prop;
    }
    known[0] = (uintptr_t)js_dup_shape(p->shape);
    return TRUE;
}

/* Whether an object has the cached shape, or its shape could be cached now. */
static force_inline BOOL translated_is(JSContext *ctx, JSValueConst object,
                                       compressed_pointer *known, const uint8_t *code,
                                       const struct translated_name *names, int count) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT) &&
        likely(JS_VALUE_GET_OBJ(object)->shape == EXPAND(JSShape, known[0])))
        return TRUE;
    return translated_learn(ctx, object, known, code, names, count);
}

static void translated_remember(JSRuntime *rt, struct inline_cache *site, JSObject *p,
                                JSObject *holder, JSProperty *property) {
    if (!p->shape->is_hashed || !holder->shape->is_hashed)
        return;
    JSShape *old = EXPAND(JSShape, site->shape), *old_holder = EXPAND(JSShape, site->holder_shape);
    site->shape = (uintptr_t)js_dup_shape(p->shape);
    if (holder == p) {
        site->holder = site->holder_shape = 0;
        site->where = property - p->prop;
    } else {
        site->holder = (uintptr_t)holder;
        site->holder_shape = (uintptr_t)js_dup_shape(holder->shape);
        site->where = (uintptr_t)&property->u.value;
    }
    js_free_shape_null(rt, old);
    js_free_shape_null(rt, old_holder);
}

/* fast_find() for the name at `at` in the bytecode. Caches a property of the object itself or of
 * its direct prototype. */
static COLD const JSValue *translated_search(JSContext *ctx, JSValueConst object, const uint8_t *at,
                                             struct inline_cache *site) {
    JSAtom name = get_u32(at);
    const JSValue *found = fast_find(ctx, object, name);
    if (found && JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT) {
        JSObject *p = JS_VALUE_GET_OBJ(object), *holder = p;
        JSProperty *property;
        if (!find_own_property(&property, p, name)) {
            holder = p->shape->proto;
            if (!find_own_property(&property, holder, name))
                return found;
        }
        translated_remember(ctx->rt, site, p, holder, property);
    }
    return found;
}

/* The value of `object.name`, fast for an own property. NULL: not a plain property. */
static force_inline const JSValue *translated_own(JSContext *ctx, JSValueConst object,
                                                  const uint8_t *at, struct inline_cache *site) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT)) {
        const JSObject *p = JS_VALUE_GET_OBJ(object);
        if (likely(p->shape == EXPAND(JSShape, site->shape) && !site->holder))
            return &p->prop[site->where].u.value;
    }
    return translated_search(ctx, object, at, site);
}

/* The same, fast for a property of the prototype, too. */
static force_inline const JSValue *translated_method(JSContext *ctx, JSValueConst object,
                                                     const uint8_t *at, struct inline_cache *site) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT)) {
        const JSObject *p = JS_VALUE_GET_OBJ(object);
        if (likely(p->shape == EXPAND(JSShape, site->shape))) {
            if (even(!site->holder))
                return &p->prop[site->where].u.value;
            if (likely(EXPAND(JSObject, site->holder)->shape ==
                       EXPAND(JSShape, site->holder_shape)))
                return EXPAND(JSValue, site->where);
        }
    }
    return translated_search(ctx, object, at, site);
}

static COLD JSValue *translated_search_place(JSContext *ctx, JSValueConst object, const uint8_t *at,
                                             struct inline_cache *site) {
    JSValue *place = fast_place(object, get_u32(at));
    if (place) {
        JSObject *p = JS_VALUE_GET_OBJ(object);
        translated_remember(ctx->rt, site, p, p, container_of(place, JSProperty, u.value));
    }
    return place;
}

/* The place for `object.name = value`, if it is an existing own property; or NULL. */
static force_inline JSValue *translated_place(JSContext *ctx, JSValueConst object,
                                              const uint8_t *at, struct inline_cache *site) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT)) {
        const JSObject *p = JS_VALUE_GET_OBJ(object);
        if (likely(p->shape == EXPAND(JSShape, site->shape)))
            return &p->prop[site->where].u.value;
    }
    return translated_search_place(ctx, object, at, site);
}
