// Operations that only move stack entries.
import { taken } from "./values.mjs";
import { row } from "./rows.mjs";

row("drop", (t) => t.release(t.pop()));
row("nip", (t) => {
  const top = t.pop();
  const e = t.pop();
  t.stack.push(top);
  t.release(e);
});
/** A copy of an entry. */
export function twice(t, e) {
  if (e.kind !== "own") return { ...e };
  return t.make(taken({ kind: "held", c: e.c }));
}
row("dup1", (t) => {
  t.stack.splice(-1, 0, twice(t, t.top(2)));
});
row("dup2", (t) => {
  const copies = [twice(t, t.top(2)), twice(t, t.top(1))];
  t.stack.push(...copies);
});
row("dup3", (t) => {
  const copies = [twice(t, t.top(3)), twice(t, t.top(2)), twice(t, t.top(1))];
  t.stack.push(...copies);
});
row("insert2", (t) => {
  t.stack.splice(-2, 0, twice(t, t.top()));
});
row("insert3", (t) => {
  t.stack.splice(-3, 0, twice(t, t.top()));
});
row("insert4", (t) => {
  t.stack.splice(-4, 0, twice(t, t.top()));
});
/** Reorders the topmost entries. `from`: the old index of each, from the lowest. */
const order = (name, ...from) =>
  row(name, (t) => {
    const was = t.stack.splice(-from.length);
    t.stack.push(...from.map((i) => was[i]));
  });
order("swap", 1, 0);
order("perm3", 1, 0, 2);
order("perm4", 2, 0, 1, 3);
order("rot3l", 1, 2, 0);
order("rot3r", 2, 0, 1);
order("rot4l", 1, 2, 3, 0);
order("swap2", 2, 3, 0, 1);
