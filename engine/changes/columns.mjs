export const columns = {
  name: "no columns",
  why:
    "For each operation, QuickJS writes its line and its column in the source into the bytecode. The source of the " +
    "bytecode is the bundle, whose columns say nothing of the TypeScript source, and they are a fifth of the gzipped " +
    "program. So the compiler of the program (engine/compile) writes 0 for each; the format stays.",
  test: "quickjs_changes_test bytecode_has_no_columns",
  edits: [
    {
      within: "compute_pc2line_info",
      find: "dbuf_put_leb128(&s->pc2line, last_col_num);",
      replace: "dbuf_put_leb128(&s->pc2line, engine_writes_debug ? last_col_num : 0);",
    },
    {
      within: "compute_pc2line_info",
      find: "diff_col = col_num - last_col_num;",
      replace: "diff_col = engine_writes_debug ? col_num - last_col_num : 0;",
    },
  ],
};
