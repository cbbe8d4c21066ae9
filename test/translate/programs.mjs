// Writes the program whose functions are all translated: node test/translate/programs.mjs OUT.js SEED COUNT
// It defines cases(): how many there are, and play(i): what case i came to, as text. The names of functions say how they are
// compiled: s_ for speed, z_ for size.
import { writeFileSync } from "node:fs";
import { ARRAYS, FUNCTIONS, INDEXES, VALUES } from "./operations.mjs";
import { functions } from "./random.mjs";

const [out, seed, count] = process.argv.slice(2);
const thunks = (list) =>
  `[${list.map((text) => `() => ${text.startsWith("{") ? `(${text})` : text}`).join(",\n    ")}]`;

const prelude = `
  class Thing {
    constructor(n) { this.n = n; this.p = null; this.q = "q"; this.list = [1, 2, 3]; }
    twice(by) { return this.n + by; }
    sum(a, b) { return a + b + this.n; }
    change() { this.n = this.n + 1; if (this.n > 4) this.extra = 1; }
    get length() { return this.list.length; }
  }
  const CONSTANT = 40;
  const TEXT = "seven";
  const HOLDS = { numbers: new Int32Array([1, 2, 3]), bytes: new Uint8Array([1, 2, 3]), list: [1, "two", null] };
  const numbers = new Int32Array([4, 5, 6]);
  const LIST = [1, 2, 3];
  let thing = new Thing(1);
  let count = 0;
  let later;
  let fuel = 0;
  const identity = (a) => a;
  const two = (a, b) => [a, b];
  const fails = (a) => { if (a !== null) throw new RangeError("failed"); return "null"; };
  /** As it was, whatever the case before did. */
  function begin() {
    HOLDS.numbers = new Int32Array([1, 2, 3]); HOLDS.bytes = new Uint8Array([1, 2, 3]); HOLDS.list = [1, "two", null];
    for (const list of [numbers, LIST]) for (const name of Object.keys(list)) if (!(name >= 0)) delete list[name];
    numbers.set([4, 5, 6]); LIST.length = 0; LIST.push(1, 2, 3);
    thing = new Thing(1); count = 0; later = undefined; fuel = 300;
  }
  function shown(v, depth) {
    if (v === null || v === undefined || typeof v === "boolean") return String(v);
    if (typeof v === "number") return Object.is(v, -0) ? "-0" : String(v);
    if (typeof v === "string") return v.length > 60 ? "text of " + v.length + " " + JSON.stringify(v.slice(0, 20)) : JSON.stringify(v);
    if (typeof v === "function") return "function";
    if (typeof v !== "object") return typeof v + " " + String(v);
    if (v instanceof Error) return v.name + ": " + v.message;
    if (depth > 2) return "deep";
    if (Array.isArray(v) || ArrayBuffer.isView(v)) {
      const all = [];
      for (let i = 0; i < v.length && i < 12; i++) all.push(i in v ? shown(v[i], depth + 1) : "hole");
      return v.constructor.name + " " + v.length + " [" + all.join(", ") + "]";
    }
    const fields = [];
    for (const name of Object.keys(v)) {
      const d = Object.getOwnPropertyDescriptor(v, name);
      fields.push(name + ": " + (d && "value" in d ? shown(d.value, depth + 1) : "accessor"));
    }
    return "{" + fields.join(", ") + "}";
  }
  const kinds = {
    v: ${thunks(VALUES)},
    a: ${thunks(ARRAYS)},
    i: ${thunks(INDEXES)},
  };
  /** What a call came to, and how many references its arguments have behind it. A function that uses \`arguments\` is not
   * translated: it holds as many in either way. */
  function called(f, args) {
    let text = arguments.length === 2 ? "" : "?";
    try { text += shown(f(...args, undefined), 0); } catch (e) { text += "threw " + (e instanceof Error ? e.name + ": " + e.message : shown(e, 0)); }
    for (let i = 0; i < args.length; i++) text += " | " + shown(args[i], 1) + " #" + references(args[i]);
    return text;
  }
`;

/** Two functions with the same bytecode have one translation: that for size has one argument more, which nobody uses. */
const named = FUNCTIONS.map(([text, signature], i) => {
  const name = (how) => `${how}_${i}`;
  const forSize = text.replace(/^(function self)?\(([^)]*)\)/, "$1($2, unused)");
  const write = (how) => `const ${name(how)} = ${how === "s" ? text : forSize};`;
  return { write, name, signature };
});
const random = functions(Number(seed), Number(count));

const program = `"use strict";
(() => {
${prelude}
${named.map(({ write }) => `  ${write("s")}\n  ${write("z")}`).join("\n")}
${random.map((text) => `  ${text}`).join("\n")}
  const table = [
${named.map(({ name, signature }) => ["s", "z"].map((how) => `    [${name(how)}, "${signature}", "${name(how)}"],`).join("\n")).join("\n")}
${random.map((_, i) => `    [r${i}, "r", "r${i}"],`).join("\n")}
  ];
  const known = {};
  function tuples(signature) {
    if (known[signature]) return known[signature];
    let all = [[]];
    for (const kind of signature === "r" ? "vv" : signature) all = all.flatMap((before) => kinds[kind].map((make) => [...before, make]));
    return (known[signature] = all);
  }
  /** How often a function is called at most: every value of an argument, in many neighbourhoods. */
  const MOST = { v: 100, vv: 300, r: 12, a: 100, i: 100, ai: 200, av: 200, iv: 200, aiv: 200 };
  globalThis.cases = () => table.length;
  globalThis.play = (n, most) => {
    const [f, signature, name] = table[n];
    const all = tuples(signature);
    const times = Math.min(most, MOST[signature], all.length);
    let lines = "";
    for (let k = 0; k < times; k++) {
      // A step that is prime to the number of all.
      const at = (n * 37 + k * (times === all.length ? 1 : 1009)) % all.length;
      begin();
      lines += name + " " + at + ": " + called(f, all[at].map((make) => make())) + " | " + shown([thing, count, later, LIST], 0) + "\\n";
    }
    return lines;
  };
})();
`;
writeFileSync(out, program);
