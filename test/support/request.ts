import { opNames } from "../../src/wire/ops.ts";

export function parseRequest(request: string): { type: number; payload: string } {
  const space = request.indexOf(" ");
  const word = space < 0 ? request : request.slice(0, space);
  const type = /^[0-9]+$/.test(word) ? Number(word) : opNames.indexOf(word);
  if (type < 0) throw new Error(`no such request: ${word}`);
  const payload = space < 0 ? "" : request.slice(space + 1);
  return { type, payload: payload.replaceAll("|", "\0") };
}

export function shown(payload: string): string {
  return payload.replaceAll("\0", "|");
}
