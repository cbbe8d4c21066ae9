/**
 * Paths. A canonical path is absolute and valid; a special one begins with `@`. The path index holds valid
 * paths only, so a path that it has needs no check.
 */

const ABSOLUTE = /^\/[\w\-@/]*$/;
const SPECIAL = /^@[\w\-@/]*$/;

/** Whether an absolute path obeys the rules of characters and slashes. The length is not checked. */
export function validPath(path: string): boolean {
  if (path === "/") return true;
  return ABSOLUTE.test(path) && path.charCodeAt(path.length - 1) !== 47 && path.indexOf("//") < 0;
}

/** Whether a path that begins with `@` obeys the rules of characters and slashes. The length is not checked. */
export function validSpecial(path: string): boolean {
  return SPECIAL.test(path) && path.charCodeAt(path.length - 1) !== 47 && path.indexOf("//") < 0;
}

const NAMES = /^[\w\-@]+(?:\/[\w\-@]+)*$/;

/** Cache of valid names: clients use the same few names, and a lookup is cheaper than the regular expression. */
const known = new Set<string>();
const KNOWN_MOST = 256;
const KNOWN_LENGTH = 64;

/** Whether the part of a path behind a slash is valid: one or more components. */
export function validNames(names: string): boolean {
  if (known.has(names)) return true;
  if (!NAMES.test(names)) return false;
  if (names.length <= KNOWN_LENGTH) {
    if (known.size >= KNOWN_MOST) known.clear();
    known.add(names);
  }
  return true;
}

const DOMAIN_PREFIX = /^\/local\/domain\/[0-9]{1,5}\//;

/** Length of the path as `path-max` counts it: without a leading `/local/domain/<domid>/`. */
export function countedLength(path: string): number {
  const match = DOMAIN_PREFIX.exec(path);
  return match === null ? path.length : path.length - match[0].length;
}

/** The parent of a path; "" above `/` and above a special path. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash > 0) return path.slice(0, slash);
  return slash === 0 && path.length > 1 ? "/" : "";
}

/** The last component of a path; "" for `/`. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
