/*
 * Included by the prepared engine in its interpreter's loop, behind its switch.
 *
 * A variable that is read need not be pushed if what follows only looks at it: it
 * is held, and the next operation has a second way here, for a held operand. The
 * held value is borrowed from its variable, property or element; no way here runs
 * anything that could let go of those. What is computed is a number or a truth,
 * and lies where it would have been pushed, at sp. What has no way here, and what
 * is not common, goes the engine's own way, from the operation that was not done
 * yet: with the held value pushed.
 */
#ifdef __x86_64__
register const JSValue *held asm("r13"); /* the compiler would keep it in memory */
#else
const JSValue *held;
#endif
const JSValue *second;
const uint8_t *behind; /* the operation behind that which reads the second */
int left, right, truth;

static const void *const with_held[256] = {
    [0 ... 255] = &&push_held,
    [OP_get_field] = &&held_get_field,
    [OP_get_field2] = &&held_get_field2,
    [OP_get_length] = &&held_get_length,
    [OP_get_array_el] = &&held_get_array_el,
    [OP_put_field] = &&held_put_field,
    [OP_put_array_el] = &&held_put_array_el,
    [OP_get_loc8] = &&held_get_loc8,
    [OP_get_loc0] = &&held_get_loc0,
    [OP_get_loc1] = &&held_get_loc1,
    [OP_get_loc2] = &&held_get_loc2,
    [OP_get_loc3] = &&held_get_loc3,
    [OP_get_arg0] = &&held_get_arg0,
    [OP_get_arg1] = &&held_get_arg1,
    [OP_get_arg2] = &&held_get_arg2,
    [OP_get_arg3] = &&held_get_arg3,
    [OP_get_arg] = &&held_get_arg,
    [OP_put_loc8] = &&held_put_loc8,
    [OP_put_loc0... OP_put_loc3] = &&held_put_loc,
    [OP_set_loc8] = &&held_set_loc8,
    [OP_set_loc0... OP_set_loc3] = &&held_set_loc,
    [OP_push_minus1... OP_push_7] = &&held_push_int,
    [OP_if_false8] = &&held_if_false8,
    [OP_if_true8] = &&held_if_true8,
    [OP_dup] = &&held_dup,
    [OP_drop] = &&held_drop,
    [OP_lnot] = &&held_lnot,
    [OP_is_null] = &&held_is_null,
    [OP_is_undefined] = &&held_is_undefined,
    [OP_is_undefined_or_null] = &&held_is_undefined_or_null,
    [OP_return] = &&held_return,
    [OP_add] = &&held_add,
    [OP_sub] = &&held_sub,
    [OP_and] = &&held_and,
    [OP_inc] = &&held_inc,
    [OP_lt] = &&held_compare,
    [OP_lte] = &&held_compare,
    [OP_gt] = &&held_compare,
    [OP_gte] = &&held_compare,
    [OP_eq] = &&held_compare,
    [OP_neq] = &&held_compare,
    [OP_strict_eq] = &&held_same,
    [OP_strict_neq] = &&held_same,
    [OP_push_empty_string] = &&held_push_empty_string,
};
/* With two numbers, left and right, and what compares or adds them at behind. */
static const void *const with_numbers[256] = {
    [0 ... 255] = &&push_both, [OP_lt] = &&numbers_lt,        [OP_lte] = &&numbers_lte,
    [OP_gt] = &&numbers_gt,    [OP_gte] = &&numbers_gte,      [OP_eq] = &&numbers_eq,
    [OP_neq] = &&numbers_neq,  [OP_strict_eq] = &&numbers_eq, [OP_strict_neq] = &&numbers_neq,
    [OP_add] = &&numbers_add,  [OP_sub] = &&numbers_sub,      [OP_and] = &&numbers_and,
};

#define NEXT_WITH_HELD goto *with_held[*pc]
#define HOLD(value)                                                                                \
    do {                                                                                           \
        held = (value);                                                                            \
        NEXT_WITH_HELD;                                                                            \
    } while (0)
#define HOLD_NUMBER(value)                                                                         \
    do {                                                                                           \
        sp[0] = JS_NewInt32(ctx, (value));                                                         \
        HOLD(sp);                                                                                  \
    } while (0)

/* The formatter knows statements in functions only. */
/* clang-format off */
push_held:
    *sp++ = JS_DupValue(ctx, *held);
    BREAK;

held_get_field: {
    const JSValue *found = fast_find(ctx, *held, get_u32(pc + 1));
    if (unlikely(!found))
        goto push_held;
    pc += 5;
    HOLD(found);
}
held_get_field2: {
    const JSValue *found = fast_find(ctx, *held, get_u32(pc + 1));
    if (unlikely(!found))
        goto push_held;
    pc += 5;
    sp[0] = JS_DupValue(ctx, *held);
    sp[1] = JS_DupValue(ctx, *found);
    sp += 2;
    BREAK;
}
held_get_length:
    if (even(JS_VALUE_GET_TAG(*held) == JS_TAG_STRING)) {
        pc++;
        HOLD_NUMBER(JS_VALUE_GET_STRING(*held)->len);
    } else {
        const JSValue *found = fast_find(ctx, *held, JS_ATOM_length);
        if (unlikely(!found))
            goto push_held;
        pc++;
        HOLD(found);
    }

    /* The index is held, the array is on the stack. */
held_get_array_el: {
    JSValue array = sp[-1];
    second = fast_element(array, *held, sp);
    if (unlikely(!second))
        goto push_held;
    pc++;
    sp[-1] = JS_DupValue(ctx, *second);
    JS_FreeValue(ctx, array);
    BREAK;
}
held_put_field: {
    JSValue *place = fast_place(sp[-1], get_u32(pc + 1));
    if (unlikely(!place))
        goto push_held;
    pc += 5;
    set_value(ctx, place, JS_DupValue(ctx, *held));
    JS_FreeValue(ctx, *--sp);
    BREAK;
}
held_put_array_el:
    if (unlikely(!fast_is_put(ctx, sp[-2], sp[-1], *held)))
        goto push_held;
    pc++;
    sp -= 2; /* the index is a number */
    JS_FreeValue(ctx, sp[0]);
    BREAK;

#define SECOND(label, variable, size)                                                              \
    label:                                                                                         \
    second = &(variable);                                                                          \
    behind = pc + (size);                                                                          \
    goto with_second
    SECOND(held_get_loc0, var_buf[0], 1);
    SECOND(held_get_loc1, var_buf[1], 1);
    SECOND(held_get_loc2, var_buf[2], 1);
    SECOND(held_get_loc3, var_buf[3], 1);
    SECOND(held_get_loc8, var_buf[pc[1]], 2);
    SECOND(held_get_arg0, arg_buf[0], 1);
    SECOND(held_get_arg1, arg_buf[1], 1);
    SECOND(held_get_arg2, arg_buf[2], 1);
    SECOND(held_get_arg3, arg_buf[3], 1);
    SECOND(held_get_arg, arg_buf[get_u16(pc + 1)], 3);
with_second:
    if (even(*behind == OP_get_array_el)) {
        const JSValue *element = fast_element(*held, *second, sp);
        if (likely(element)) {
            pc = behind + 1;
            HOLD(element);
        }
    } else if (likely(JS_VALUE_GET_TAG(*held) == JS_TAG_INT && JS_VALUE_GET_TAG(*second) == JS_TAG_INT)) {
        left = JS_VALUE_GET_INT(*held);
        right = JS_VALUE_GET_INT(*second);
        goto *with_numbers[*behind];
    }
push_both:
    *sp++ = JS_DupValue(ctx, *held);
    pc = behind;
    HOLD(second);

held_push_int:
    right = *pc - OP_push_0;
    behind = pc + 1;
    if (likely(JS_VALUE_GET_TAG(*held) == JS_TAG_INT)) {
        left = JS_VALUE_GET_INT(*held);
        second = sp + 1;
        sp[1] = JS_NewInt32(ctx, right);
        goto *with_numbers[*behind];
    }
    goto push_held;

    /* The right operand is held, the left one is on the stack. */
held_compare:
    behind = pc;
    if (likely(JS_VALUE_IS_BOTH_INT(sp[-1], *held))) {
        left = JS_VALUE_GET_INT(sp[-1]);
        right = JS_VALUE_GET_INT(*held);
        sp--;
        goto *with_numbers[*behind];
    }
    goto push_held;

held_same:
    truth = fast_same(sp[-1], *held);
    if (truth < 0)
        goto held_compare;
    truth ^= *pc++ == OP_strict_neq;
    sp--;
    JS_FreeValue(ctx, sp[0]);
    goto with_truth;
held_push_empty_string:
    if (JS_VALUE_GET_TAG(*held) == JS_TAG_STRING &&
        (pc[1] == OP_strict_eq || pc[1] == OP_strict_neq)) {
        truth = (JS_VALUE_GET_STRING(*held)->len == 0) == (pc[1] == OP_strict_eq);
        pc += 2;
        goto with_truth;
    }
    goto push_held;

numbers_lt:
    truth = left < right;
    goto compared;
numbers_lte:
    truth = left <= right;
    goto compared;
numbers_gt:
    truth = left > right;
    goto compared;
numbers_gte:
    truth = left >= right;
    goto compared;
numbers_eq:
    truth = left == right;
    goto compared;
numbers_add:
    if (unlikely(__builtin_add_overflow(left, right, &left)))
        goto push_both;
    pc = behind + 1;
    HOLD_NUMBER(left);
numbers_sub:
    if (unlikely(__builtin_sub_overflow(left, right, &left)))
        goto push_both;
    pc = behind + 1;
    HOLD_NUMBER(left);
numbers_and:
    pc = behind + 1;
    HOLD_NUMBER(left & right);
numbers_neq:
    truth = left != right;
compared:
    pc = behind + 1;
with_truth:
    if (likely(*pc == OP_if_false8))
        goto decide_if_false8;
    if (likely(*pc == OP_if_true8))
        goto decide_if_true8;
    sp[0] = JS_NewBool(ctx, truth);
    HOLD(sp);

held_if_false8:
    truth = fast_truth(*held);
    if (unlikely(truth < 0))
        goto push_held;
decide_if_false8:
    pc += 2;
    if (even(!truth)) {
        pc += (int8_t)pc[-1] - 1;
        if (unlikely(js_poll_interrupts(ctx)))
            goto exception;
    }
    BREAK;
held_if_true8:
    truth = fast_truth(*held);
    if (unlikely(truth < 0))
        goto push_held;
decide_if_true8:
    pc += 2;
    if (even(truth)) {
        pc += (int8_t)pc[-1] - 1;
        if (unlikely(js_poll_interrupts(ctx)))
            goto exception;
    }
    BREAK;

    /* `a || b`, `a && b`: a copy is asked, and the value stays if that ends it. */
held_dup:
    if (likely(pc[1] == OP_if_true8 || pc[1] == OP_if_false8)) {
        truth = fast_truth(*held);
        if (likely(truth >= 0)) {
            if (truth == (pc[1] == OP_if_true8)) {
                pc += 2 + (int8_t)pc[2];
                if (unlikely(js_poll_interrupts(ctx)))
                    goto exception;
            } else {
                pc += 3;
            }
            NEXT_WITH_HELD;
        }
    }
    goto push_held;
held_drop:
    pc++;
    BREAK;
held_lnot:
    truth = fast_truth(*held);
    if (unlikely(truth < 0))
        goto push_held;
    truth = !truth;
    pc++;
    goto with_truth;
held_is_null:
    truth = JS_VALUE_GET_TAG(*held) == JS_TAG_NULL;
    pc++;
    goto with_truth;
held_is_undefined:
    truth = JS_VALUE_GET_TAG(*held) == JS_TAG_UNDEFINED;
    pc++;
    goto with_truth;
held_is_undefined_or_null:
    truth = JS_VALUE_GET_TAG(*held) == JS_TAG_UNDEFINED || JS_VALUE_GET_TAG(*held) == JS_TAG_NULL;
    pc++;
    goto with_truth;

held_put_loc8:
    set_value(ctx, &var_buf[pc[1]], JS_DupValue(ctx, *held));
    pc += 2;
    BREAK;
held_put_loc:
    set_value(ctx, &var_buf[*pc - OP_put_loc0], JS_DupValue(ctx, *held));
    pc++;
    BREAK;
    /* The variable has it then: it is borrowed from there. */
held_set_loc8: {
    JSValue *variable = &var_buf[pc[1]];
    set_value(ctx, variable, JS_DupValue(ctx, *held));
    pc += 2;
    HOLD(variable);
}
held_set_loc: {
    JSValue *variable = &var_buf[*pc - OP_set_loc0];
    set_value(ctx, variable, JS_DupValue(ctx, *held));
    pc++;
    HOLD(variable);
}

held_add:
    if (likely(JS_VALUE_IS_BOTH_INT(sp[-1], *held)) &&
        !__builtin_add_overflow(JS_VALUE_GET_INT(sp[-1]), JS_VALUE_GET_INT(*held), &left)) {
        pc++;
        sp--;
        HOLD_NUMBER(left);
    }
    goto push_held;
held_sub:
    if (likely(JS_VALUE_IS_BOTH_INT(sp[-1], *held)) &&
        !__builtin_sub_overflow(JS_VALUE_GET_INT(sp[-1]), JS_VALUE_GET_INT(*held), &left)) {
        pc++;
        sp--;
        HOLD_NUMBER(left);
    }
    goto push_held;
held_and:
    if (likely(JS_VALUE_IS_BOTH_INT(sp[-1], *held))) {
        left = JS_VALUE_GET_INT(sp[-1]) & JS_VALUE_GET_INT(*held);
        pc++;
        sp--;
        HOLD_NUMBER(left);
    }
    goto push_held;
held_inc:
    if (likely(JS_VALUE_GET_TAG(*held) == JS_TAG_INT && JS_VALUE_GET_INT(*held) != INT32_MAX)) {
        left = JS_VALUE_GET_INT(*held) + 1;
        pc++;
        HOLD_NUMBER(left);
    }
    goto push_held;
held_return:
    ret_val = JS_DupValue(ctx, *held);
    goto done;
