// Guards for own properties of objects that have a name in the function: `this`, an argument, a variable, a constant. The
// object's shape is checked once for all of its properties that the function uses, and again after a call, which may have
// changed it.

const named = new Set(["self", "arg", "local", "constant"]);

export class Shapes {
  /** By key of the object: its number and properties. */
  #objects = new Map();

  /** The guard of an entry; undefined: the entry has no name. */
  of(entry) {
    if (!named.has(entry.kind)) return undefined;
    const key = `${entry.kind} ${entry.c}`;
    let object = this.#objects.get(key);
    if (object === undefined) {
      object = { key, number: this.#objects.size, places: new Map() };
      this.#objects.set(key, object);
    }
    return object;
  }

  /** The index, among the object's properties, of the one that the operation names. `put`: it is written. */
  place(object, op, put) {
    const place = object.places.get(op.text) ?? { index: object.places.size, at: op.at + 1, put: false };
    place.put ||= put;
    object.places.set(op.text, place);
    return place.index;
  }

  /** Gives each object a word for its shape and one for each property, from `first` on. Returns [next free, shape words]. */
  layOut(first) {
    const shapes = [];
    let next = first;
    for (const object of this.#objects.values()) {
      object.first = next;
      shapes.push(next);
      next += 1 + object.places.size;
    }
    return [next, shapes];
  }

  declarations() {
    return [...this.#objects.values()].map((object) => {
      const names = [...object.places.values()].map(({ at, put }) => `{${at}, ${put ? 1 : 0}}`);
      const n = object.number;
      return `    static const struct translated_name names${n}[] = {${names.join(", ")}};
    compressed_pointer *const known${n} = words + ${object.first};
    char *base${n} = NULL;
    int is${n} = 0;`;
    });
  }

  /** C that makes the guards check again: all of them, or that of one key. */
  forgotten(key) {
    const gone = [...this.#objects.values()].filter((object) => key === "" || object.key === key);
    return gone.map((object) => `is${object.number} = 0;`).join(" ");
  }
}
