import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("layers");

/** From the composition root down: a file imports from its own layer and those after it. */
const WAY = ["main", "options", "migrate", "server", "control", "quota", "observe", "store", "wire", "limits", "host"];
const PURE = new Map([
  ["store", ["store", "limits"]],
  ["wire", ["wire", "limits"]],
  ["limits", []],
  ["host", []],
]);

/** Rooms of C, and those that a file of one may include from besides. */
const C_ROOMS: readonly (readonly [room: string, others: readonly string[]])[] = [
  ["engine", ["made", "quickjs"]],
  ["stubdom/linux", ["stubdom", "engine", "made"]],
  ["stubdom/xen", ["stubdom", "engine", "made", "mini-os"]],
  ["stubdom", ["engine", "made", "quickjs"]],
  ["mini-os", []],
  ["images", ["mini-os"]],
];
/** Made by the build, and QuickJS's own. */
const MADE = ["translated.h", "near.h", "host_contract.h", "options_table.h"];
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
  const found = [join(dirname(file), target), target, join("stubdom", target)].find((path) => existsSync(path));
  assert.ok(found !== undefined, `${file} includes ${target}: there is no such file`);
  return room(found);
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
