// What lies on the interpreter's stack, while a function is translated: for each entry, where its value is in C.
//   int     a number that is known now            i32    an int32_t that is one
//   flag    an int that is 0 or 1                 plain  an expression without references
//   local, arg, self   a variable of the function, borrowed
//   held    an expression that is borrowed and stays as long as the function; text: and is a string
//   constant  a variable of the closure that never changes: likewise (constants.mjs)
//   ptr     where a property, element or closure's variable is: borrowed until anything may be let go of
//   own     a JSValue that is to be freed or handed on

/** The value as a C expression; it stays whose it is. */
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

/** The value as a C expression whose reference is the taker's; the entry is gone then. */
export function taken(entry) {
  return unowned.has(entry.kind) || entry.kind === "own" ? value(entry) : `translated_dup(rt, ${value(entry)})`;
}

export const isNumber = (entry) => entry.kind === "int" || entry.kind === "i32";

/** A known number, as an expression. */
export const number = (entry) => String(entry.c);

export const isUnowned = (entry) => unowned.has(entry.kind);
