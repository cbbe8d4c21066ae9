/*
 * Build tool: writes the program's bytecode as lines, for engine/translate. It includes the engine
 * without the translations, which are made from this listing.
 *
 * A function:
 *   F DEPTH INDEX LINE ARGUMENTS VARIABLES STACK HASH LENGTH KIND NAME
 * DEPTH counts the functions around it, INDEX is its place among the constants of the innermost of
 * them, LENGTH is in bytes, KIND is 0 for a plain function.
 *
 * The variables of its closure:
 *   C CONSTANT:FROM:INDEX ...
 * CONSTANT is 1 for a constant. FROM and INDEX tell what it is in the outer function: c a variable
 * of its closure, a an argument, v a local variable.
 *
 * Each of its operations:
 *   O POSITION OPERATION OPERANDS NAME
 * POSITION is in bytes, OPERANDS are hexadecimal bytes or "-", NAME is that of a property, if any.
 */
#define ENGINE_UNTRANSLATED
#include "engine/quickjs_ext.c"

#include "engine/compile/listing.h"

static const char *const operation_names[] = {
#define FMT(format)
#define DEF(id, size, pops, pushes, format) [OP_##id] = #id,
#define def(id, size, pops, pushes, format)
#include "quickjs-opcode.h"
#undef def
#undef DEF
#undef FMT
};

static void list_function(JSContext *ctx, JSFunctionBytecode *b, int depth, int index, FILE *to) {
    const uint8_t *code = b->byte_code_buf;
    int column;
    const char *name = b->func_name ? JS_AtomToCString(ctx, b->func_name) : NULL;

    fprintf(to, "F %d %d %d %d %d %d %llx %d %d %s\n", depth, index,
            find_line_num(ctx, b, 0, &column), b->arg_count, b->var_count, b->stack_size,
            (unsigned long long)translated_hash(JS_GetRuntime(ctx), b), b->byte_code_len,
            b->func_kind, name && *name ? name : "-");
    if (name)
        JS_FreeCString(ctx, name);
    fputc('C', to);
    for (int i = 0; i < b->closure_var_count; i++)
        fprintf(to, " %d:%c:%d", b->closure_var[i].is_const,
                !b->closure_var[i].is_local ? 'c'
                : b->closure_var[i].is_arg  ? 'a'
                                            : 'v',
                b->closure_var[i].var_idx);
    fputc('\n', to);
    for (int at = 0; at < b->byte_code_len;) {
        int op = code[at], size = short_opcode_info(op).size;
        fprintf(to, "O %d %s %s", at, operation_names[op], size > 1 ? "" : "-");
        for (int i = 1; i < size; i++)
            fprintf(to, "%02x", code[at + i]);
        if (has_name(op)) {
            const char *text = JS_AtomToCString(ctx, get_u32(code + at + 1));
            fprintf(to, " %s", text && !strpbrk(text, "\n\r") ? text : "");
            JS_FreeCString(ctx, text);
        }
        fputc('\n', to);
        at += size;
    }
    for (int i = 0; i < b->cpool_count; i++)
        if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
            list_function(ctx, JS_VALUE_GET_PTR(b->cpool[i]), depth + 1, i, to);
}

void engine_list(JSContext *ctx, JSValueConst program, FILE *to) {
    list_function(ctx, JS_VALUE_GET_PTR(program), 0, 0, to);
}
