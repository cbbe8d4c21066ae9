import { DOMID_MAX } from "../limits.ts";

/** The payload of a request that succeeded and has nothing to tell. */
export const OK = "OK\0";

/**
 * The NUL-terminated strings of a payload; bytes after the last NUL are ignored,
 * as C xenstored does for requests of several strings.
 */
export function strings(payload: string): string[] {
  const parts = payload.split("\0");
  parts.pop();
  return parts;
}

/** The one string of a payload that must be exactly `string\0`, or null. */
export function single(payload: string): string | null {
  const last = payload.length - 1;
  return last >= 0 && payload.indexOf("\0") === last ? payload.slice(0, last) : null;
}

const DECIMAL = /^[ \t\n\v\f\r]*\+?([0-9]*)$/;

/** A domid in decimal, as strtoul reads it: "" is 0. -1: not a number, or more than 16 bits. */
export function parseDomid(text: string): number {
  const match = DECIMAL.exec(text);
  if (match === null) return -1;
  const domid = Number(match[1]);
  return domid <= DOMID_MAX ? domid : -1;
}

const INTEGER = /^[ \t\n\v\f\r]*([+-]?[0-9]+)/;

/** A decimal with whatever follows it ignored, as atoi reads it: 0 where there is none. */
export function parseLoose(text: string): number {
  const match = INTEGER.exec(text);
  return match === null ? 0 : Number(match[1]);
}

const STRICT = /^[0-9]{1,10}$/;

/** A number of decimal digits alone, at most 2^31-1; -1: it is none. */
export function parseNumber(text: string): number {
  if (!STRICT.test(text)) return -1;
  const n = Number(text);
  return n <= 0x7fff_ffff ? n : -1;
}
