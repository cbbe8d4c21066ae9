import { Op } from "../wire/ops.ts";

/** Makes a client's text safe to print: unprintable characters become three decimal digits. */
export function printable(text: string): string {
  return text.replace(/[^ -~]/g, (one) => `\\${String(one.charCodeAt(0)).padStart(3, "0")}`);
}

/** Where the value begins in a payload; -1: the message has none. */
function valueAt(type: number, request: boolean, payload: string): number {
  if (request && type === Op.WRITE) return payload.indexOf("\0") + 1;
  return !request && type === Op.READ ? 0 : -1;
}

/**
 * A payload as it is logged: NULs become spaces, unprintable characters dots. Without `values`, a value
 * becomes its length.
 */
export function elided(type: number, request: boolean, payload: string, values: boolean): string {
  const at = values ? -1 : valueAt(type, request, payload);
  const shown = at < 0 ? payload : payload.slice(0, at);
  const text = shown.replaceAll("\0", " ").replace(/[^ -~]/g, ".");
  return at < 0 ? text : `${text}<${payload.length - at} bytes>`;
}
