import type { Domain, Usage } from "./data.ts";
import { byId, h, short, whole } from "./dom.ts";
import { Grid } from "./grid.ts";
import { textOf } from "./text.ts";

/** From this part of a limit on a domain is near it. */
const NEAR = 0.8;
/** Quotas with a column; the others stand in the details. */
const COLUMNS = ["nodes", "watches", "memory", "transactions", "outstanding"];

function part([now, , limit]: Usage): number {
  return now === null || limit === 0 ? 0 : now / limit;
}

/** The quotas that a domain is near to, the nearest first. */
export function near(domain: Domain): { name: string; part: number }[] {
  return Object.entries(domain.quotas)
    .map(([name, usage]) => ({ name, part: part(usage) }))
    .filter((one) => one.part >= NEAR)
    .sort((a, b) => b.part - a.part);
}

const percent = (of: number): string => `${Math.floor(of * 100)} %`;
/** For CSS, which wants no space in it. */
const length = (of: number): string => `${Math.min(1, of) * 100}%`;

/** A figure of a quota: bytes of memory in KiB, all others as they are. */
function figure(name: string, value: number): string {
  return name.endsWith("memory") ? short(value / 1024, 0) : whole(value);
}

const unit = (name: string): string => (name.endsWith("memory") ? " KiB" : "");

function bar(name: string, usage: Usage | undefined): HTMLElement {
  if (usage === undefined) return h("span", { class: "dim" }, "");
  const [now, highest, limit] = usage;
  const box = h("span", { class: part(usage) >= NEAR ? "bar near" : "bar" });
  if (now !== null && limit > 0) {
    const fill = h("span", { class: "fill" });
    fill.style.width = length(part(usage));
    box.append(fill);
    if (highest !== null) {
      const tick = h("span", { class: "tick", title: `highest: ${figure(name, highest)}${unit(name)}` });
      tick.style.left = length(highest / limit);
      box.append(tick);
    }
  }
  const of = limit > 0 ? ` / ${figure(name, limit)}${unit(name)}` : "";
  box.append(h("span", { class: "figure" }, `${now === null ? "-" : figure(name, now)}${of}`));
  box.setAttribute("aria-label", `${name}: ${now ?? "not counted"}${limit > 0 ? ` of ${limit}` : ", no limit"}`);
  return box;
}

export class DomainsView {
  private all: readonly Domain[] = [];
  private chosen = -1;
  private readonly grid: Grid<Domain>;

  constructor() {
    const quotas = COLUMNS.map((name) => ({
      title: name,
      width: name === "memory" ? "minmax(116px, 1fr)" : "minmax(94px, 1fr)",
      right: true,
      by: (d: Domain) => part(d.quotas[name] ?? [0, 0, 0]) || (d.quotas[name]?.[0] ?? 0) / 1e9,
      cell: (d: Domain) => bar(name, d.quotas[name]),
      help: "Used now, and the limit; the tick is the highest. Sorted by the part of the limit.",
    }));
    this.grid = new Grid<Domain>(
      "Domains",
      [
        { title: "domain", width: "62px", right: true, by: (d) => d.domid, cell: (d) => String(d.domid) },
        { title: "name", width: "minmax(80px, 1fr)", by: (d) => d.name, cell: (d) => textOf(d.name) },
        {
          title: "near a limit",
          width: "minmax(116px, 1.3fr)",
          right: true,
          by: (d) => near(d)[0]?.part ?? 0,
          cell: (d) => nearText(d),
          help: "Quotas of which 80 % or more is used",
        },
        ...quotas,
        {
          title: "requests/s",
          width: "82px",
          right: true,
          by: (d) => d.rates?.[0] ?? 0,
          cell: (d) => short(d.rates?.[0]),
        },
        {
          title: "events/s",
          width: "70px",
          right: true,
          by: (d) => d.rates?.[1] ?? 0,
          cell: (d) => short(d.rates?.[1]),
        },
        {
          title: "refused",
          width: "66px",
          right: true,
          by: (d) => Number.parseInt(d.refusals ?? "0", 10),
          cell: (d) => (d.refusals === undefined ? "" : String(Number.parseInt(d.refusals, 10))),
        },
      ],
      -3,
      "No domain fits, or this store does not tell of domains.",
      (domain) => {
        this.chosen = domain.domid;
        this.details();
      },
      (domain) => (near(domain).length > 0 ? "near" : ""),
    );
    byId("domains-grid").append(this.grid.box);
    for (const id of ["domain-filter", "domain-near"]) byId(id).addEventListener("input", () => this.update());
  }

  set(domains: readonly Domain[]): void {
    this.all = domains;
    this.update();
    this.details();
  }

  update(): void {
    const text = (byId("domain-filter") as HTMLInputElement).value.trim().toLowerCase();
    const nearOnly = (byId("domain-near") as HTMLInputElement).checked;
    const rows = this.all.filter(
      (d) =>
        (text === "" || String(d.domid) === text || d.name.toLowerCase().includes(text)) &&
        (!nearOnly || near(d).length > 0),
    );
    const nears = this.all.filter((d) => near(d).length > 0).length;
    byId("domain-count").textContent =
      `${whole(rows.length)} of ${whole(this.all.length)} domains, ${nears} near a limit`;
    this.grid.set(rows);
  }

  private details(): void {
    const domain = this.all.find(({ domid }) => domid === this.chosen);
    if (domain === undefined) return;
    const rows = Object.entries(domain.quotas).map(([name, usage]) =>
      h(
        "div",
        { class: "quota" },
        h("span", {}, name),
        bar(name, usage),
        h("span", { class: "dim" }, usageText(name, usage)),
      ),
    );
    const lines = [
      domain.refusals && domain.refusals !== "0" ? `Refused: ${domain.refusals}` : "",
      domain.target ? `Has the rights of domain ${domain.target} besides` : "",
    ].filter((line) => line !== "");
    byId("domain-details").replaceChildren(
      h("h3", {}, `Domain ${domain.domid} `, ...textOf(domain.name)),
      ...rows,
      ...lines.map((line) => h("p", {}, line)),
    );
  }
}

function usageText(name: string, [now, highest, limit]: Usage): string {
  const most = highest === null ? "" : `highest ${figure(name, highest)}${unit(name)}, `;
  const of = limit > 0 && now !== null ? `, ${percent(now / limit)} used` : "";
  return `${most}${limit > 0 ? `limit ${figure(name, limit)}${unit(name)}` : "no limit"}${of}`;
}

function nearText(domain: Domain): HTMLElement | string {
  const found = near(domain);
  if (found.length === 0) return "";
  return h("span", { class: "warning" }, `⚠ ${found.map(({ name, part }) => `${name} ${percent(part)}`).join(", ")}`);
}
