// Reads the listing of engine/compile/listing.c, and names each function by its source, the functions around it and its own
// name: "src/store/tree.ts find", "src/server/dispatch.ts dispatcher/-". "-" stands for no name.
import { readFileSync } from "node:fs";

/** Reads the lines of build/bundle.mjs: source path by bundle line. */
function sourcesOf(file) {
  const sources = new Map();
  for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) {
    const [bundle, source] = line.split(" ");
    sources.set(Number(bundle), source);
  }
  return sources;
}

function operation(line) {
  const [, at, name, operands, ...text] = line.split(" ");
  const bytes = operands === "-" ? Buffer.alloc(0) : Buffer.from(operands, "hex");
  return { at: Number(at), next: Number(at) + 1 + bytes.length, name, bytes, text: text.join(" ") };
}

/** The name of the method, field or variable that a function without a name is assigned to; "-": none. */
function nameIn(parent, index) {
  const { ops } = parent;
  const at = ops.findIndex((op) => /^fclosure8?$/.test(op.name) && op.bytes.readUIntLE(0, op.bytes.length) === index);
  return /^(define_method|define_field|set_name|put_field)$/.test(ops[at + 1]?.name ?? "") ? ops[at + 1].text : "-";
}

/** Functions: { name, args, vars, stack, hash, length, kind, closure, parent, ops }; closure: { constant, from, index }[]. */
export function readListing(file, linesFile) {
  const sources = sourcesOf(linesFile);
  /** The functions around the present one, outermost first. */
  const parents = [];
  const functions = [];
  for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) {
    if (line.startsWith("O ")) {
      functions.at(-1).ops.push(operation(line));
      continue;
    }
    if (line.startsWith("C")) {
      functions.at(-1).closure = line
        .split(" ")
        .slice(1)
        .map((word) => word.split(":"))
        .map(([constant, from, index]) => ({ constant: constant === "1", from, index: Number(index) }));
      continue;
    }
    const [, depth, index, at, args, vars, stack, hash, length, kind, ...name] = line.split(" ");
    parents.length = Number(depth);
    const own = name.join(" ");
    const known = own === "-" && parents.length > 0 ? nameIn(parents.at(-1), Number(index)) : own;
    const outer = parents.slice(2).map((parent) => parent.known);
    const fn = {
      name: `${sources.get(Number(at)) ?? "?"} ${[...outer, known].join("/")}`,
      known,
      args: Number(args),
      vars: Number(vars),
      stack: Number(stack),
      hash,
      length: Number(length),
      kind: Number(kind),
      closure: [],
      parent: parents.at(-1),
      ops: [],
    };
    functions.push(fn);
    parents.push(fn);
  }
  return functions;
}
