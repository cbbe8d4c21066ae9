/** A row that changed, or the events of a removal, segments from `from` to `to`: so many numbers. */
export const enum Later {
  rank,
  from,
  to,
  /** Where their watches begin in `fired`. */
  at,
  /** -1: a removal. */
  id,
  oldPerms,
  size,
}
