/* Included by runtime.h, and by the compiler of the program: what a function's translation is found
 * by. */

/* Whether an operation begins with the number of a name, which differs from program to program. */
static BOOL has_name(int op) {
    switch (short_opcode_info(op).fmt) {
    case OP_FMT_atom:
    case OP_FMT_atom_u8:
    case OP_FMT_atom_u16:
    case OP_FMT_atom_label_u8:
    case OP_FMT_atom_label_u16:
        return TRUE;
    }
    return FALSE;
}

/* Over everything that a translation depends on. Two functions that differ in nothing but names are
 * two: what is remembered of a property (struct inline_cache) is remembered of its name. */
static uint64_t translated_hash(const JSRuntime *rt, const JSFunctionBytecode *b) {
    const uint8_t *code = b->byte_code_buf;
    uint64_t hash = 0xcbf29ce484222325;
    int next;

#define ADD(value) (hash = (hash ^ (value)) * 0x100000001b3)
    for (int at = 0; at < b->byte_code_len; at = next) {
        int op = code[at], i = 1;
        next = at + short_opcode_info(op).size;
        ADD(op);
        if (has_name(op)) {
            /* Its number differs from program to program. */
            JSAtom name = get_u32(code + at + 1);
            ADD(__JS_AtomIsTaggedInt(name) ? name : rt->atom_array[name]->hash);
            i += 4;
        }
        for (; at + i < next; i++)
            ADD(code[at + i]);
    }
    for (int i = 0; i < b->closure_var_count; i++)
        ADD(b->closure_var[i].is_const);
    ADD(b->arg_count);
    ADD(b->var_count);
    ADD(b->stack_size);
    ADD(b->js_mode);
    ADD(b->func_kind);
#undef ADD
    return hash;
}
