type Value = string | number | boolean | ((event: never) => void) | undefined;

/** An element. Text comes in as text nodes alone, so that nothing of the store is ever parsed as HTML. */
export function h(tag: string, props: Record<string, Value> = {}, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** The element of the page with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** The value of a custom property of the style as a colour that a canvas understands. */
export function colour(name: string): string {
  const probe = h("span", { hidden: true });
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** Hours, minutes and seconds of a time in seconds since 1970. */
export function clock(seconds: number): string {
  const at = new Date(seconds * 1000);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** A number that fits into a column. */
export function short(value: number | null | undefined, digits = 1): string {
  if (value === null || value === undefined) return "";
  return value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export function whole(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}

export function debounced(run: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      run();
    });
  };
}
