/**
 * What a path is, written from Xen's docs/misc/xenstore.txt and character by character, on purpose without a look at
 * src/store/path.ts: the model test holds the two against each other.
 */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_@";

function isName(name: string): boolean {
  if (name === "") return false;
  for (const letter of name) if (!LETTERS.includes(letter)) return false;
  return true;
}

/** Whether a text names a node: absolute, or relative to the domain's own path. Its length is not looked at. */
export function isPath(text: string): boolean {
  if (text === "/") return true;
  const names = text.split("/");
  if (text.startsWith("/")) names.shift();
  else if (text.startsWith("@")) return false;
  return names.every(isName);
}

const BAD = ["+", ".", " ", ":", "*", "~", "\\", "\t", "\n", "\x7f", "\x80", "\xe9", "\xff", "%2f", "..", "="];

/** A text that is no path, most often near one that exists. `random(n)` is below n. */
export function noPath(random: (n: number) => number, near: string): string {
  for (;;) {
    const at = random(near.length + 1);
    const bad = BAD[random(BAD.length)] as string;
    const texts = [
      `/${near}`,
      `//${near}`,
      `${near}/`,
      `${near}//`,
      "",
      "//",
      "/local/domain/",
      `//${"abc"[random(3)]}`,
      near.replaceAll("/", "//"),
      `${near}//${"abc"[random(3)]}`,
      near.slice(0, at) + bad + near.slice(at),
      `${near}/${bad}`,
      `/${bad}`,
      `@${near}`,
      near.slice(1) + bad,
      `${near.slice(1)}/`,
    ];
    const text = texts[random(texts.length)] as string;
    if (!isPath(text)) return text;
  }
}
