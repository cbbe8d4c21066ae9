/* Included by runtime.h and by the compiler of the program: the hash that identifies the bytecode
 * of a translation. */

/* Whether the first operand of an operation is an atom: a name, whose number differs between
 * programs. */
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

/* Hashes all that a translation depends on. That includes names, because a struct inline_cache
 * belongs to the name of a property. */
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
            /* Hash the name instead of its number. */
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
