// Translates functions of a program from its bytecode to C:
//   node engine/translate/main.mjs LISTING LINES FUNCTIONS OUT.h
// LISTING is written by engine/compile, LINES by build/bundle.mjs. FUNCTIONS names the functions, by source and name, after
// a line "speed:" or "size:". A name that ends in * stands for all names that begin so and can be translated.
// runtime/runtime.h includes the result.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Translation } from "./function.mjs";
import { readListing } from "./listing.mjs";
import { namesOf } from "./names.mjs";

const [listing, lines, names, out] = process.argv.slice(2);
const functions = readListing(listing, lines);

const properties = namesOf(functions);
const unsuited = new Set(["check_ctor", "init_ctor", "special_object", "initial_yield"]);
const wanted = readFileSync(names, "utf8")
  .split("\n")
  .map((line) => line.replace(/#.*/, "").trim())
  .filter((line) => line !== "");

/** Translations that are optimized for speed, or for size. */
const groups = { "speed:": [], "size:": [] };
let group = null;
const table = [];
const hashes = new Set();
let words = 0;
const shapeWords = [];

function fail(why) {
  console.error(`${names}: ${why}`);
  process.exit(1);
}

for (const name of wanted) {
  if (groups[name] !== undefined) {
    group = groups[name];
    continue;
  }
  if (group === null) fail(`neither "speed:" nor "size:" stands in front of ${name}`);
  const all = name.endsWith("*");
  const found = functions.filter((fn) => (all ? fn.name.startsWith(name.slice(0, -1)) : fn.name === name));
  if (found.length === 0) fail(`no function is called ${name}`);
  for (const fn of found) {
    if (fn.kind !== 0 || fn.ops.some((op) => unsuited.has(op.name))) {
      if (all) continue;
      fail(`${name} cannot be translated`);
    }
    if (hashes.has(fn.hash)) continue;
    hashes.add(fn.hash);
    const label = `${group === groups["speed:"] ? "fast_" : ""}${table.length}_${name.replace(/^\S* /, "").replace(/\W+/g, "_")}`;
    const [translation, inC] = Translation.twice(fn, label, properties, words);
    group.push(inC);
    words = translation.word;
    shapeWords.push(...translation.shapeWords);
    table.push({ length: fn.length, row: `    {0x${fn.hash}ull, ${fn.length}, translated_${label}},` });
  }
}
table.sort((a, b) => a.length - b.length);
const text = `#define TRANSLATED_WORDS ${words}
/* Those of them that hold shapes. */
static const uint16_t translated_shapes[] = {${shapeWords.join(", ")}};
${groups["speed:"].join("")}
#pragma GCC push_options
#pragma GCC optimize ("Os")
#define translated_own called_own
#define translated_method called_method
#define translated_place called_place
#define translated_call called_call
#define translated_at called_element
#define translated_put called_is_put
#define translated_same called_same
#define translated_truth called_truth
#define translated_length called_length
#define translated_free called_free
#define translated_is called_is
#define translated_set called_set
#define translated_set_number called_set_number
${groups["size:"].join("")}
#pragma GCC pop_options
/* The shortest bytecode first. */
static const struct translation translations[] = {
${table.map(({ row }) => row).join("\n")}
};
#define TRANSLATIONS ${table.length}
`;
// An unchanged file keeps its time, so that make does not compile it again.
if (!existsSync(out) || readFileSync(out, "utf8") !== text) writeFileSync(out, text);
