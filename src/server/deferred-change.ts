/** Fields of an element of Events.later: a changed row, or the events of a removal in the segments `from` to `to`. */
export const enum DeferredChange {
  rank,
  from,
  to,
  /** Where the watches of these segments begin in `fired`. */
  at,
  /** The row; -1: a removal. */
  id,
  oldPerms,
  /** The number of fields. */
  size,
}
