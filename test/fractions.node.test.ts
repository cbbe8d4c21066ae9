import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const test = suite("fractions");

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === "linux" ? [] : sources(path);
    return path.endsWith(".c") || path.endsWith(".h") ? [path] : [];
  });
}

// Its printf is newlib's for integers (WITHOUT_FRACTIONS in build/native.mk): it would print something else.
test("nothing in an image prints a fraction", () => {
  const files = ["stubdom", "mini-os", "images/guest"].flatMap(sources);
  assert.ok(files.length > 50);
  for (const file of files)
    for (const [text] of readFileSync(file, "utf8").matchAll(/"(?:[^"\\\n]|\\.)*"/g))
      assert.not.match(text, /%[-+#0]*[\d*]*(?:\.[\d*]*)?[aefgAEFG]/, `${file}: ${text}`);
});

test.run();
