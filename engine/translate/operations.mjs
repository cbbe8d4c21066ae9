// The table of operations and their translations. An operation without a row takes a side exit.
import "./branches.mjs";
import "./calls.mjs";
import "./numbers.mjs";
import "./properties.mjs";
import "./stack.mjs";
import "./variables.mjs";

export { rows as operations } from "./rows.mjs";
