import { Op } from "../wire/ops.ts";

/** A text that somebody chose, for a person's eyes: what is no printable ASCII by its number, in three decimal digits. */
export function printable(text: string): string {
  return text.replace(/[^ -~]/g, (one) => `\\${String(one.charCodeAt(0)).padStart(3, "0")}`);
}

/** Messages that carry a value: behind the path, or as the whole. */
function valueAt(type: number, request: boolean, payload: string): number {
  if (request && type === Op.WRITE) return payload.indexOf("\0") + 1;
  return !request && type === Op.READ ? 0 : -1;
}

/**
 * A payload as a line shows it, NULs as blanks and what cannot be printed as a dot; values only where they are wanted,
 * otherwise how many bytes they have.
 */
export function elided(type: number, request: boolean, payload: string, values: boolean): string {
  const at = values ? -1 : valueAt(type, request, payload);
  const shown = at < 0 ? payload : payload.slice(0, at);
  const text = shown.replaceAll("\0", " ").replace(/[^ -~]/g, ".");
  return at < 0 ? text : `${text}<${payload.length - at} bytes>`;
}
