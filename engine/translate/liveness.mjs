// Which variables of a function can have a value at a place: only those are let go of where it returns.

export class Assigned {
  /** Block => the variables that can have one where it begins. */
  #before = new Map([[0, new Set()]]);
  /** Jumps: { from, to, set }; set: by the block in front of the jump. */
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

  /** This place, for at(); `but`: a variable that is not asked for. */
  mark(but) {
    return { block: this.#block, set: new Set(this.#set), but };
  }

  /** When all blocks are known. */
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

  at({ block, set, but }) {
    const all = new Set([...(this.#before.get(block) ?? []), ...set]);
    all.delete(but);
    return all;
  }
}
