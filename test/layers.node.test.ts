import { readdirSync, readFileSync } from "node:fs";
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

function sources(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? sources(path) : path.endsWith(".ts") ? [path] : [];
  });
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

test("nothing of Node, the engine or a browser is named in src/", () => {
  for (const file of sources("src")) {
    const text = readFileSync(file, "utf8");
    assert.not.match(text, /\b(process|require|globalThis|Buffer|setTimeout|console)\b[.(]/, file);
  }
});

test.run();
