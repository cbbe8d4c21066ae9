export const growth = {
  name: "growth",
  why:
    "QuickJS enlarges an array, a property table and the atom table by half when it is full. The part that is not " +
    "used is memory that a small store does not have, so tables of 4,096 entries and more grow by a quarter " +
    "(grown_size() in engine/quickjs_ext.c).",
  test: "quickjs_changes_test large_tables_grow_by_a_quarter",
  edits: [
    {
      within: "resize_properties",
      find: "max_int(count, sh->prop_size * 3 / 2)",
      replace: "max_int(count, grown_size(sh->prop_size))",
    },
    {
      within: "expand_fast_array",
      find: "max_int(new_len, p->u.array.u1.size * 3 / 2)",
      replace: "max_int(new_len, grown_size(p->u.array.u1.size))",
    },
    {
      within: "__JS_NewAtom",
      find: "max_int(211, rt->atom_size * 3 / 2)",
      replace: "max_int(211, grown_size(rt->atom_size))",
    },
  ],
};
