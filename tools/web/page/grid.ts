import { h } from "./dom.ts";
import { Rows } from "./rows.ts";

export interface Column<T> {
  readonly title: string;
  /** A track of CSS's grid. */
  readonly width: string;
  readonly right?: boolean;
  /** What the column is sorted by. */
  readonly by: (row: T) => number | string;
  readonly cell: (row: T) => Node | string | (Node | string)[];
  readonly help?: string;
}

const ROW = 24;
/** Between two columns, and at both ends (grid.css). */
const GAP = 8;

/** A table that can be sorted by its columns and draws the rows alone that are seen. */
export class Grid<T> {
  readonly box = h("div", { role: "grid", class: "grid" });
  private rows: T[] = [];
  private readonly list: Rows;
  private readonly heads: HTMLElement[];

  /** `sort`: the number of a column, negative: the greatest first (-1 is the first column). */
  constructor(
    label: string,
    private readonly columns: readonly Column<T>[],
    private sort: number,
    private readonly empty: string,
    private readonly chosen?: (row: T) => void,
    private readonly mark?: (row: T) => string,
  ) {
    this.box.setAttribute("aria-label", label);
    this.box.style.setProperty("--columns", columns.map(({ width }) => width).join(" "));
    // The least widths of all tracks, for rows that are as wide as what is in them.
    const least = columns.reduce(
      (sum, { width }) => sum + GAP + Number.parseInt(/\d+/.exec(width)?.[0] ?? "0", 10),
      GAP,
    );
    this.box.style.setProperty("--least", `${least}px`);
    this.heads = columns.map((column, i) => this.head(column, i));
    this.box.append(h("div", { role: "row", class: "head" }, ...this.heads));
    this.list = new Rows(this.box, ROW, {
      count: () => this.rows.length,
      row: (i) => this.row(i),
      moved: (i) => this.choose(i),
    });
    this.tellSort();
  }

  private choose(i: number): void {
    const row = this.rows[i];
    if (row !== undefined) this.chosen?.(row);
  }

  private head(column: Column<T>, i: number): HTMLElement {
    const button = h("button", { type: "button", title: column.help, click: () => this.sortBy(i) }, column.title);
    return h("div", { role: "columnheader", class: column.right ? "right" : "" }, button);
  }

  private sortBy(i: number): void {
    // Numbers begin with the greatest, names with the first.
    const other = this.columns[i]?.right ? -(i + 1) : i + 1;
    this.sort = Math.abs(this.sort) === i + 1 ? -this.sort : other;
    this.tellSort();
    this.set(this.rows);
  }

  private tellSort(): void {
    for (const [i, head] of this.heads.entries()) {
      const sorted = Math.abs(this.sort) === i + 1;
      head.setAttribute("aria-sort", !sorted ? "none" : this.sort > 0 ? "ascending" : "descending");
    }
  }

  set(rows: readonly T[]): void {
    const column = this.columns[Math.abs(this.sort) - 1] as Column<T>;
    const way = this.sort > 0 ? 1 : -1;
    const keyed = rows.map((row) => ({ row, key: column.by(row) }));
    keyed.sort((a, b) => (a.key < b.key ? -way : a.key > b.key ? way : 0));
    this.rows = keyed.map(({ row }) => row);
    this.box.setAttribute("aria-rowcount", String(rows.length + 1));
    this.box.dataset.empty = rows.length === 0 ? this.empty : "";
    this.list.draw();
  }

  draw(): void {
    this.list.draw();
  }

  private row(i: number): HTMLElement {
    const row = this.rows[i] as T;
    const cells = this.columns.map(({ cell, right }) => {
      const content = cell(row);
      const inside = Array.isArray(content) ? content : [content];
      return h("div", { role: "gridcell", class: right ? "right" : "" }, ...inside);
    });
    const kind = this.mark?.(row) ?? "";
    return h("div", { role: "row", class: `row ${kind}`, "aria-rowindex": i + 2 }, ...cells);
  }
}
