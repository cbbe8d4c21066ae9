import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("layers");

/** From the composition root down: a file imports from its own layer and those after it. */
const WAY = [
  "main",
  "options",
  "migrate",
  "server",
  "control",
  "quota",
  "observe",
  "store",
  "wire",
  "limits",
  "host",
  "assert",
];
const PURE = new Map([
  ["store", ["store", "limits", "assert"]],
  ["wire", ["wire", "limits"]],
  ["limits", []],
  ["host", []],
  ["assert", []],
]);

/** Rooms of C, and those that a file of one may include from besides. The first that fits is a file's. */
const C_ROOMS: readonly (readonly [room: string, others: readonly string[]])[] = [
  ["engine", ["made", "quickjs"]],
  [
    "stubdom/engine",
    ["stubdom", "stubdom/bindings", "stubdom/state", "stubdom/transport", "stubdom/trace", "engine", "made", "quickjs"],
  ],
  [
    "stubdom/bindings",
    ["stubdom", "stubdom/engine", "stubdom/state", "stubdom/transport", "stubdom/trace", "engine", "made"],
  ],
  // Of the engine its memory, which counts what the state takes.
  ["stubdom/state", ["stubdom", "stubdom/engine", "engine", "made"]],
  ["stubdom/transport", ["stubdom", "stubdom/trace", "engine", "made"]],
  ["stubdom/trace", ["stubdom", "engine", "made"]],
  [
    "stubdom/linux",
    ["stubdom", "stubdom/engine", "stubdom/state", "stubdom/transport", "stubdom/trace", "engine", "made"],
  ],
  ["stubdom/xen", ["stubdom", "stubdom/state", "stubdom/transport", "stubdom/trace", "engine", "made", "mini-os"]],
  ["stubdom", ["stubdom/engine", "stubdom/trace", "engine", "made"]],
  ["mini-os", []],
  ["images", ["mini-os"]],
];
/** Made by the build, and QuickJS's own. */
const MADE = ["translated.h", "hot_arena.h", "host_contract.h", "options_table.h"];
const QUICKJS = ["quickjs.c", "quickjs.h", "quickjs-opcode.h"];

function sources(dir: string, name = /\.ts$/): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? sources(path, name) : name.test(path) ? [path] : [];
  });
}

/** The room that a file of C, or what it includes, is in; "": the system's. */
function room(path: string): string {
  return C_ROOMS.find(([room]) => path.startsWith(`${room}/`))?.[0] ?? "";
}

function includedRoom(file: string, bracket: string, target: string): string {
  if (QUICKJS.includes(target)) return "quickjs";
  if (target.startsWith("mini-os/")) return "mini-os";
  if (bracket === "<") return "";
  if (MADE.includes(target)) return "made";
  return room(includedFile(file, target));
}

function includedFile(file: string, target: string): string {
  const found = [join(dirname(file), target), target].find((path) => existsSync(path));
  assert.ok(found !== undefined, `${file} includes ${target}: there is no such file`);
  return found;
}

/** A source with its header, and with a header beside it that has the same name and more: link.c, link.h, link_internal.h. */
function part(path: string, sources: readonly string[]): string {
  let name = path.replace(/\.[ch]$/, "");
  while (!sources.includes(`${name}.c`) && name.includes("_")) name = name.replace(/_[^_/]*$/, "");
  return sources.includes(`${name}.c`) ? name : path;
}

/** Headers of the kernel are in a directory of their own. */
function kernelPart(path: string): string {
  return path.replace(/^mini-os\/include\/mini-os\//, "mini-os/kernel/");
}

function layer(path: string): string {
  return relative("src", path).split("/")[0]?.replace(/\.ts$/, "") as string;
}

test("imports go down the way of a request only", () => {
  const files = sources("src");
  assert.ok(files.length > 20);
  for (const file of files) {
    const from = layer(file);
    assert.ok(WAY.includes(from), `${file}: a layer without a place`);
    for (const [, target] of readFileSync(file, "utf8").matchAll(/from "([^"]+)"/g)) {
      assert.ok((target as string).startsWith("."), `${file} imports ${target}`);
      const to = layer(join(dirname(file), target as string));
      if (to === from) continue;
      assert.ok(WAY.indexOf(to) > WAY.indexOf(from), `${file} imports ${target}: upwards`);
      const allowed = PURE.get(from);
      assert.ok(allowed === undefined || allowed.includes(to), `${file} imports ${target}: ${from} is pure`);
    }
  }
});

test("only what starts, drives, saves and configures the whole daemon takes Server", () => {
  const takers = sources("src").filter((file) => /from "[^"]*\/server\.ts"/.test(readFileSync(file, "utf8")));
  const may = [
    "main.ts",
    "migrate/dump.ts",
    "migrate/give-back.ts",
    "migrate/load.ts",
    "migrate/recover.ts",
    "options/apply.ts",
    "server/scheduler.ts",
  ];
  assert.equal(
    takers.sort(),
    may.map((file) => join("src", file)),
  );
});

test("C includes what its room may know only", () => {
  const files = ["engine", "stubdom", "mini-os", "images"].flatMap((dir) => sources(dir, /\.[ch]$/));
  assert.ok(files.length > 100);
  for (const file of files) {
    const [from, others] = C_ROOMS.find(([room]) => file.startsWith(`${room}/`)) as (typeof C_ROOMS)[number];
    for (const [, bracket, target] of readFileSync(file, "utf8").matchAll(/^\s*#\s*include\s+([<"])([^>"]+)/gm)) {
      const to = includedRoom(file, bracket as string, target as string);
      assert.ok(to === "" || to === from || others.includes(to), `${file} includes ${target} of ${to}`);
    }
  }
});

test("C includes go in no circle", () => {
  const files = ["stubdom", "mini-os"].flatMap((dir) => sources(dir, /\.[ch]$/));
  const uses = new Map<string, Set<string>>();
  for (const file of files) {
    const from = part(kernelPart(file), files);
    const targets = uses.get(from) ?? new Set();
    uses.set(from, targets);
    const text = readFileSync(file, "utf8");
    for (const [, target] of text.matchAll(/^\s*#\s*include\s+(?:"|<(?=mini-os\/))([^">]+)/gm)) {
      if (MADE.includes(target as string)) continue;
      const header = (target as string).startsWith("mini-os/") ? join("mini-os/include", target as string) : "";
      const to = part(kernelPart(header === "" ? includedFile(file, target as string) : header), files);
      if (to !== from) targets.add(to);
    }
  }
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    assert.not.ok(way.includes(name), [...way, name].join(" -> "));
    if (done.has(name)) return;
    for (const next of uses.get(name) ?? []) visit(next, [...way, name]);
    done.add(name);
  };
  for (const name of uses.keys()) visit(name, []);
});

test("no file is longer than 400 lines", () => {
  const c = ["engine", "stubdom", "mini-os", "images"].flatMap((dir) => sources(dir, /\.[ch]$/));
  const scripts = readdirSync("build")
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => join("build", name));
  const web = sources("tools/web", /\.(?:ts|css|html|py)$/);
  const tests = sources("test", /\.(?:ts|mjs|c|h|sh|pml|py|inc)$/);
  assert.ok(tests.length > 200);
  for (const file of [...c, ...scripts, ...sources("engine", /\.mjs$/), ...sources("src"), ...web, ...tests])
    assert.ok(readFileSync(file, "utf8").split("\n").length <= 401, file);
});

test("imports go in no circle, those of types included", () => {
  const imports = new Map(
    sources("src").map((file) => {
      const found: string[] = [];
      for (const [, target] of readFileSync(file, "utf8").matchAll(/^(?:im|ex)port [^;]*?from "([^"]+)"/gm))
        found.push(join(dirname(file), target as string));
      return [file, found] as const;
    }),
  );
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    assert.ok(!way.includes(file), `a circle: ${[...way.slice(way.indexOf(file)), file].join(" > ")}`);
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
});

test("what a file exports is used by another", () => {
  const texts = new Map([...sources("src"), ...sources("test")].map((file) => [file, readFileSync(file, "utf8")]));
  for (const [file, text] of texts) {
    if (!file.startsWith("src/")) continue;
    for (const [, name] of text.matchAll(
      /^export (?:const enum|abstract class|class|function|const|interface|type) (\w+)/gm,
    )) {
      const word = new RegExp(`\\b${name}\\b`);
      assert.ok(
        [...texts].some(([other, said]) => other !== file && word.test(said)),
        `${file}: ${name}`,
      );
    }
  }
});

test("nothing of Node, the engine or a browser is named in src/", () => {
  for (const file of sources("src")) {
    const text = readFileSync(file, "utf8");
    assert.not.match(text, /\b(process|require|globalThis|Buffer|setTimeout|console)\b[.(]/, file);
  }
});

test.run();
