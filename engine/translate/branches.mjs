// Jumps.
import { target } from "./operands.mjs";
import { row, truth } from "./rows.mjs";
import { twice } from "./stack.mjs";

/** The end of a conditional jump whose target tests the same value again. `gone`: the value is dropped on the way. */
function through(t, to, is) {
  const op = t.fn.ops[t.at.get(to)];
  const ask = t.fn.ops[t.at.get(to) + 1];
  if (/^if_(true|false)8?$/.test(op.name))
    return { to: op.name.startsWith("if_true") === is ? target(op) : op.next, gone: true };
  if (op.name === "dup" && /^if_(true|false)8?$/.test(ask?.name ?? "")) {
    if (ask.name.startsWith("if_true") === is) return through(t, target(ask), is);
    const drop = t.fn.ops[t.at.get(ask.next)];
    if (drop.name === "drop") return { to: drop.next, gone: true };
  }
  return { to, gone: false };
}

/** A conditional jump. `copy`: it tests a copy, and the value stays on the stack. */
function branch(t, op, i, copy) {
  const is = op.name.startsWith("if_true");
  t.flush(1);
  const c = truth(t, copy ? t.fn.ops[i - 1] : op);
  const e = t.pop();
  const end = copy ? through(t, target(op), is) : { to: target(op), gone: true };
  if (!copy) t.release(e);
  // Code for the taken jump only: the value goes along, or is freed.
  const { lines, stack } = t;
  t.lines = [];
  t.stack = stack.slice();
  if (!end.gone) {
    t.stack.push(e);
    t.flush();
  } else if (copy && e.kind === "own") {
    t.emit(`translated_free(ctx, ${e.c});`);
  }
  t.emit(t.poll(op.at, end.to) + t.jump(end.to));
  const taken = t.lines.join(" ");
  t.lines = lines;
  t.stack = stack;
  t.leaders.add(end.to);
  t.emit(`if (${is ? "" : "!"}${c}) { ${taken} }`);
  if (copy) t.stack.push(e);
  return i;
}
row("if_true if_true8 if_false if_false8", (t, op, i) => branch(t, op, i, false));
row("goto goto8 goto16", (t, op) => {
  t.flush();
  t.emit(t.poll(op.at, target(op)) + t.jump(target(op)));
  return "end";
});

row("dup", (t, _op, i) => {
  // `a || b`, `a && b`: the jump tests a copy, and the value stays as the result.
  const ask = t.fn.ops[i + 1];
  if (/^if_(true|false)8?$/.test(ask.name) && !t.leaders.has(ask.at)) return branch(t, ask, i + 1, true);
  t.stack.push(twice(t, t.top()));
  return undefined;
});
