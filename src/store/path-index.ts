/** The members of the host's PathIndex that the store uses; src/host/state.ts documents them. */
export interface PathIndex {
  begin(paths: readonly string[]): void;
  find(path: string): number;
  put(path: string, row: number): void;
  drop(row: number): boolean;
  size(): number;
}
