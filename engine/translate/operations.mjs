// What each of the interpreter's operations is in C. What has no row is left to the interpreter.
import "./branches.mjs";
import "./calls.mjs";
import "./numbers.mjs";
import "./properties.mjs";
import "./stack.mjs";
import "./variables.mjs";

export { rows as operations } from "./rows.mjs";
