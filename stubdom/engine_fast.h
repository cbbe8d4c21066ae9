/*
 * Included by the prepared engine in front of its interpreter: the commonest way
 * of its most frequent operations, without a call. What is not common goes to the
 * engine's own function, so nothing means anything else.
 */

/* `object.name`: a plain property of the object itself or of a prototype. */
static force_inline JSValue fast_get_field(JSContext *ctx, JSValueConst object, JSAtom name) {
    JSObject *p;
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT)) {
        p = JS_VALUE_GET_OBJ(object);
    } else if (JS_VALUE_GET_TAG(object) == JS_TAG_STRING) {
        if (name == JS_ATOM_length)
            return JS_NewInt32(ctx, JS_VALUE_GET_STRING(object)->len);
        p = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_STRING]);
    } else {
        goto slow;
    }
    do {
        JSProperty *property;
        JSShapeProperty *shape = find_own_property(&property, p, name);
        if (shape) {
            if (unlikely(shape->flags & JS_PROP_TMASK))
                goto slow;
            return JS_DupValue(ctx, property->u.value);
        }
        /* An array is exotic for its elements alone, whose names are numbers. */
        if (unlikely(p->is_exotic) && (p->class_id != JS_CLASS_ARRAY || __JS_AtomIsTaggedInt(name)))
            goto slow;
        p = p->shape->proto;
    } while (p);
slow:
    return JS_GetPropertyInternal(ctx, object, name, object, FALSE);
}

/* `array[index]` of arrays and of the typed arrays that the store is made of. */
static force_inline JSValue fast_get_element(JSContext *ctx, JSValueConst object, JSValue index) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT &&
               JS_VALUE_GET_TAG(index) == JS_TAG_INT)) {
        JSObject *p = JS_VALUE_GET_OBJ(object);
        uint32_t i = JS_VALUE_GET_INT(index);
        if (p->class_id == JS_CLASS_ARRAY && i < p->u.array.count)
            return JS_DupValue(ctx, p->u.array.u.values[i]);
        if (p->class_id == JS_CLASS_INT32_ARRAY && i < p->u.array.count)
            return JS_NewInt32(ctx, p->u.array.u.int32_ptr[i]);
        if (p->class_id == JS_CLASS_UINT8_ARRAY && i < p->u.array.count)
            return JS_NewInt32(ctx, p->u.array.u.uint8_ptr[i]);
    }
    return JS_GetPropertyValue(ctx, object, index);
}

/* `object.name = value` where the object has that property already. */
static force_inline int fast_put_field(JSContext *ctx, JSValueConst object, JSAtom name,
                                       JSValue value, JSValueConst self, int flags) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT)) {
        static const int told = JS_PROP_TMASK | JS_PROP_WRITABLE | JS_PROP_LENGTH;
        JSProperty *property;
        JSShapeProperty *shape = find_own_property(&property, JS_VALUE_GET_OBJ(object), name);
        if (likely(shape && (shape->flags & told) == JS_PROP_WRITABLE)) {
            set_value(ctx, &property->u.value, value);
            return TRUE;
        }
    }
    return JS_SetPropertyInternal(ctx, object, name, value, self, flags);
}

/* `array[index] = value` where that element is there already. */
static force_inline int fast_put_element(JSContext *ctx, JSValueConst object, JSValue index,
                                         JSValue value, int flags) {
    if (likely(JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT &&
               JS_VALUE_GET_TAG(index) == JS_TAG_INT)) {
        JSObject *p = JS_VALUE_GET_OBJ(object);
        uint32_t i = JS_VALUE_GET_INT(index);
        if (p->class_id == JS_CLASS_INT32_ARRAY && i < p->u.array.count &&
            JS_VALUE_GET_TAG(value) == JS_TAG_INT) {
            p->u.array.u.int32_ptr[i] = JS_VALUE_GET_INT(value);
            return TRUE;
        }
        if (p->class_id == JS_CLASS_UINT8_ARRAY && i < p->u.array.count &&
            JS_VALUE_GET_TAG(value) == JS_TAG_INT) {
            p->u.array.u.uint8_ptr[i] = JS_VALUE_GET_INT(value);
            return TRUE;
        }
        if (p->class_id == JS_CLASS_ARRAY && i < p->u.array.count) {
            set_value(ctx, &p->u.array.u.values[i], value);
            return TRUE;
        }
    }
    return JS_SetPropertyValue(ctx, object, index, value, flags);
}

/* For the compiler: the operation on a local variable that needs no check, or the next, which
 * checks. */
static force_inline int fast_check(JSVarDef *var, int plain) {
    if (var->initialized)
        return plain;
    var->checked = 1;
    return plain == OP_get_loc ? OP_get_loc_check : OP_put_loc_check;
}

/* Whether somebody asks if the variable is initialized: here, or in a closure. */
static force_inline int fast_is_checked(const JSVarDef *var) {
    return var->checked || var->is_captured;
}
