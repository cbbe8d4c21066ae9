import { debounced, h } from "./dom.ts";

/** What a list of rows needs of its owner. */
export interface Content {
  count(): number;
  /** The row, without its place; `id` is its element's. */
  row(index: number): HTMLElement;
  /** A press of a mouse button at so many pixels from the left of a row. */
  press?(index: number, x: number): void;
  /** A key that moves nothing. Returns whether it was for the list. */
  key?(index: number, event: KeyboardEvent): boolean;
  /** The active row is another. */
  moved?(index: number): void;
}

/** Rows beyond the seen ones that are drawn as well. */
const SPARE = 6;
let lists = 0;

/**
 * A list that draws the rows alone that are seen. The box has the focus, and aria-activedescendant names the active row:
 * rows come and go while the list scrolls, and with them a focus of their own would be lost.
 */
export class Rows {
  readonly body = h("div", { class: "rows", role: "presentation" });
  active = 0;
  private readonly prefix = `list${++lists}`;
  readonly draw = debounced(() => this.render());

  constructor(
    readonly box: HTMLElement,
    private readonly height: number,
    private readonly content: Content,
  ) {
    box.append(this.body);
    box.tabIndex = 0;
    box.addEventListener("scroll", this.draw, { passive: true });
    box.addEventListener("keydown", (event) => this.keydown(event));
    box.addEventListener("focus", this.draw);
    // Not click: a row that is drawn anew between press and release would get none.
    this.body.addEventListener("mousedown", (event) => this.mousedown(event));
    new ResizeObserver(this.draw).observe(box);
  }

  private mousedown(event: MouseEvent): void {
    if (event.button !== 0) return;
    const place = this.body.getBoundingClientRect();
    const index = Math.floor((event.clientY - place.top) / this.height);
    if (index < 0 || index >= this.content.count()) return;
    this.box.focus({ preventScroll: true });
    // The box itself keeps the focus; text can still be marked by a drag.
    this.go(index, false);
    this.content.press?.(index, event.clientX - place.left);
  }

  private get page(): number {
    return Math.max(1, Math.floor(this.box.clientHeight / this.height) - 2);
  }

  private keydown(event: KeyboardEvent): void {
    if (event.target !== this.box || event.ctrlKey || event.altKey || event.metaKey) return;
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: this.page,
      PageUp: -this.page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    if (step !== undefined) this.go(this.active + step);
    else if (!this.content.key?.(this.active, event)) return;
    event.preventDefault();
  }

  /** Makes a row the active one, and scrolls there. */
  go(index: number, scroll = true): void {
    this.active = Math.max(0, Math.min(index, this.content.count() - 1));
    if (scroll) this.show(this.active);
    this.content.moved?.(this.active);
    this.draw();
  }

  private show(index: number): void {
    const head = this.body.offsetTop;
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.box;
    if (top < scrollTop) this.box.scrollTop = top;
    else if (top + this.height + head > scrollTop + clientHeight)
      this.box.scrollTop = top + this.height + head - clientHeight;
  }

  private render(): void {
    const count = this.content.count();
    this.active = Math.max(0, Math.min(this.active, count - 1));
    this.body.style.height = `${count * this.height}px`;
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.height) - SPARE);
    const last = Math.min(count, first + Math.ceil(this.box.clientHeight / this.height) + 2 * SPARE);
    const drawn: HTMLElement[] = [];
    for (let i = first; i < last; i++) {
      const row = this.content.row(i);
      row.id = `${this.prefix}-${i}`;
      row.style.top = `${i * this.height}px`;
      row.classList.toggle("active", i === this.active);
      drawn.push(row);
    }
    this.body.replaceChildren(...drawn);
    // Only a row that is drawn can be named.
    if (this.active >= first && this.active < last)
      this.box.setAttribute("aria-activedescendant", `${this.prefix}-${this.active}`);
    else this.box.removeAttribute("aria-activedescendant");
  }
}
