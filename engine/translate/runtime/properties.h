/* Included by runtime.h: the common cases of properties and elements. */

/* The value of `object.name`, a plain property of the object or of a prototype; or NULL. */
static force_inline const JSValue *fast_find(JSContext *ctx, JSValueConst object, JSAtom name) {
    JSObject *p;
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT))
        p = JS_VALUE_GET_OBJ(object);
    else if (JS_VALUE_GET_TAG(object) == JS_TAG_STRING && name != JS_ATOM_length)
        p = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_STRING]);
    else
        return NULL;
    do {
        JSProperty *property;
        JSShapeProperty *shape = find_own_property(&property, p, name);
        if (shape)
            return likely(!(shape->flags & JS_PROP_TMASK)) ? &property->u.value : NULL;
        /* An array is exotic only for its elements, whose names are numbers. */
        if (unlikely(p->is_exotic) && (p->class_id != JS_CLASS_ARRAY || __JS_AtomIsTaggedInt(name)))
            return NULL;
        p = p->shape->proto;
    } while (p);
    return NULL;
}

/* `object.name` */
static force_inline JSValue fast_get_field(JSContext *ctx, JSValueConst object, JSAtom name) {
    const JSValue *found = fast_find(ctx, object, name);
    if (likely(found))
        return JS_DupValue(ctx, *found);
    if (JS_VALUE_GET_TAG(object) == JS_TAG_STRING && name == JS_ATOM_length)
        return JS_NewInt32(ctx, JS_VALUE_GET_STRING(object)->len);
    return JS_GetPropertyInternal(ctx, object, name, object, FALSE);
}

/* The place for `object.name = value`, if it is an existing own property; or NULL. */
static force_inline JSValue *fast_place(JSValueConst object, JSAtom name) {
    static const int told = JS_PROP_TMASK | JS_PROP_WRITABLE | JS_PROP_LENGTH;
    JSProperty *property;
    if (unlikely(JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT))
        return NULL;
    JSShapeProperty *shape = find_own_property(&property, JS_VALUE_GET_OBJ(object), name);
    if (unlikely(!shape || (shape->flags & told) != JS_PROP_WRITABLE))
        return NULL;
    return &property->u.value;
}

/* The value of `array[index]`, for arrays, Int32Array and Uint8Array; or NULL. An element of a
 * typed array is stored in *number. */
static force_inline const JSValue *fast_element(JSValueConst object, JSValueConst index,
                                                JSValue *number) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT &&
               JS_VALUE_GET_TAG(index) == JS_TAG_INT)) {
        JSObject *p = JS_VALUE_GET_OBJ(object);
        uint32_t i = JS_VALUE_GET_INT(index);
        if (even(p->class_id == JS_CLASS_ARRAY) && likely(i < p->u.array.count))
            return &p->u.array.u.values[i];
        if (even(p->class_id == JS_CLASS_INT32_ARRAY) && likely(i < p->u.array.count)) {
            *number = JS_NewInt32(NULL, p->u.array.u.int32_ptr[i]);
            return number;
        }
        if (even(p->class_id == JS_CLASS_UINT8_ARRAY) && likely(i < p->u.array.count)) {
            *number = JS_NewInt32(NULL, p->u.array.u.uint8_ptr[i]);
            return number;
        }
    }
    return NULL;
}

/* `array[index] = value` for an existing element. The value is borrowed. FALSE: not done. */
static force_inline BOOL fast_is_put(JSContext *ctx, JSValueConst object, JSValueConst index,
                                     JSValueConst value) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT &&
               JS_VALUE_GET_TAG(index) == JS_TAG_INT)) {
        JSObject *p = JS_VALUE_GET_OBJ(object);
        uint32_t i = JS_VALUE_GET_INT(index);
        if (even(p->class_id == JS_CLASS_INT32_ARRAY) && likely(i < p->u.array.count) &&
            JS_VALUE_GET_TAG(value) == JS_TAG_INT) {
            p->u.array.u.int32_ptr[i] = JS_VALUE_GET_INT(value);
            return TRUE;
        }
        if (even(p->class_id == JS_CLASS_UINT8_ARRAY) && likely(i < p->u.array.count) &&
            JS_VALUE_GET_TAG(value) == JS_TAG_INT) {
            p->u.array.u.uint8_ptr[i] = JS_VALUE_GET_INT(value);
            return TRUE;
        }
        if (even(p->class_id == JS_CLASS_ARRAY) && likely(i < p->u.array.count)) {
            set_value(ctx, &p->u.array.u.values[i], JS_DupValue(ctx, value));
            return TRUE;
        }
    }
    return FALSE;
}

/* fast_element(), inlined for plain arrays. */
static no_inline const JSValue *called_element(JSValueConst object, JSValueConst index,
                                               JSValue *number) {
    return fast_element(object, index, number);
}
static force_inline BOOL translated_is_a(JSValueConst object, int class_id) {
    return likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT) &&
           likely(JS_VALUE_GET_OBJ(object)->class_id == class_id);
}
static force_inline BOOL translated_has(JSValueConst object, uint32_t index, int class_id) {
    return translated_is_a(object, class_id) &&
           likely(index < JS_VALUE_GET_OBJ(object)->u.array.count);
}
static force_inline BOOL translated_is_index(JSValueConst object, JSValueConst index) {
    return likely(JS_VALUE_GET_TAG(index) == JS_TAG_INT) &&
           translated_has(object, JS_VALUE_GET_INT(index), JS_CLASS_ARRAY);
}
static force_inline JSValue *translated_value(JSValueConst object, JSValueConst index) {
    JSValue *values = JS_VALUE_GET_OBJ(object)->u.array.u.values;
    if (!values)
        __builtin_unreachable();
    return &values[(uint32_t)JS_VALUE_GET_INT(index)];
}
static force_inline const JSValue *translated_at(JSValueConst object, JSValueConst index,
                                                 JSValue *number) {
    return translated_is_index(object, index) ? translated_value(object, index)
                                              : called_element(object, index, number);
}

/* fast_is_put(), inlined for plain arrays. Also appends an element. -1: an exception is pending. */
static no_inline int called_is_put(JSContext *ctx, JSValueConst object, JSValueConst index,
                                   JSValueConst value) {
    if (fast_is_put(ctx, object, index, value))
        return TRUE;
    if (!translated_is_a(object, JS_CLASS_ARRAY) || JS_VALUE_GET_TAG(index) != JS_TAG_INT)
        return FALSE;
    JSObject *p = JS_VALUE_GET_OBJ(object);
    if (!p->fast_array || !p->extensible || (uint32_t)JS_VALUE_GET_INT(index) != p->u.array.count)
        return FALSE;
    return add_fast_array_element(ctx, p, JS_DupValue(ctx, value), 0);
}
static force_inline int translated_put(JSContext *ctx, JSValueConst object, JSValueConst index,
                                       JSValueConst value) {
    if (!translated_is_index(object, index))
        return called_is_put(ctx, object, index, value);
    translated_set(ctx, translated_value(object, index), translated_dup(ctx->rt, value));
    return TRUE;
}

/* Makes an array of values, and takes their references. */
static no_inline JSValue translated_array(JSContext *ctx, int count, JSValue *values) {
    JSValue array = JS_NewArray(ctx);
    for (int i = 0; i < count; i++) {
        if (!JS_IsException(array) &&
            JS_DefinePropertyValue(ctx, array, __JS_AtomFromUInt32(i), values[i],
                                   JS_PROP_C_W_E | JS_PROP_THROW) < 0) {
            JS_FreeValue(ctx, array);
            array = JS_EXCEPTION;
        } else if (JS_IsException(array)) {
            JS_FreeValue(ctx, values[i]);
        }
    }
    return array;
}
