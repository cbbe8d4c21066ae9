/** Which row has a path: a part of host.ts, which says more. */
export interface PathIndex {
  begin(paths: readonly string[]): void;
  find(path: string): number;
  put(path: string, row: number): void;
  drop(row: number): boolean;
  size(): number;
}
