/**
 * Paths. A canonical path is absolute and valid; a special one begins with `@`.
 * What the index holds is valid by construction: only a miss is looked at here.
 */

const ABSOLUTE = /^\/[\w\-@/]*$/;
const SPECIAL = /^@[\w\-@/]*$/;

/** Whether the absolute path obeys the rules of characters and slashes. Its length is not looked at. */
export function validPath(path: string): boolean {
  if (path === "/") return true;
  return ABSOLUTE.test(path) && path.charCodeAt(path.length - 1) !== 47 && path.indexOf("//") < 0;
}

/** Whether the path beginning with `@` obeys the rules of characters and slashes. */
export function validSpecial(path: string): boolean {
  return SPECIAL.test(path) && path.charCodeAt(path.length - 1) !== 47 && path.indexOf("//") < 0;
}

const NAMES = /^[\w\-@]+(?:\/[\w\-@]+)*$/;

/** Names of one component found valid: the same few come again and again, and a lookup is cheaper than a look. */
const known = new Set<string>();
const KNOWN_MOST = 256;
const KNOWN_LENGTH = 64;

/** Whether what follows a slash in a path is valid: one or more components. */
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
