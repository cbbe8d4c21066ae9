import type { PathIndex } from "../../src/host.ts";

/** An index of plain objects: a test makes a Map's functions fail. */
export class FakePathIndex implements PathIndex {
  private paths: readonly string[] = [];
  private rows: { [path: string]: number } = {};
  /** The path that leads to a row. */
  private places: { [row: number]: string } = {};
  private count = 0;

  begin(paths: readonly string[]): void {
    this.paths = paths;
    this.rows = Object.create(null);
    this.places = {};
    this.count = 0;
  }

  find(path: string): number {
    const row = this.rows[path];
    if (row === undefined) return -1;
    if (this.paths[row] !== path) throw new Error(`${path} leads to the row of ${this.paths[row]}`);
    return row;
  }

  put(path: string, row: number): void {
    if (this.paths[row] !== path) throw new Error(`row ${row} has not got the path ${path}`);
    if (this.places[row] !== undefined) throw new Error(`row ${row} is in the index`);
    const before = this.rows[path];
    if (before === undefined) this.count++;
    else delete this.places[before];
    this.rows[path] = row;
    this.places[row] = path;
  }

  drop(row: number): boolean {
    const path = this.places[row];
    if (path === undefined) return false;
    this.count--;
    delete this.places[row];
    delete this.rows[path];
    return true;
  }

  size(): number {
    return this.count;
  }
}
