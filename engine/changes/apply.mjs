// Copies QuickJS's source and makes this folder's changes in the copy:
//   node engine/changes/apply.mjs SOURCE OUT
// SOURCE must be the release that release.mjs pins. If a change does not apply exactly as it says, the build fails and
// names it.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { changes } from "./list.mjs";
import { release } from "./release.mjs";

function die(why) {
  console.error(`engine/changes: ${why}`);
  process.exit(1);
}

/** One hash over the names and contents of all files, in the given order. */
export function hashOf(source, files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(source, file)));
  return hash.digest("hex");
}

/** Escapes a text for a regular expression. */
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * The start and end of a definition in a text. `name`: of a function, or the first words of another definition ("struct
 * JSRuntime"); undefined: the whole text. A definition begins in the first column and ends with a brace there; a
 * declaration, which ends with a semicolon, is not one. undefined: there is no such definition, or several.
 */
export function region(text, name) {
  if (name === undefined) return [0, text.length];
  const begin = new RegExp(`^(?!#)[A-Za-z_].*\\b${literal(name)}\\b[^;{]*\\{|^${literal(name)}\\b[^;{]*\\{`, "gm");
  const found = [...text.matchAll(begin)];
  if (found.length !== 1) return undefined;
  const at = found[0].index;
  const end = text.indexOf("\n}", at);
  return end < 0 ? undefined : [at, end + 2];
}

/** Makes one edit (list.mjs) in a text. Returns the new text, or why it cannot be made. */
export function edited(text, { within, find, replace, times = 1 }) {
  const where = region(text, within);
  if (where === undefined) return { why: `there is no single definition of ${within}` };
  const part = text.slice(...where);
  const pieces = part.split(find);
  const count = pieces.length - 1;
  if (count !== times) return { why: `${within ?? "the file"} has ${count} times, not ${times}: ${find}` };
  return { text: text.slice(0, where[0]) + pieces.join(replace) + text.slice(where[1]) };
}

export function apply(source, out) {
  const files = readdirSync(source)
    .filter((file) => /\.[ch]$/.test(file))
    .sort();
  if (hashOf(source, files) !== release.sha256)
    die(`${source} is not QuickJS ${release.version} as Debian's source package has it (engine/README.md, "The next release")`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const file of files) cpSync(join(source, file), join(out, file));
  for (const { name, edits } of changes) {
    for (const { file = "quickjs.c", ...edit } of edits) {
      const { text, why } = edited(readFileSync(join(out, file), "utf8"), edit);
      if (text === undefined) die(`${name} does not apply to ${file}: ${why}`);
      writeFileSync(join(out, file), text);
    }
  }
}

if (process.argv[1]?.endsWith("apply.mjs")) {
  const [source, out] = process.argv.slice(2);
  apply(source, out);
}
