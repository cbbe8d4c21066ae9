export const names = {
  name: "no names of variables",
  why:
    "Names of local variables in bytecode are for debuggers, and for the error of a variable that is read before it has a " +
    "value, which TypeScript refuses. They are a tenth of the program. Without them, no direct eval can run in a program that " +
    "was read as bytecode.",
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
