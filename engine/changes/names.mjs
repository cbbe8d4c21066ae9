export const names = {
  name: "no names of variables",
  why:
    "QuickJS writes the names of local variables into the bytecode, for debuggers, for direct eval, and for the " +
    "error of a variable that is read before it has a value. They are a tenth of the program, which needs none of " +
    "them: TypeScript refuses what causes that error, and there is no direct eval, which would not work any more.",
  test: "quickjs_changes_test bytecode_has_no_names_of_variables",
  edits: [
    { within: "JS_WriteFunctionTag", find: "if (b->vardefs) {", replace: "if (engine_writes_debug && b->vardefs) {" },
    {
      within: "JS_WriteFunctionTag",
      find: "bc_put_atom(s, cv->var_name);",
      replace: "bc_put_atom(s, engine_writes_debug ? cv->var_name : JS_ATOM_NULL);",
    },
  ],
};
