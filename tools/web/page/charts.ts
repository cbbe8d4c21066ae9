import uPlot from "uplot";
import type { Sample } from "./data.ts";
import { byId, clock, colour, h, short } from "./dom.ts";

interface Curve {
  readonly label: string;
  /** The number of the figure in a sample. */
  readonly of: number;
  readonly colour: string;
}

interface Chart {
  readonly title: string;
  readonly unit: string;
  /** Powers of ten: a wait of a second must not flatten all others. */
  readonly powers?: boolean;
  readonly curves: readonly Curve[];
}

const CHARTS: readonly Chart[] = [
  {
    title: "Requests and watch events",
    unit: "a second",
    curves: [
      { label: "requests", of: 1, colour: "--curve-1" },
      { label: "events", of: 2, colour: "--curve-2" },
    ],
  },
  {
    title: "Waiting times",
    unit: "ms",
    powers: true,
    curves: [
      { label: "median", of: 3, colour: "--curve-1" },
      { label: "99 %", of: 4, colour: "--curve-2" },
      { label: "longest", of: 5, colour: "--curve-3" },
      { label: "this page's READ", of: 6, colour: "--curve-4" },
    ],
  },
  {
    title: "Slow replies, since the store's start",
    unit: "replies",
    curves: [{ label: "slow", of: 7, colour: "--curve-3" }],
  },
  { title: "Nodes", unit: "", curves: [{ label: "nodes", of: 8, colour: "--curve-1" }] },
];
const HEIGHT = 170;
/** The least value of a scale by powers of ten, which has no 0. */
const LEAST = 0.001;

/** The curves. A chart whose figures this store does not tell is left out. */
export class Charts {
  private plots: { plot: uPlot; chart: Chart; curves: readonly Curve[]; sum: HTMLElement }[] = [];
  private samples: readonly Sample[] = [];
  private shape = "";

  set(samples: readonly Sample[]): void {
    this.samples = samples;
    this.update();
  }

  /** Draws; `anew`: with other colours or another width. */
  update(anew = false): void {
    const box = byId("charts");
    if (box.clientWidth === 0) return;
    const charts = CHARTS.map((chart) => ({ chart, curves: chart.curves.filter(({ of }) => this.has(of)) }));
    const shape = `${box.clientWidth} ${charts.map(({ curves }) => curves.map(({ of }) => of).join()).join(" ")}`;
    if (anew || shape !== this.shape) this.build(charts, box, shape);
    for (const { plot, curves, chart, sum } of this.plots) {
      plot.setData(this.columns(chart, curves));
      sum.textContent = this.summary(chart, curves);
    }
  }

  private has(of: number): boolean {
    return this.samples.some((sample) => sample[of] !== null && sample[of] !== undefined);
  }

  private columns(chart: Chart, curves: readonly Curve[]): uPlot.AlignedData {
    const column = (of: number): (number | null)[] => this.samples.map((sample) => sample[of] ?? null);
    const drawn = (value: number | null): number | null => (value === null ? null : Math.max(value, LEAST));
    const values = curves.map(({ of }) => column(of));
    return [column(0) as number[], ...(chart.powers ? values.map((list) => list.map(drawn)) : values)];
  }

  private summary(chart: Chart, curves: readonly Curve[]): string {
    const last = this.samples.at(-1);
    const parts = curves.map(({ label, of }) => {
      const values = this.samples.map((sample) => sample[of]).filter((value) => typeof value === "number");
      const digits = chart.powers ? 3 : 1;
      return `${label} ${short(values.at(-1), digits)} (highest ${short(Math.max(...values), digits)})`;
    });
    return last
      ? `${(last[0] as number) > 1e6 ? clock(last[0] as number) : ""}${chart.unit && `, ${chart.unit}`}: ${parts.join("; ")}`
      : "";
  }

  private build(charts: { chart: Chart; curves: readonly Curve[] }[], box: HTMLElement, shape: string): void {
    this.shape = shape;
    for (const { plot } of this.plots) plot.destroy();
    box.replaceChildren();
    this.plots = [];
    const wide = box.clientWidth > 900;
    box.classList.toggle("wide", wide);
    const width = Math.floor(wide ? (box.clientWidth - 16) / 2 : box.clientWidth) - 26;
    for (const { chart, curves } of charts.filter((one) => one.curves.length > 0)) {
      const canvas = h("div", { role: "img", "aria-label": `${chart.title}, ${chart.unit}` });
      const sum = h("p", { class: "dim sum" });
      box.append(h("figure", {}, h("figcaption", {}, `${chart.title} `, h("small", {}, chart.unit)), canvas, sum));
      const plot = new uPlot(options(width, chart, curves), this.columns(chart, curves), canvas);
      this.plots.push({ plot, chart, curves, sum });
    }
  }
}

/** Times of an axis: with parts of a second where it shows few of them. */
function times(splits: number[]): (seconds: number) => string {
  // The times of a log are seconds before its last packet.
  if ((splits[0] ?? 0) < 1e6) return (seconds) => `${short(seconds, 3)} s`;
  if (splits.length < 2 || (splits[1] as number) - (splits[0] as number) >= 1) return clock;
  return (seconds) => `${clock(seconds)}.${Math.floor((seconds % 1) * 10)}`;
}

/** The powers of ten within a scale. */
function powersOfTen(_: uPlot, __: number, least: number, most: number): number[] {
  const found: number[] = [];
  for (let n = Math.ceil(Math.log10(least) - 1e-9); n <= Math.log10(most) + 1e-9; n++) found.push(10 ** n);
  return found;
}

function options(width: number, chart: Chart, curves: readonly Curve[]): uPlot.Options {
  const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  // A scale by powers of ten leaves values between them without a text.
  const values = (_: uPlot, splits: (number | null)[]): string[] =>
    splits.map((value) => value?.toLocaleString("en", { maximumFractionDigits: 3 }) ?? "");
  return {
    width,
    height: HEIGHT,
    scales: { y: chart.powers ? { distr: 3 } : { range: (_, __, most) => [0, Math.max(most * 1.1, 0.1)] } },
    axes: [
      { ...axis, values: (_, splits) => splits.map(times(splits)), space: 90, size: 28 },
      { ...axis, values, size: 58, ...(chart.powers ? { splits: powersOfTen } : {}) },
    ],
    series: [
      { label: "time", value: (_, value) => (value === null ? "" : clock(value)) },
      ...curves.map(({ label, colour: name }) => ({
        label,
        stroke: colour(name),
        width: 1.5,
        points: { size: 3, fill: colour(name) },
        value: (_: uPlot, value: number | null) => short(value, 2),
      })),
    ],
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
  };
}
