// Finds the variables that may hold a value at a return, so that only those are freed there.

export class Assigned {
  /** By block: the variables that may hold a value at its start. */
  #before = new Map([[0, new Set()]]);
  /** Jumps: { from, to, set }. `set`: variables that block `from` sets before the jump. */
  #edges = [];
  #block = 0;
  #set = new Set();

  begin(block) {
    this.#block = block;
    this.#set = new Set();
  }

  put(i) {
    this.#set.add(i);
  }

  jump(to) {
    this.#edges.push({ from: this.#block, to, set: new Set(this.#set) });
  }

  /** The present place, for at(). `but`: a variable to leave out. */
  mark(but) {
    return { block: this.#block, set: new Set(this.#set), but };
  }

  /** Propagates along all jumps, after the last block. */
  settle() {
    for (let changed = true; changed; ) {
      changed = false;
      for (const { from, to, set } of this.#edges) {
        const before = this.#before.get(to) ?? new Set();
        const { size } = before;
        for (const i of [...(this.#before.get(from) ?? []), ...set]) before.add(i);
        changed ||= before.size > size || !this.#before.has(to);
        this.#before.set(to, before);
      }
    }
  }

  /** The variables that may hold a value at a place of mark(). */
  at({ block, set, but }) {
    const all = new Set([...(this.#before.get(block) ?? []), ...set]);
    all.delete(but);
    return all;
  }
}
