import { byId, clock, debounced, h, whole } from "./dom.ts";
import { type Filter, type Found, isEmpty, isOpen, search, seen } from "./filter.ts";
import { type Change, children, type Node, type Tree } from "./model.ts";
import { Rows } from "./rows.ts";
import { ownerOf, permsInWords, shown, textOf } from "./text.ts";

const ROW = 22;
const INDENT = 15;
/** Levels with an indent of their own: a path can have 1,500. */
const DEEPEST = 24;
/** Milliseconds that a change glows. */
const GLOW = 4000;
/** Bytes of a value in its row. */
const IN_ROW = 200;

export class TreeView {
  private readonly rows: Rows;
  private readonly open = new Set(["/"]);
  private closed = new Set<string>();
  private list: Node[] = [];
  private found: Found | null = null;
  private selected = "/";
  /** What stands in the details; drawn again only if that is another. */
  private told = "";
  private glowing = 0;
  readonly update = debounced(() => this.refresh());

  constructor(private readonly tree: Tree) {
    const box = byId("tree-rows");
    this.rows = new Rows(box, ROW, {
      count: () => this.list.length,
      row: (i) => this.row(this.list[i] as Node),
      press: (i, x) => this.press(this.list[i] as Node, x),
      key: (i, event) => this.key(this.list[i], event),
      moved: (i) => this.select(this.list[i]),
    });
    for (const id of ["filter-path", "filter-owner", "filter-right", "filter-domid"])
      byId(id).addEventListener("input", () => {
        this.closed = new Set();
        this.update();
      });
    byId("tree-filter").addEventListener("reset", () => requestAnimationFrame(this.update));
    byId("tree-filter").addEventListener("submit", (event) => event.preventDefault());
    byId("recent").addEventListener("mousedown", (event) => this.pressRecent(event));
    byId("recent").addEventListener("click", (event) => this.pressRecent(event));
    for (const path of ["/local", "/local/domain"]) this.open.add(path);
  }

  private filter(): Filter {
    const value = (id: string): string => (byId(id) as HTMLInputElement).value.trim();
    return {
      path: value("filter-path"),
      owner: value("filter-owner"),
      right: value("filter-right"),
      domid: value("filter-domid"),
    };
  }

  private refresh(): void {
    const filter = this.filter();
    this.found = isEmpty(filter) ? null : search(this.tree, filter);
    this.list = seen(this.tree, this.open, this.closed, this.found);
    const at = this.list.findIndex((node) => node.path === this.selected);
    if (at >= 0) this.rows.active = at;
    const all = `${whole(this.tree.size)} nodes`;
    byId("filter-count").textContent = this.found ? `${whole(this.found.matches.size)} of ${all}` : all;
    this.rows.draw();
    this.details();
    this.recent();
    if (this.tree.recent.length > 0 && Date.now() - this.glowing > GLOW) this.fade();
  }

  /** Draws once more when the glow is over: its marks go then, also where nothing moves. */
  private fade(): void {
    this.glowing = Date.now();
    setTimeout(() => {
      this.glowing = 0;
      this.update();
    }, GLOW + 100);
  }

  /** Opens the way to a node and makes it the active one. */
  goTo(path: string): void {
    const node = this.tree.byPath.get(path);
    if (node === undefined) return;
    for (let at = node.parent; at !== null; at = at.parent) this.open.add(at.path);
    this.selected = path;
    this.refresh();
    const index = this.list.indexOf(node);
    if (index >= 0) this.rows.go(index);
  }

  private isOpen(node: Node): boolean {
    return isOpen(node, this.open, this.closed, this.found);
  }

  private toggle(node: Node, to: boolean): void {
    if (to) this.open.add(node.path);
    else this.open.delete(node.path);
    if (to) this.closed.delete(node.path);
    else this.closed.add(node.path);
    this.refresh();
  }

  private press(node: Node, x: number): void {
    if (node.kids.size > 0 && x < indent(node) + INDENT + 8) this.toggle(node, !this.isOpen(node));
  }

  private key(node: Node | undefined, event: KeyboardEvent): boolean {
    if (node === undefined) return false;
    const open = node.kids.size > 0 && this.isOpen(node);
    if (event.key === "ArrowRight") {
      if (open) this.rows.go(this.rows.active + 1);
      else if (node.kids.size > 0) this.toggle(node, true);
    } else if (event.key === "ArrowLeft") {
      if (open) this.toggle(node, false);
      else if (node.parent !== null) this.rows.go(this.list.indexOf(node.parent));
    } else if (event.key === "Enter" || event.key === " ") {
      if (node.kids.size > 0) this.toggle(node, !open);
    } else if (event.key === "*") {
      for (const sibling of node.parent === null ? [node] : children(node.parent)) this.open.add(sibling.path);
      this.refresh();
    } else return false;
    return true;
  }

  private select(node: Node | undefined): void {
    if (node === undefined) return;
    this.selected = node.path;
    this.details();
  }

  private row(node: Node): HTMLElement {
    const now = Date.now();
    const kids = node.kids.size;
    const open = kids > 0 && this.isOpen(node);
    const siblings = node.parent === null ? [node] : children(node.parent);
    const name = h("span", { class: "name" }, h("span", { class: "twisty", "aria-hidden": "true" }));
    name.style.paddingLeft = `${indent(node)}px`;
    name.append(h("span", { class: "label" }, ...textOf(node.name)));
    if (kids > 0) name.append(h("span", { class: "count" }, String(kids)));
    const changed = node.changed > 0 ? `${node.what} ${clock(node.time)}` : "";
    const row = h(
      "div",
      {
        role: "treeitem",
        class: "row",
        "aria-level": node.depth + 1,
        "aria-setsize": siblings.length,
        "aria-posinset": siblings.indexOf(node) + 1,
        "aria-expanded": kids > 0 ? String(open) : undefined,
        "aria-selected": String(node.path === this.selected),
        "data-path": shown(node.path),
      },
      name,
      h("span", { class: "value" }, ...textOf(node.value.slice(0, IN_ROW))),
      h("span", { class: "perms" }, shown(node.perms)),
      h("span", { class: "changed" }, changed),
    );
    if (this.found !== null && !this.found.matches.has(node)) row.classList.add("way");
    glow(row, now - node.changed, "glow");
    if (!open) glow(row, now - node.below, "glow-below");
    return row;
  }

  private details(): void {
    const node = this.tree.byPath.get(this.selected);
    const key = node ? [node.path, node.value, node.perms, node.time, node.kids.size].join("\n") : "";
    if (key === this.told) return;
    this.told = key;
    byId("details").replaceChildren(...(node ? described(node) : [h("p", {}, "The node is not there any more.")]));
  }

  private recent(): void {
    const box = byId("recent");
    if (this.tree.recent.length === 0) return;
    const first = String(this.tree.recent[0]?.[0] ?? "");
    if (box.dataset.first === first) return;
    box.dataset.first = first;
    box.replaceChildren(...this.tree.recent.slice(0, 60).map(changeRow));
  }

  private pressRecent(event: Event): void {
    const path = (event.target as HTMLElement).closest<HTMLElement>("[data-at]")?.dataset.at;
    if (path !== undefined) this.goTo(path);
  }
}

function indent(node: Node): number {
  return Math.min(node.depth, DEEPEST) * INDENT;
}

/** A class for the time of a glow; a row that is drawn again meanwhile goes on where it was. */
function glow(row: HTMLElement, age: number, name: string): void {
  if (age >= GLOW) return;
  row.classList.add(name);
  row.style.animationDelay = `${-age}ms`;
}

function changeRow([, time, what, path]: Change): HTMLElement {
  const button = h("button", { type: "button", "data-at": path, class: "link", title: shown(path) }, ...textOf(path));
  return h("li", {}, h("time", {}, clock(time)), h("span", { class: `what ${what}` }, what), button);
}

function described(node: Node): HTMLElement[] {
  const bytes = node.length === 1 ? "1 byte" : `${whole(node.length)} bytes`;
  const more = node.length > node.value.length ? `, the first ${whole(node.value.length)} of them here` : "";
  const lines = permsInWords(node.perms).map((line) => h("li", {}, shown(line)));
  return [
    h("h3", { class: "path" }, ...textOf(node.path)),
    h("p", { class: "dim" }, `Value, ${bytes}${more}`),
    h("pre", { tabindex: 0, "aria-label": "Value" }, ...textOf(node.value)),
    h("p", { class: "dim" }, `Permissions ${shown(node.perms)}, owner ${ownerOf(shown(node.perms))}`),
    h("ul", {}, ...lines),
    h("p", { class: "dim" }, `${node.kids.size} children${node.time ? `; ${node.what} at ${clock(node.time)}` : ""}`),
  ];
}
