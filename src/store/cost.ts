/**
 * What the things that a client makes the daemon keep take of its memory, in bytes: in the engine's heap and in the
 * journal, blocks and their overhead included. Measured on Linux, where a value takes 16 bytes, and with the 8 bytes that
 * it takes in the images: each is the middle of the two. test/socket/account.test.ts compares them with the heap.
 */
export const enum Cost {
  /** A text besides its characters. The empty one is there already. */
  text = 32,
  /** A node besides its path and its value: a row of the columns, its place in the index, a record of the journal. */
  node = 146,
  /** A permission list that no other node has, besides its entries; an entry; a domain that no other list names. */
  list = 740,
  listEntry = 90,
  named = 220,
  /** A watch besides its texts, of which there are two copies; a watched path that no other watch is on. */
  watch = 480,
  place = 280,
  /** A transaction; what it knows of a path; that it changed a list of children; a child of that. */
  transaction = 1230,
  item = 530,
  children = 400,
  child = 95,
  /** A reference to a permission list. */
  held = 16,
  /** A record of the history besides its texts. */
  record = 385,
  /** Of a record, that more than one changed the same. */
  changers = 160,
  /** A message that waits for its client besides its payload; an event, which is also looked for, more. */
  message = 225,
  event = 110,
  /** Events on their way in slices; what of them is for one client; a watch; a path that changed. */
  delivery = 900,
  share = 860,
  delivered = 17,
  change = 80,
  /** A watched path that is not repeated for each change; the part of one client; who of them is told of some changes. */
  watchedPath = 550,
  watchedPart = 300,
  fanOut = 100,
  /** Those who are told of the same changes, besides each of them. */
  watchers = 410,
  watching = 24,
}

/** What a text of so many characters takes. */
export function textCost(length: number): number {
  return length === 0 ? 0 : length + Cost.text;
}
