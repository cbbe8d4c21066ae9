// Entries of the interpreter's stack at translation time. Each has a kind and a C expression `c`:
//   int      a number that is known at translation time
//   i32      an int32_t variable
//   flag     an int variable that is 0 or 1
//   plain    an expression without a reference count
//   local, arg, self   a variable of the function, borrowed
//   held     an expression, borrowed, that stays valid as long as the function runs; text: a string of this kind
//   constant a constant of the closure, also borrowed (constants.mjs)
//   ptr      a pointer to a property, element or variable of the closure, borrowed until anything may be freed
//   own      a JSValue variable whose reference must be freed or passed on

/** The value as a C expression, borrowed. */
export function value(entry) {
  switch (entry.kind) {
    case "int":
    case "i32":
      return `JS_NewInt32(ctx, ${entry.c})`;
    case "flag":
      return `JS_NewBool(ctx, ${entry.c})`;
    case "local":
      return `v${entry.c}`;
    case "arg":
      return `a${entry.c}`;
    case "self":
      return "self";
    case "ptr":
      return `*${entry.c}`;
    default:
      return entry.c;
  }
}

const unowned = new Set(["int", "i32", "flag", "plain"]);

/** The value as a C expression with a reference of its own; the entry must not be used any more. */
export function taken(entry) {
  return unowned.has(entry.kind) || entry.kind === "own" ? value(entry) : `translated_dup(rt, ${value(entry)})`;
}

export const isNumber = (entry) => entry.kind === "int" || entry.kind === "i32";

/** A known number, as an expression. */
export const number = (entry) => String(entry.c);

export const isUnowned = (entry) => unowned.has(entry.kind);
