// Properties that are the objects' own, of objects that a function has in its hands under one name all the time: itself, an
// argument, a variable, a constant. The object's shape is looked at once, for all of its properties that the function
// uses; after a call, by which it can have become another, once more.

const named = new Set(["self", "arg", "local", "constant"]);

export class Shapes {
  /** Name of the object => its properties. */
  #objects = new Map();

  /** What is remembered of that object; undefined: it has no name. */
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

  /** Number of the property that the operation names, among the object's; `put`: it is written. */
  place(object, op, put) {
    const place = object.places.get(op.text) ?? { index: object.places.size, at: op.at + 1, put: false };
    place.put ||= put;
    object.places.set(op.text, place);
    return place.index;
  }

  /** Gives each object its words from `first` on, behind a word for the shape: [the next that is free, those with shapes]. */
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

  /** What is not known any more: of all objects, or of the one with that key. */
  forgotten(key) {
    const gone = [...this.#objects.values()].filter((object) => key === "" || object.key === key);
    return gone.map((object) => `is${object.number} = 0;`).join(" ");
  }
}
