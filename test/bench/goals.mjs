// What is to be reached, and how each figure is read from the runs of a case.

/** The least of several runs: what else the machine does can only add. */
const least = (runs, figure) => Math.min(...runs.map(figure));

/** Figures of a case by kind: how to compute, what to call it, how to print it. */
export const figures = {
  cpu: { unit: "s per 100k", of: (runs) => least(runs, (r) => (r.cpu * 1e5) / r.requests), digits: 3 },
  event: { unit: "us per event", of: (runs) => least(runs, (r) => (r.cpu * 1e6) / r.events), digits: 2 },
  eagain: { unit: "EAGAIN of all", of: (runs) => least(runs, (r) => r.eagain / r.transactions), digits: 3 },
  longest: { unit: "longest wait, ms", of: (runs) => least(runs, (r) => r.longest * 1e3), digits: 1 },
  added: { unit: "MB added", of: (runs) => least(runs, (r) => r.added / 1e6), digits: 1 },
  worst: { unit: "worst wait, CPU ms", of: (runs) => least(runs, (r) => r.worst * 1e3), digits: 1 },
  median: { unit: "median wait, CPU ms", of: (runs) => least(runs, (r) => r.median * 1e3), digits: 2 },
  start: { unit: "ms", of: (runs) => least(runs, (r) => r.start * 1e3), digits: 1 },
};

const best = (most) => ({ most, of: "best" });
const own = (name, most) => ({ most, of: name });
const at = (most) => ({ most, of: "value" });

/** `of`: the case that it is read from. */
const row = (name, figure = "cpu", goal = null, of = name) => ({ name, of, figure, goal });

/** What hostile guests do (test/bench/client/hostile.c), each kind by one of them and by eight. */
const hostile = [
  "deep-watched",
  "deep",
  "deepest",
  "status",
  "list",
  "list-part",
  "conflict",
  "commit",
  "commit-watched",
  "commit-remove",
  "burst",
  "burst-paths",
  "set-perms",
  "watch",
  "fires",
  "fan-out",
  "fan-out-each",
  "fan-out-deep",
  "fan-out-remove",
  "unseen",
  "reset",
  "silent",
  "malformed",
  "nowhere",
  "nowhere-removed",
  "snapshot-write",
  "snapshot-remove",
  "death",
];
const waits = (name, most) => [row(name, "worst", at(most)), row(`${name} median`, "median", at(5), name)];

/** The rows of the table: a case, what is read from it, and its goal. */
export const rows = [
  row("read", "cpu", best(0.5)),
  row("write", "cpu", best(0.5)),
  row("read-16", "cpu", best(0.4)),
  row("write-16", "cpu", best(0.4)),
  row("write-new", "cpu", best(0.65)),
  row("mkdir-rm", "cpu", best(0.9)),
  row("get-perms", "cpu", best(0.9)),
  row("set-perms", "cpu", best(0.9)),
  row("directory-10"),
  row("directory-1000", "cpu", best(1)),
  row("directory-part-100000"),
  row("busy-10"),
  row("busy-100"),
  row("busy-1000"),
  row("busy-4000"),
  row("idle-10"),
  row("idle-100"),
  row("idle-1000"),
  row("idle-4000", "cpu", own("read", 1.1)),
  row("transaction", "cpu", best(0.7)),
  row("transaction-8", "cpu", best(0.7)),
  row("transaction-64", "cpu", best(0.7)),
  row("siblings-8", "eagain", best(0.1)),
  row("siblings-64", "eagain", best(0.1)),
  row("counter-8", "eagain"),
  row("counter-64", "eagain"),
  row("watch"),
  row("watch-1000"),
  row("watch-50000", "cpu", own("watch", 1.1)),
  row("beside-1000"),
  row("beside-10000"),
  row("beside-50000", "cpu", own("write", 1.1)),
  row("beside-1000-of-1000"),
  row("beside-10000-of-1000"),
  row("beside-50000-of-1000", "cpu", own("write", 1.1)),
  row("fires-1", "event"),
  row("fires-10", "event"),
  row("fires-1000", "event", at(1)),
  row("fires-10-of-10", "event"),
  row("fires-1000-of-1000", "event"),
  row("visit"),
  row("visit-50000", "cpu", own("visit", 1.1)),
  row("rm-100000", "longest", at(25)),
  row("fill-100000"),
  row("pauses-100000", "longest"),
  row("memory-0", "added"),
  row("memory-10000", "added"),
  row("memory-100000", "added", at(25)),
  row("memory-1000000", "added", at(225)),
  row("memory-1000-connections", "added"),
  row("memory-50000-watches", "added"),
  row("start", "start", at(4)),
  row("domains-1000"),
  ...hostile.flatMap((kind) => [...waits(`hostile-${kind}`, 25), ...waits(`hostile-${kind}-8`, 50)]),
  ...waits("hostile-dom0-watches", 25),
  ...waits("hostile-dom0-watches-8", 50),
  row("hostile-rewrite", "eagain", at(0)),
  row("hostile-rewrite-8", "eagain", at(0)),
];

/** { value, peers, share, goal, met } of a row; `runs(name, daemon)` gives what was measured. */
export function judge({ of: source, figure, goal }, runs) {
  const read = (daemon, of = source) => {
    const good = runs(of, daemon).filter((r) => !r.error);
    return good.length ? figures[figure].of(good) : Number.NaN;
  };
  const value = read("ours");
  const peers = { c: read("c"), ocaml: read("ocaml") };
  const known = Object.values(peers).filter((v) => !Number.isNaN(v));
  const peer = known.length ? Math.min(...known) : Number.NaN;
  const share = value / peer;
  if (!goal) return { value, peers, share, goal: "", met: null };
  if (goal.of === "best")
    return { value, peers, share, goal: `${goal.most} of best`, met: verdict(value, goal.most * peer) };
  if (goal.of === "value") return { value, peers, share, goal: `${goal.most}`, met: verdict(value, goal.most) };
  const base = read("ours", goal.of);
  const times = (value / base).toFixed(2);
  return {
    value,
    peers,
    share,
    goal: `${goal.most} of own ${goal.of}: ${times}`,
    met: verdict(value, goal.most * base),
  };
}

const verdict = (value, most) => (Number.isNaN(value) || Number.isNaN(most) ? null : value <= most);
