// Translates one function from operations to C, block by block. The stack of the interpreter is followed at translation
// time (values.mjs), so most pushes and pops need no C.
import { Assigned } from "./liveness.mjs";
import { Constants } from "./constants.mjs";
import { isUnowned, taken, value } from "./values.mjs";
import { Known } from "./infer-types.mjs";
import { localOf, target } from "./operands.mjs";
import { operations } from "./operations.mjs";
import { Shapes } from "./shape-guards.mjs";
import { written } from "./emit-c.mjs";

const jumps = /^(goto|if_true|if_false)(8|16)?$/;

const same = (one, other) => one.kind === other.kind && one.c === other.c;

/** The variable that is set to `this` at the start and never changed; -1: none. */
function selfLocalOf(fn) {
  const is = (op) => /^(put|set|inc|dec|add)_loc/.test(op.name);
  const [first, second] = fn.ops;
  if (first.name !== "push_this" || !/^put_loc[0-38]?$/.test(second.name)) return -1;
  const local = localOf(second);
  return fn.ops.some((op, i) => i > 1 && is(op) && localOf(op) === local) ? -1 : local;
}

export class Translation {
  /** `names`: namesOf() of the program; `firstWord`: the first free word of translated_words; `known`: the types of its
   * variables. */
  constructor(fn, index, names, firstWord, known = new Known()) {
    this.known = known;
    this.word = firstWord;
    this.shapeWords = [];
    this.assigned = new Assigned();
    this.constants = new Constants();
    this.shapes = new Shapes();
    this.fn = fn;
    this.index = index;
    this.names = names;
    this.at = new Map(fn.ops.map((op, i) => [op.at, i]));
    this.leaders = new Set(fn.ops.filter((op) => jumps.test(op.name)).map(target));
    this.entry = new Map([[0, []]]);
    this.work = [0];
    this.blocks = new Map();
    this.variables = new Map();
    this.exits = new Map();
    this.changedArgs = new Set();
    this.selfLocal = selfLocalOf(fn);
    this.count = 0;
    this.lines = [];
    this.stack = [];
  }

  // --- used by the operations ---

  emit(line) {
    this.lines.push(line);
  }

  /** A new C variable. */
  fresh(type, prefix) {
    const name = `${prefix}${++this.count}`;
    this.variables.set(name, type);
    return name;
  }

  push(kind, c) {
    this.stack.push({ kind, c });
  }

  pop() {
    return this.stack.pop();
  }

  top(n = 1) {
    return this.stack[this.stack.length - n];
  }

  /** Stores an owned value in a new variable, and returns its entry. */
  make(expression) {
    const c = this.fresh("JSValue", "o");
    this.emit(`${c} = ${expression};`);
    return { kind: "own", c };
  }

  /** Takes references to values that are borrowed from objects. Needed before anything is freed. */
  settle(end = this.stack.length) {
    for (let i = 0; i < end; i++) if (this.stack[i].kind === "ptr") this.stack[i] = this.make(taken(this.stack[i]));
  }

  /** Frees entries that were popped. */
  release(...entries) {
    const owned = entries.filter((e) => e.kind === "own");
    if (owned.length === 0) return;
    this.settle();
    for (const e of owned) this.emit(`translated_free(ctx, ${e.c});`);
  }

  /** The label of a side exit: before the operation at `at`, or (`thrown`) with a pending exception. */
  exit(at, thrown = false) {
    const first = this.fn.args + this.fn.vars;
    const stores = this.stack.map((e, i) => `buf[${first + i}] = ${value(e)}; `).join("");
    const borrowed = this.stack.reduce((mask, e, i) => (isUnowned(e) || e.kind === "own" ? mask : mask | (1 << i)), 0);
    if (this.stack.length > 32) throw new Error(`${this.fn.name}: a stack of ${this.stack.length}`);
    const leaving = `{${at}, ${this.stack.length}, ${thrown ? 1 : 0}, ${borrowed}}`;
    const text = `${stores}${leaving}`;
    let label = this.exits.get(text)?.label;
    if (label === undefined) {
      label = `x${this.exits.size}`;
      this.exits.set(text, { label, stores, leaving });
    }
    return label;
  }

  /** The place of the property that the operation names, by a function of runtime/inline_cache.h, `how`. */
  search(how, type, entry, op) {
    this.constants.want(entry, "object");
    this.known.use(entry, this.names.texts.has(op.text) ? "asked" : "object");
    const c = this.fresh(type, "p");
    this.emit(`${c} = ${how}(ctx, ${value(entry)}, code + ${op.at + 1}, CACHE(${this.word}));`);
    this.shapeWords.push(this.word, this.word + 2);
    this.word += 4;
    this.leaveIf(`!${c}`, op);
    return c;
  }

  /** The same for an own property, by a shape guard (shape-guards.mjs). undefined: there can be none for this entry. */
  own(entry, op, put) {
    const object = this.shapes.of(entry);
    if (object === undefined || !this.names.fields.has(op.text)) return undefined;
    this.constants.want(entry, "object");
    this.known.use(entry, "object");
    const n = object.number;
    const index = this.shapes.place(object, op, put);
    const c = this.fresh("JSValue *", "q");
    this.emit(`if (!is${n}) {`);
    this.leaveIf(`!translated_is(ctx, ${value(entry)}, known${n}, code, names${n}, countof(names${n}))`, op);
    this.emit(`base${n} = (char *)JS_VALUE_GET_OBJ(${value(entry)})->prop; is${n} = 1; }`);
    this.emit(`${c} = (JSValue *)(base${n} + known${n}[${index + 1}]);`);
    return c;
  }

  /** Forgets checked shapes: all, after code of the program has run; or that of a variable that changed (`key`). */
  forget(key = "") {
    this.lines.push({ forget: key });
  }

  leaveIf(condition, op) {
    this.emit(`if (SIDE_EXIT(${condition})) goto ${this.exit(op.at)};`);
  }

  throwIf(condition, op) {
    this.emit(`if (unlikely(${condition})) goto ${this.exit(op.next, true)};`);
  }

  /** Copies a variable's value to the stack entries that refer to it, before it changes. */
  keepOld(kind, i) {
    for (let at = 0; at < this.stack.length; at++) {
      const e = this.stack[at];
      if (e.kind === kind && e.c === i) this.stack[at] = this.make(taken(e));
      if (kind !== "local" || e.local !== i) continue;
      const c = this.fresh("int32_t", "i");
      this.emit(`${c} = ${e.c};`);
      this.stack[at] = { kind: "i32", c };
    }
  }

  // --- blocks ---

  /** Moves stack entries to the variables s0, s1, ... in which the next block expects them; all but the topmost `but`. */
  flush(but = 0) {
    const end = this.stack.length - but;
    for (let i = 0; i < end; i++) {
      const e = this.stack[i];
      // The loop below would overwrite it before it is read.
      if (e.kind === "own" && /^s\d+$/.test(e.c) && e.c !== `s${i}`) this.stack[i] = this.make(e.c);
    }
    for (let i = 0; i < end; i++) {
      const e = this.stack[i];
      if ((e.kind === "own" && e.c === `s${i}`) || e.catch) continue;
      this.variables.set(`s${i}`, "JSValue");
      this.emit(`s${i} = ${taken(e)};`);
      this.stack[i] = { kind: "own", c: `s${i}` };
    }
  }

  /** A jump; the stack must be flushed. */
  jump(to) {
    this.assigned.jump(to);
    const seen = this.entry.get(to);
    if (seen === undefined) {
      this.entry.set(to, this.stack.slice());
      this.work.push(to);
    } else if (seen.length !== this.stack.length || !seen.every((e, i) => same(e, this.stack[i]))) {
      throw new Error(`${this.fn.name}: two stacks meet at ${to}`);
    }
    return `goto L${to};`;
  }

  /** Checks the interrupt budget if the jump goes backwards. */
  poll(from, to) {
    return to > from ? "" : `if (unlikely(js_poll_interrupts(ctx))) goto ${this.exit(to, true)}; `;
  }

  block(start) {
    this.assigned.begin(start);
    this.lines = [];
    this.stack = this.entry.get(start).slice();
    for (let i = this.at.get(start); ; i++) {
      const op = this.fn.ops[i];
      if (op.at !== start && this.leaders.has(op.at)) {
        this.flush();
        this.emit(this.jump(op.at));
        break;
      }
      const act = operations[op.name];
      if (act === undefined) {
        this.emit(`goto ${this.exit(op.at)}; /* ${op.name} */`);
        break;
      }
      const ahead = act(this, op, i);
      if (ahead === "end") break;
      if (ahead !== undefined) i = ahead;
    }
    this.blocks.set(start, this.lines);
  }

  /** Translates a function twice: the second time with the types that the first has found. Returns it and its C. */
  static twice(...given) {
    const first = new Translation(...given);
    first.translate();
    const second = new Translation(...given, new Known(first.known));
    return [second, second.translate()];
  }

  /** Returns the function in C. */
  translate() {
    while (this.work.length > 0) {
      const start = this.work.pop();
      if (!this.blocks.has(start)) this.block(start);
    }
    this.assigned.settle();
    const [next, shapeWords] = this.shapes.layOut(this.word);
    this.word = next;
    this.shapeWords.push(...shapeWords);
    return written(this);
  }
}
