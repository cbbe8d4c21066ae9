const CHECK = `/* The operation on a local variable that needs no check; or the one with it, which needs to know that there is no value. */
static int unchecked(JSVarDef *var, int plain, int checked)
{
    if (var->initialized)
        return plain;
    var->checked = 1;
    return checked;
}

`;

export const variables = {
  name: "initialized variables",
  why:
    "QuickJS checks at each use of a let or const that it has a value. Behind the declaration in the same function " +
    "this cannot fail, except in the cases of a switch, where the linter refuses declarations; the checks are a " +
    "tenth of a new node and of a transaction (engine/README.md). Only the compiler of the program (engine/compile) " +
    "is changed: it leaves the checks out, and the interpreter has the same operations.",
  test: "quickjs_changes_test a_variable_behind_its_declaration_is_not_checked",
  edits: [
    {
      within: "typedef struct JSVarDef",
      find: "    uint8_t var_kind : 4; /* see JSVarKindEnum */\n",
      replace: "    uint8_t var_kind : 4; /* see JSVarKindEnum */\n    uint8_t initialized : 1, checked : 1;\n",
    },
    { within: "resolve_scope_var", find: "static int resolve_scope_var(", replace: `${CHECK}static int resolve_scope_var(` },
    {
      within: "resolve_scope_var",
      find: `                    if (s->vars[var_idx].is_lexical) {
                        if (op == OP_scope_put_var_init) {
`,
      replace: `                    if (s->vars[var_idx].is_lexical) {
                        if (op == OP_scope_put_var_init) {
                            s->vars[var_idx].initialized = var_name != JS_ATOM_this;
`,
    },
    {
      within: "resolve_scope_var",
      find: "get_op = OP_get_loc_check;",
      replace: "get_op = unchecked(&s->vars[var_idx], OP_get_loc, OP_get_loc_check);",
    },
    {
      within: "resolve_scope_var",
      find: "dbuf_putc(bc, OP_get_loc_check);",
      replace: "dbuf_putc(bc, unchecked(&s->vars[var_idx], OP_get_loc, OP_get_loc_check));",
    },
    {
      within: "resolve_scope_var",
      find: "dbuf_putc(bc, OP_put_loc_check);",
      replace: "dbuf_putc(bc, unchecked(&s->vars[var_idx], OP_put_loc, OP_put_loc_check));",
    },
    {
      within: "resolve_labels",
      find: "        case OP_line_num:\n",
      replace: `        case OP_set_loc_uninitialized:
            {
                const JSVarDef *var = &s->vars[get_u16(bc_buf + pos + 1)];
                /* Nobody asks, here or in a closure. */
                if (!var->checked && !var->is_captured)
                    break;
            }
            goto no_change;
        case OP_line_num:
`,
    },
  ],
};
