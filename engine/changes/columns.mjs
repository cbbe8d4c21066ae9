export const columns = {
  name: "no columns",
  why:
    "The table of positions in bytecode says for each operation which line it comes from, and which column. A column of the " +
    "bundle says nothing of the source, and all of them are a fifth of the gzipped program. Only the compiler of the program " +
    "is concerned (engine/compile); the table has its format.",
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
