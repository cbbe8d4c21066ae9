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
