// The changes in QuickJS's source, in the order in which they are made.
import { cold } from "./cold-code.mjs";
import { faults } from "./memory-faults.mjs";
import { columns } from "./columns.mjs";
import { names } from "./names.mjs";
import { budget } from "./interrupt-budget.mjs";
import { growth } from "./growth.mjs";
import { keys } from "./map-keys.mjs";
import { variables } from "./initialized-variables.mjs";
import { translation } from "./translation-hook.mjs";
import { values } from "./value-size.mjs";
import { unicode } from "./no-unicode-classes.mjs";
import { threads } from "./no-threads.mjs";

/**
 * Each change has a `name`, a reason (`why`), the `test` that fails without it, and `edits`. An edit has a `file` (default
 * quickjs.c), the definition that it is `within` (default: the whole file), the text to `find`, the text to `replace` it
 * with, and how many `times` the text must occur there (default once).
 */
export const changes = [...faults, budget, growth, keys, names, columns, variables, translation, values, threads, unicode, cold];
