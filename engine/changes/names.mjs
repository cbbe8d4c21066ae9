export const names = {
  name: "no names of variables",
  why:
    "Names of local variables in bytecode are for debuggers, and for the error of a variable that is read before it has a " +
    "value, which TypeScript refuses. They are a tenth of the program.",
  test: "engine_test the_program_has_no_names_of_variables",
  edits: [
    { within: "JS_WriteFunctionTag", find: "if (b->vardefs) {", replace: "if (FALSE) {" },
    {
      within: "JS_WriteFunctionTag",
      find: "bc_put_atom(s, cv->var_name);",
      replace: "bc_put_atom(s, JS_ATOM_NULL);",
    },
  ],
};
