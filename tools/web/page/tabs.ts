import { byId } from "./dom.ts";

/** The tabs: arrow keys go from one to the next, as in WAI-ARIA's pattern. */
export class Tabs {
  private readonly tabs = [...document.querySelectorAll<HTMLElement>("[role=tab]")];
  current = "tree";

  constructor(private readonly shown: (name: string) => void) {
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.show(nameOf(tab)));
      tab.addEventListener("keydown", (event) => this.keydown(tab, event));
    }
  }

  private keydown(tab: HTMLElement, event: KeyboardEvent): void {
    const there = this.tabs.filter((one) => !one.hidden);
    const at = there.indexOf(tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: there.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = there[(to + there.length) % there.length] as HTMLElement;
    this.show(nameOf(next));
    next.focus();
  }

  show(name: string): void {
    this.current = name;
    for (const tab of this.tabs) {
      const chosen = nameOf(tab) === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      byId(`panel-${nameOf(tab)}`).hidden = !chosen;
    }
    this.shown(name);
  }

  /** Leaves out the tabs that have nothing to show. */
  only(names: readonly string[]): void {
    for (const tab of this.tabs) tab.hidden = !names.includes(nameOf(tab));
    this.show(names[0] as string);
  }
}

function nameOf(tab: HTMLElement): string {
  return tab.id.slice("tab-".length);
}

const THEMES = ["auto", "light", "dark"] as const;
const KEPT = "xenstore-web-theme";

/** The switch between the system's colours, light and dark. */
export function themeSwitch(changed: () => void): void {
  const button = byId("theme");
  const set = (theme: string): void => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
    changed();
  };
  button.addEventListener("click", () => {
    const at = THEMES.indexOf(document.documentElement.dataset.theme as (typeof THEMES)[number]);
    const next = THEMES[(at + 1) % THEMES.length] as string;
    // A browser that keeps nothing for this page has the switch all the same.
    try {
      localStorage.setItem(KEPT, next);
    } catch {}
    set(next);
  });
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {}
  set(THEMES.find((theme) => theme === kept) ?? "auto");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
