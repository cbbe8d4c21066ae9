const SMALL = '#pragma GCC push_options\n#pragma GCC optimize("Os")\n';
const AS_BEFORE = "#pragma GCC pop_options\n";

/** Compiles the code from one text to another for size; without `to`, to the end of the file (see quickjs_ext.c). */
const small = (from, to) => [
  { find: from, replace: from.replace(/^\n/, `\n${SMALL}`) },
  ...(to === undefined ? [] : [{ find: to, replace: to.replace(/^\n/, `\n${AS_BEFORE}`) }]),
];

export const cold = {
  name: "cold code",
  why:
    "A request runs little of the code for large integers, for operators on values other than numbers, and for what " +
    "stands behind the interpreter (built-in functions, the parser, the reader of bytecode). These parts are " +
    "compiled for size. Values, objects, properties and the interpreter are compiled for speed.",
  test: "make image: the images are a tenth larger",
  edits: [
    ...small("\nstatic int skip_spaces(const char *pc)", `
static JSValue JS_ToNumberHintFree(JSContext *ctx, JSValue val,
                                   JSToNumberHintEnum flag)
{`),
    ...small("\nstatic JSValue JS_StringToBigInt(JSContext *ctx, JSValue val)\n{", `
static BOOL js_strict_eq2(JSContext *ctx, JSValue op1, JSValue op2,
                          JSStrictEqModeEnum eq_mode)
{`),
    ...small("\n/* Generators */\n"),
  ],
};
