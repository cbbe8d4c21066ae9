/** The columns of the store: what each row has. A number that leads to another row is -1 where there is none. */
export interface Columns {
  values: string[];
  paths: string[];
  parent: Int32Array<ArrayBuffer>;
  /** The first and the last child. */
  first: Int32Array<ArrayBuffer>;
  last: Int32Array<ArrayBuffer>;
  /** The siblings; of a row that is free, `next` is the next free one. */
  next: Int32Array<ArrayBuffer>;
  prev: Int32Array<ArrayBuffer>;
  /** Number of its permission list. */
  permsOf: Int32Array<ArrayBuffer>;
  /** Index in the owner's list; -1 for an owner without one. */
  place: Int32Array<ArrayBuffer>;
  /** Clock of the last change of the node itself or of its list of children. */
  generation: Int32Array<ArrayBuffer>;
  /** Bytes of the joined names of the children. */
  names: Int32Array<ArrayBuffer>;
  /** Watched nodes in the subtree, this one included. */
  below: Int32Array<ArrayBuffer>;
  /** Flag of rows.ts. */
  flags: Uint8Array<ArrayBuffer>;
}
