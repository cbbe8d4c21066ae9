import { h } from "./dom.ts";

const PLAIN = /^[\x20-\x7e]*$/;
/** Characters that are shown as they are. The others, directions and invisible ones among them, become escapes. */
const SEEN = /[\p{L}\p{N}\p{P}\p{S}\p{M} ]/u;

/** Pieces of bytes, which come as characters 0 to 255: text, and escapes for what is no text. */
function pieces(bytes: string): { text: string; escaped: boolean }[] {
  if (PLAIN.test(bytes)) return bytes === "" ? [] : [{ text: bytes, escaped: false }];
  const decoded = utf8(bytes);
  const found: { text: string; escaped: boolean }[] = [];
  for (const character of decoded ?? bytes) {
    const code = character.codePointAt(0) as number;
    const escaped = decoded === null ? !PLAIN.test(character) : !SEEN.test(character);
    const text = !escaped ? character : code > 255 ? `\\u{${code.toString(16)}}` : `\\x${hex(code)}`;
    const last = found.at(-1);
    if (last?.escaped === escaped) last.text += text;
    else found.push({ text, escaped });
  }
  return found;
}

const hex = (code: number): string => code.toString(16).padStart(2, "0");

function utf8(bytes: string): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(bytes, (c) => c.charCodeAt(0)),
    );
  } catch {
    return null;
  }
}

/** Bytes for a reader, as plain text. */
export function shown(bytes: string): string {
  return pieces(bytes)
    .map(({ text }) => text)
    .join("");
}

/** The same as nodes, with the escapes marked, so that bytes cannot imitate them. */
export function textOf(bytes: string): (Node | string)[] {
  return pieces(bytes).map(({ text, escaped }) => (escaped ? h("span", { class: "escape" }, text) : text));
}

const RIGHTS: Record<string, string> = { n: "nothing", r: "read", w: "write", b: "read and write" };

/** A permission list in words. */
export function permsInWords(perms: string): string[] {
  const entries = perms.split(",").filter((entry) => entry !== "");
  return entries.map((entry, i) => {
    const right = RIGHTS[entry[0] as string] ?? entry[0];
    const domid = entry.slice(1);
    if (i === 0) return `domain ${domid} owns it; others may ${right === "nothing" ? "do nothing" : right}`;
    return `domain ${domid} may ${right === "nothing" ? "do nothing" : right}`;
  });
}

export function ownerOf(perms: string): string {
  return perms.split(",", 1)[0]?.slice(1) ?? "";
}

/** Whether a domain has a right to a node: its owner and domain 0 have all of them. */
export function may(perms: string, domid: string, right: "r" | "w"): boolean {
  const entries = perms.split(",");
  if (domid === "0" || ownerOf(perms) === domid) return true;
  const own = entries.slice(1).find((entry) => entry.slice(1) === domid) ?? entries[0] ?? "n";
  return own[0] === "b" || own[0] === right;
}
