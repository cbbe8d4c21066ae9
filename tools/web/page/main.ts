import { Charts } from "./charts.ts";
import {
  ask,
  embedded,
  type Figures,
  type FiguresAnswer,
  type FileData,
  type Packet,
  type PacketsAnswer,
  type State,
  type TreeAnswer,
} from "./data.ts";
import { byId, short, whole } from "./dom.ts";
import { DomainsView } from "./domains.ts";
import { Tree } from "./model.ts";
import {
  conflictsGrid,
  connectionsGrid,
  failedRows,
  firesGrid,
  packetFilter,
  packetsGrid,
  showSlow,
} from "./tables.ts";
import { Tabs, themeSwitch } from "./tabs.ts";
import { shown } from "./text.ts";
import { TreeView } from "./treeview.ts";

/** Packets that the page keeps. */
const PACKETS = 2000;
const ALL_TABS = ["tree", "domains", "load", "watches", "conflicts", "connections", "packets"];

const tree = new Tree();
const view = new TreeView(tree);
const domains = new DomainsView();
const charts = new Charts();
const names = new Map<number, string>();
const named = (domid: number): string => {
  const name = names.get(domid) ?? tree.byPath.get(`/local/domain/${domid}/name`)?.value;
  return name ? `${domid} ${name}` : String(domid);
};
const fires = firesGrid(named);
const conflicts = conflictsGrid(named);
const connections = connectionsGrid(named);
const packetTable = packetsGrid(named);
let packets: Packet[] = [];

for (const [id, grid] of Object.entries({ fires, conflicts, connections, packets: packetTable }))
  byId(`${id}-grid`).append(grid.box);
const tabs = new Tabs((name) => {
  if (name === "load") charts.update();
  if (name === "domains") domains.update();
  if (name === "packets") void poll.packets();
});
themeSwitch(() => charts.update(true));
for (const id of ["packet-filter", "packet-domid"]) byId(id).addEventListener("input", () => showPackets());
new ResizeObserver(() => charts.update()).observe(byId("charts"));

function showPackets(): void {
  const found = packetFilter(packets);
  byId("packet-count").textContent = `${whole(found.length)} of the last ${whole(packets.length)} packets`;
  packetTable.set(found);
}

function showFigures(figures: Figures): void {
  names.clear();
  for (const { domid, name } of figures.domains) if (name !== "") names.set(domid, name);
  domains.set(figures.domains);
  charts.set(figures.samples);
  fires.set(figures.fires);
  connections.set(figures.connections);
  const suffered = figures.connections.filter((c) => c["conflicts-suffered"] || c["conflicts-caused"]);
  conflicts.set(figures.connections.length > 0 ? suffered : failedRows(figures));
  showSlow(figures);
  byId("seen").textContent = figures.traced ? `, ${whole(figures.seen)} of them so far` : "";
  showHead(figures);
}

function showHead({ store, samples, domains: all, connections: links }: Figures): void {
  const last = samples.at(-1);
  const facts = tree.size > 1 ? [`${whole(tree.size)} nodes`] : [];
  if (all.length > 0) facts.push(`${whole(all.length)} domains`);
  if (links.length > 0) facts.push(`${whole(links.length)} connections`);
  if (store?.["memory/watches"]) facts.push(`${whole(Number(store["memory/watches"]))} watches`);
  if (last && typeof last[1] === "number" && store) facts.push(`${short(last[1], 0)} requests/s`);
  if (store?.refusals) facts.push(`${whole(Number.parseInt(store.refusals, 10))} refused`);
  if (store?.version) facts.push(shown(store.version));
  byId("facts").textContent = facts.join(" · ");
}

function showState(state: State): void {
  const box = byId("status");
  const walking = `reading the tree: ${whole(state.read)} nodes so far`;
  const text = state.error !== "" ? `store away: ${state.error}` : state.whole ? "live" : walking;
  // Only what is new is told to a screen reader.
  if (box.textContent !== text) box.textContent = text;
  box.className = state.error !== "" ? "away" : state.whole ? "live" : "walking";
  byId("left-out").hidden = !state.leftOut;
}

const NOTHING: Figures = {
  store: null,
  samples: [],
  domains: [],
  connections: [],
  slow: [],
  slowest: [],
  fires: [],
  failed: [],
  traced: false,
  seen: 0,
};

const poll = {
  start: "",
  seq: -1,
  round: -1,
  async tree(): Promise<void> {
    const answer = await ask<TreeAnswer>(`/tree?since=${poll.seq}`);
    showState(answer);
    if (answer.start !== poll.start) {
      // The numbers were another server's.
      const first = poll.start === "";
      poll.start = answer.start;
      poll.seq = poll.round = -1;
      packets = [];
      if (!first) return;
    }
    if (answer.nodes !== undefined) tree.load(answer.nodes);
    if (answer.changes !== undefined) tree.apply(answer.changes, Date.now());
    if (answer.seq === undefined || (answer.seq === poll.seq && answer.nodes === undefined)) return;
    poll.seq = answer.seq;
    view.update();
  },
  async figures(): Promise<void> {
    const answer = await ask<FiguresAnswer>(`/figures?since=${poll.round}`);
    showState(answer);
    if (answer.round === poll.round || answer.domains === undefined) return;
    poll.round = answer.round;
    const figures = { ...NOTHING, ...answer };
    byId("untold").hidden = figures.store !== null;
    byId("untraced").hidden = figures.traced;
    showFigures(figures);
  },
  async packets(): Promise<void> {
    if (live === false) return;
    const since = packets.at(-1)?.[0] ?? -1;
    const answer = await ask<PacketsAnswer>(`/packets?since=${since}`);
    if (answer.packets.length === 0) return;
    packets = [...packets, ...answer.packets].slice(-PACKETS);
    showPackets();
  },
};

/** Asks again and again; slower while nobody looks. */
async function again(run: () => Promise<void>, every: number): Promise<void> {
  for (;;) {
    try {
      await run();
    } catch (error) {
      showState({
        error: `xenstore-web does not answer (${error instanceof Error ? error.message : error})`,
        whole: true,
        read: 0,
        leftOut: false,
        start: "",
      });
    }
    await new Promise((go) => setTimeout(go, document.hidden ? 5 * every : every));
  }
}

function showFile(data: FileData): void {
  const state = data.kind === "state";
  document.title = `${shown(data.title)} - xenstore`;
  byId("source").textContent = `${state ? "state" : "trace"} ${data.title}`;
  byId("status").textContent = "from a file";
  byId("status").className = "file";
  if (data.nodes) tree.load(data.nodes);
  packets = data.packets ?? [];
  tabs.only(state ? ["tree", "domains", "connections"] : ["load", "watches", "conflicts", "packets"]);
  view.update();
  showFigures({ ...NOTHING, ...data, traced: !state });
  showPackets();
  byId("recent-box").hidden = true;
}

const data = embedded();
const live = data === null;
if (data !== null) showFile(data);
else {
  tabs.only(ALL_TABS);
  byId("source").textContent = location.host;
  void again(poll.tree, 1000);
  void again(poll.figures, 2000);
  void again(() => (tabs.current === "packets" ? poll.packets() : Promise.resolve()), 2000);
}
