/**
 * Throws if `condition` is false. That is a bug of this program or of its host, never a client's doing: it ends the
 * program, and the host starts a new one from the journal.
 */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
