/**
 * Memory that each kind of object costs, in bytes: engine heap and journal, with allocation overhead. Each
 * value is the mean of two measurements: Linux, where a value takes 16 bytes, and the images, where it
 * takes 8. test/socket/account.test.ts compares them with the heap.
 */
export const enum Cost {
  /** A string, besides its characters. The empty string costs nothing. */
  text = 32,
  /** A node, besides its path and value: its row, its entry of the path index, its journal record. */
  node = 146,
  /** A new permission list without its entries; one entry. */
  list = 600,
  listEntry = 58,
  /** A watch, besides two copies of its strings; a path that has no other watch. */
  watch = 480,
  place = 280,
  /** A transaction; an item (one path); an item's record of changed children; one such child. */
  transaction = 1230,
  item = 530,
  children = 400,
  child = 95,
  /** A reference to a permission list. */
  held = 16,
  /** A history record, besides its strings. */
  record = 385,
  /** A history record's list of authors, once it has more than one. */
  changers = 160,
  /** A queued message, besides its payload; what an event costs more, for its entry in the set of queued events. */
  message = 225,
  event = 135,
  /** A delivery; the share of one connection; one watch in it; one changed path. */
  delivery = 900,
  share = 860,
  delivered = 17,
  change = 80,
  /** Of FanOuts: a watched path; one connection's watches on it; one fan-out. */
  watchedPath = 550,
  watchedPart = 300,
  fanOut = 100,
  /** A group of watchers in the journal's record of a delivery; each member. */
  watchers = 410,
  watching = 24,
}

/**
 * Bytes that a value of `length` characters costs: the string, and its copy in the journal with what lies idle beside it
 * on average (a fifth at most). It does not depend on what others store, nor on the characters.
 */
export function valueCost(length: number): number {
  return length === 0 ? 0 : 2 * length + (length >> 3) + Cost.text;
}

/** Bytes that a node with a value of `length` characters costs besides Cost.node. The journal has only its name. */
export function nodeCost(path: string, nameStart: number, length: number): number {
  return 2 * path.length - nameStart + valueCost(length);
}

/** Bytes that a string of `length` characters costs. */
export function textCost(length: number): number {
  return length === 0 ? 0 : length + Cost.text;
}
