// The Markdown table of a run.
import { figures, judge } from "./goals.mjs";

const print = (value, digits) => (Number.isNaN(value) ? "-" : value >= 100 ? value.toFixed(0) : value.toFixed(digits));

/** Returns { text, missed }: the table, and the names of rows whose goal is missed. */
export function table(rows, runs) {
  const lines = [
    "| case | figure | xenstore-ts | C xenstored | oxenstored | of best | goal | |",
    "|---|---|---|---|---|---|---|---|",
  ];
  const missed = [];
  for (const row of rows) {
    if (runs(row.of, "ours").length === 0) continue;
    const { unit, digits } = figures[row.figure];
    const { value, peers, share, goal, met } = judge(row, runs);
    if (met === false) missed.push(row.name);
    const cells = [row.name, unit, ...[value, peers.c, peers.ocaml].map((v) => print(v, digits))];
    cells.push(Number.isFinite(share) ? share.toFixed(2) : "-", goal, met === null ? "" : met ? "met" : "**missed**");
    lines.push(`| ${cells.join(" | ")} |`);
  }
  return { text: `${lines.join("\n")}\n`, missed };
}
