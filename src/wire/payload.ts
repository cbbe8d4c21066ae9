import { DOMID_MAX } from "../limits.ts";

/** The payload of a successful reply without data. */
export const OK = "OK\0";

/** The NUL-terminated strings of a payload. Bytes after the last NUL are ignored, as in C xenstored. */
export function strings(payload: string): string[] {
  const parts = payload.split("\0");
  parts.pop();
  return parts;
}

/** The string of a payload that is exactly `string\0`; null: the payload has another form. */
export function single(payload: string): string | null {
  const last = payload.length - 1;
  return last >= 0 && payload.indexOf("\0") === last ? payload.slice(0, last) : null;
}

const DECIMAL = /^[ \t\n\v\f\r]*\+?([0-9]*)$/;

/** Parses a decimal domid as strtoul does: "" is 0. -1: it is not a number, or has more than 16 bits. */
export function parseDomid(text: string): number {
  const match = DECIMAL.exec(text);
  if (match === null) return -1;
  const domid = Number(match[1]);
  return domid <= DOMID_MAX ? domid : -1;
}

const INTEGER = /^[ \t\n\v\f\r]*([+-]?[0-9]+)/;

/** Parses a decimal number as atoi does: what follows it is ignored; 0 if there is none. */
export function parseLoose(text: string): number {
  const match = INTEGER.exec(text);
  return match === null ? 0 : Number(match[1]);
}

const STRICT = /^[0-9]{1,10}$/;

/** Parses a number of decimal digits only, at most 2^31-1; -1: it is none. */
export function parseNumber(text: string): number {
  if (!STRICT.test(text)) return -1;
  const n = Number(text);
  return n <= 0x7fff_ffff ? n : -1;
}
