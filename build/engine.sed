# The interpreter's commonest operations without a call: stubdom/engine_fast.h.
s/^static JSValue JS_CallInternal(JSContext \*caller_ctx/#include "engine_fast.h"\n&/
/^ *CASE(OP_get_field):/,/BREAK;/s/JS_GetProperty(/fast_get_field(/
/^ *CASE(OP_get_field2):/,/BREAK;/s/JS_GetProperty(/fast_get_field(/
/^ *CASE(OP_get_length):/,/BREAK;/s/JS_GetProperty(/fast_get_field(/
/^ *CASE(OP_get_array_el):/,/BREAK;/s/JS_GetPropertyValue(/fast_get_element(/
/^ *CASE(OP_get_array_el2):/,/BREAK;/s/JS_GetPropertyValue(ctx, sp\[-2\], sp\[-1\])/fast_get_element(ctx, sp[-2], sp[-1])/
/^ *CASE(OP_put_array_el):/,/BREAK;/s/JS_SetPropertyValue(/fast_put_element(/
/^ *CASE(OP_put_field):/,/BREAK;/s/JS_SetPropertyInternal(/fast_put_field(/

/^ *CASE(OP_call\(_method\)\{0,1\}):/,/BREAK;/s/ret_val = JS_CallInternal(/ret_val = fast_call(/

# The variables of a call, made with a pointer.
s/^    for(i = 0; i < b->var_count; i++)$/    stack_buf = var_buf + b->var_count;\n    for(pval = var_buf; pval < stack_buf; pval++)/
s|^        var_buf\[i\] = JS_UNDEFINED;$|        *pval = JS_UNDEFINED; /* fast_variables() */|

# A variable that is read is not pushed where what follows only looks at it: stubdom/engine_held.h.
/^ *CASE(OP_push_i32):/i #include "engine_held.h"
/^ *CASE(OP_get_\(loc\|arg\|var_ref\)\(_check\)\{0,1\}):/,/BREAK;/{
	s/sp\[0\] = JS_DupValue(ctx, val);/HOLD(var_refs[idx]->pvalue);/
	s/sp\[0\] = JS_DupValue(ctx, \(.*\));/HOLD(\&\1);/
	/^ *sp++;/d
}
s/^\( *CASE(OP_get_\(loc\|arg\|var_ref\)[0-8]):\) \*sp++ = JS_DupValue(ctx, \([a-z_]*\[.*\]\)); BREAK;/\1 HOLD(\&\3);/
s/^\( *CASE(OP_get_var_ref[0-3]):\) \*sp++ = JS_DupValue(ctx, \*\(.*\)); BREAK;/\1 HOLD(\2);/
/^ *CASE(OP_push_this):/,/BREAK;/{
	s/val = JS_DupValue(ctx, this_obj);/HOLD(\&this_obj);/
}
/^ *CASE(OP_push_minus1):/,/BREAK;/s/\*sp++ = JS_NewInt32(ctx, opcode - OP_push_0);/HOLD_NUMBER(opcode - OP_push_0);/

# A let or const is not asked whether it is initialized where that stands in front of it in the same function: TypeScript
# refuses what would not be, but for the cases of a switch, where the linter refuses to declare anything.
/^typedef struct JSVarDef/,/^}/s/^    uint8_t var_kind : 4;.*/&\n    uint8_t initialized : 1, checked : 1;/
/^static int resolve_scope_var/,/^}/{
	s/^ *if (op == OP_scope_put_var_init) {/&\n                            s->vars[var_idx].initialized = var_name != JS_ATOM_this;/
	s/\(OP_[gp][eu]t_loc\)_check\([);]\)/fast_check(\&s->vars[var_idx], \1)\2/
}
/^static __exception int resolve_labels/,/^}/s/^        case OP_line_num:/        case OP_set_loc_uninitialized:\n            if (!fast_is_checked(\&s->vars[get_u16(bc_buf + pos + 1)]))\n                break;\n            goto no_change;\n&/

# The host counts when to ask whether to go on: it sets the count itself. A branch that is not taken is no loop.
/^ *CASE(OP_if_true8\{0,1\}):/,/BREAK;/s/if (unlikely(js_poll_interrupts(ctx)))/if (res \&\& unlikely(js_poll_interrupts(ctx)))/
/^ *CASE(OP_if_false8\{0,1\}):/,/BREAK;/s/if (unlikely(js_poll_interrupts(ctx)))/if (!res \&\& unlikely(js_poll_interrupts(ctx)))/
/^static inline __exception int js_poll_interrupts/,/^}/s|^    if (unlikely(--ctx->interrupt_counter <= 0))|    if (unlikely(--engine_patience < 0 /* fast_poll() */))|

# Large tables grow by a quarter, not by half: what lies idle is memory that a store does not have.
s/max_int(count, sh->prop_size \* 3 \/ 2)/max_int(count, fast_more(sh->prop_size))/
s/max_int(new_len, p->u\.array\.u1\.size \* 3 \/ 2)/max_int(new_len, fast_more(p->u.array.u1.size))/
s/max_int(211, rt->atom_size \* 3 \/ 2)/max_int(211, fast_more(rt->atom_size))/

# A program's functions are made one after the other, and share variables with those made just before.
/^static JSVarRef \*get_var_ref(JSContext \*ctx, JSStackFrame \*sf,$/,/^}/{
	s|var_ref->header.ref_count++;|&\n            list_del(el); /* fast_ref() */\n            list_add(el, \&sf->var_ref_list);|
	s|list_add_tail(&var_ref->var_ref_link|list_add(\&var_ref->var_ref_link|
}

# Names of local variables are for debuggers and for one error, which TypeScript refuses: they stay out of the bytecode.
/^static int JS_WriteFunctionTag/,/^}/{
	s|if (b->vardefs) {|if (fast_names(b->vardefs)) {|
	s|bc_put_atom(s, cv->var_name);|bc_put_atom(s, fast_name(cv->var_name));|
}

# A function of the program that was translated into C: stubdom/engine_translated.h.
/^typedef struct JSFunctionBytecode/,/^}/s/^    uint8_t \*byte_code_buf;.*/    int32_t translated; \/* see fast_translated(), or 0 *\/\n&/
/JS_CallInternal(JSContext \*caller_ctx/,/^}/s/^    b = p->u\.func\.function_bytecode;/&\n    if (b->translated)\n        return fast_translated(b)(caller_ctx, func_obj, this_obj, argc, argv);/
/^static JSValue JS_ReadFunctionTag/,/^}/s/^        if (JS_ReadFunctionBytecode(.*/&\n            goto fail;\n        translated_find(ctx->rt, b);\n        if (0)/
/^struct JSRuntime {/,/^}/s/^    const char \*rt_info;/&\n    void *translated_words; \/* stubdom\/engine_sites.h *\/\n    int translated_none; \/* see translated_count() *\//
/^void JS_FreeRuntime/i static void translated_forget(JSRuntime *rt);
/^void JS_FreeRuntime/,/^}/s/^    JS_FreeValueRT(rt, rt->current_exception);/    translated_forget(rt);\n&/
