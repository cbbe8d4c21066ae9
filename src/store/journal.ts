/** Where the store tells what it must not lose: a part of host.ts, which says more. */
export interface Journal {
  node(id: number, parent: number, perms: number, path: string, nameStart: number, value: string): void;
  state(id: number, perms: number, value: string): void;
  gone(id: number): void;
  readonly rows: Int32Array;
  allGone(count: number): void;
  list(id: number, entries: string): void;
  mark(): number;
  cancel(mark: number): void;
}
