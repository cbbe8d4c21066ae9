// Every change that is made in QuickJS's source, in the order in which they are made.
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
 * name: of the change. why: what it is for. test: what fails without it. edits: file (quickjs.c where none is named), the
 * definition that it is `within`, the text to `find`, what stands there from then on (`replace`), and how many `times` it
 * is found there (once where none is said).
 */
export const changes = [...faults, budget, growth, keys, names, columns, variables, translation, values, threads, unicode, cold];
