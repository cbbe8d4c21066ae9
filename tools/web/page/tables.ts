import { type Connection, type Figures, type Fired, type Packet, TYPES } from "./data.ts";
import { byId, clock, h, short, whole } from "./dom.ts";
import { Grid } from "./grid.ts";
import { shown, textOf } from "./text.ts";

/** A domain's number and name. */
type Named = (domid: number) => string;

const number = (value: number | undefined): string => (value ? whole(value) : "0");
const when = (seconds: number): string =>
  seconds > 1e6 ? `${clock(seconds)}.${String(Math.floor((seconds % 1) * 1000)).padStart(3, "0")}` : seconds.toFixed(6);

export function firesGrid(named: Named): Grid<Fired> {
  return new Grid<Fired>(
    "Who fires whose watches",
    [
      {
        title: "who changes",
        width: "minmax(130px, 1fr)",
        by: ([who]) => who,
        cell: ([who]) => (who < 0 ? h("span", { class: "dim" }, "no packet tells") : shown(named(who))),
      },
      {
        title: "whose watch",
        width: "minmax(130px, 1fr)",
        by: ([, whose]) => whose,
        cell: ([, whose]) => shown(named(whose)),
      },
      { title: "events", width: "90px", right: true, by: ([, , count]) => count, cell: ([, , count]) => whole(count) },
      {
        title: "last path",
        width: "minmax(200px, 3fr)",
        by: ([, , , path]) => path,
        cell: ([, , , path]) => textOf(path),
      },
      {
        title: "last",
        width: "120px",
        right: true,
        by: ([, , , , time]) => time,
        cell: ([, , , , time]) => when(time),
      },
    ],
    -3,
    "No watch event has been seen.",
  );
}

const SUFFERED = "conflicts-suffered";
const CAUSED = "conflicts-caused";

export function conflictsGrid(named: Named): Grid<Connection> {
  return new Grid<Connection>(
    "Conflicts of transactions",
    [
      { title: "domain", width: "minmax(130px, 1fr)", by: (c) => c.domain, cell: (c) => shown(named(c.domain)) },
      { title: "connection", width: "100px", right: true, by: (c) => c.number, cell: (c) => String(c.number) },
      {
        title: "process",
        width: "minmax(120px, 1fr)",
        by: (c) => c.process ?? "",
        cell: (c) => textOf(c.process ?? ""),
      },
      {
        title: "its failed",
        width: "100px",
        right: true,
        by: (c) => c[SUFFERED] ?? 0,
        cell: (c) => number(c[SUFFERED]),
      },
      {
        title: "last in its way",
        width: "minmax(140px, 1fr)",
        by: (c) => c["hindered-by"] ?? "",
        cell: (c) => (c["hindered-by"] ? shown(named(Number(c["hindered-by"]))) : ""),
      },
      {
        title: "of others, for it",
        width: "130px",
        right: true,
        by: (c) => c[CAUSED] ?? 0,
        cell: (c) => number(c[CAUSED]),
      },
    ],
    -4,
    "No transaction has failed for another's change.",
  );
}

export function connectionsGrid(named: Named): Grid<Connection> {
  const rate = (n: 0 | 1) => (c: Connection) => c.rates?.[n] ?? 0;
  const count = (title: string, key: "queue" | "transactions" | "watches" | "dropped"): object => ({
    title,
    width: "96px",
    right: true,
    by: (c: Connection) => c[key] ?? 0,
    cell: (c: Connection) => number(c[key]),
  });
  return new Grid<Connection>(
    "Connections",
    [
      { title: "number", width: "80px", right: true, by: (c) => c.number, cell: (c) => String(c.number) },
      { title: "kind", width: "66px", by: (c) => c.kind, cell: (c) => shown(c.kind) },
      { title: "domain", width: "minmax(110px, 1fr)", by: (c) => c.domain, cell: (c) => shown(named(c.domain)) },
      {
        title: "process",
        width: "minmax(130px, 1fr)",
        by: (c) => c.process ?? "",
        cell: (c) => [...textOf(c.process ?? ""), c.own ? " (this page)" : ""],
      },
      { title: "requests/s", width: "90px", right: true, by: rate(0), cell: (c) => short(c.rates?.[0]) },
      { title: "events/s", width: "84px", right: true, by: rate(1), cell: (c) => short(c.rates?.[1]) },
      count("queue", "queue") as never,
      count("dropped", "dropped") as never,
      count("transactions", "transactions") as never,
      count("watches", "watches") as never,
      {
        title: "last request",
        width: "150px",
        by: (c) => c["last-request"] ?? "",
        cell: (c) => shown(c["last-request"] ?? ""),
      },
      { title: "state", width: "110px", by: (c) => c.state ?? "", cell: (c) => shown(c.state ?? "") },
    ],
    -5,
    "This store does not tell of connections.",
  );
}

function typeOf(packet: Packet): string {
  return TYPES[packet[5]] ?? String(packet[5]);
}

export function packetsGrid(named: Named): Grid<Packet> {
  return new Grid<Packet>(
    "Packets",
    [
      { title: "number", width: "84px", right: true, by: (p) => p[0], cell: (p) => String(p[0]) },
      { title: "time", width: "112px", right: true, by: (p) => p[1], cell: (p) => when(p[1]) },
      { title: "way", width: "84px", by: (p) => p[4], cell: (p) => (p[4] ? "← reply" : "→ request") },
      { title: "domain", width: "minmax(100px, 1fr)", by: (p) => p[3], cell: (p) => shown(named(p[3])) },
      { title: "connection", width: "94px", right: true, by: (p) => p[2], cell: (p) => String(p[2]) },
      { title: "type", width: "150px", by: typeOf, cell: typeOf },
      { title: "request", width: "80px", right: true, by: (p) => p[6], cell: (p) => String(p[6]) },
      { title: "transaction", width: "94px", right: true, by: (p) => p[7], cell: (p) => (p[7] ? String(p[7]) : "") },
      { title: "waited, ms", width: "92px", right: true, by: (p) => p[10] ?? -1, cell: (p) => short(p[10], 3) },
      { title: "payload", width: "minmax(220px, 4fr)", by: (p) => p[9], cell: payload },
    ],
    -1,
    "No packet fits, or none has been seen.",
    undefined,
    (p) => (typeOf(p) === "ERROR" ? "error" : ""),
  );
}

function payload(p: Packet): (Node | string)[] {
  const kept = p[9].slice(0, p[8]);
  const more = p[8] > kept.length ? ` and ${p[8] - kept.length} bytes` : "";
  return [...textOf(kept), h("span", { class: "dim" }, more)];
}

/** The packets that the filter of their tab lets through. */
export function packetFilter(packets: readonly Packet[]): Packet[] {
  const words = (byId("packet-filter") as HTMLInputElement).value.toLowerCase().split(/\s+/).filter(Boolean);
  const domid = (byId("packet-domid") as HTMLInputElement).value.trim();
  return packets.filter((p) => {
    if (domid !== "" && String(p[3]) !== domid) return false;
    const text = `${typeOf(p)} ${p[9]}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function showSlow({ slow, slowest, store }: Figures): void {
  const count = Number(store?.["slow/count"] ?? 0);
  const after = store?.["slow/after-ms"];
  byId("slow-head").textContent =
    `${whole(count)} replies took longer than ${after} ms since the store's start, those to this page among them. The latest, the last one first:`;
  byId("slow-box").hidden = after === undefined;
  byId("slow").replaceChildren(...slow.map((line) => h("li", {}, ...textOf(line))));
  byId("slowest-box").hidden = slowest.length === 0;
  byId("slowest").replaceChildren(
    ...slowest.map(([wait, time, line]) => h("li", {}, `${short(wait, 3)} ms, at ${when(time)}, `, ...textOf(line))),
  );
}

/** Failed transactions that packets show, for a file that has nothing else. */
export function failedRows(figures: Figures): Connection[] {
  return figures.failed.map(([domain, count]) => ({
    number: 0,
    kind: "",
    domain,
    watches: 0,
    transactions: 0,
    [SUFFERED]: count,
  }));
}
