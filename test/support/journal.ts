import { type Journal, Kept } from "../../src/host.ts";
import { type Columns, columnNames } from "../../src/store/journal.ts";

interface Entry {
  readonly parent: number;
  readonly perms: number;
  readonly name: string;
  readonly value: string;
  readonly stamp: number;
}

/** A journal of maps; what is told counts with commit(). */
export class FakeJournal implements Journal {
  readonly rows = new Int32Array(1024);
  /** Plain objects: a test makes a Map's functions fail. */
  private readonly tables: { [id: number]: Entry }[] = [{}, {}, {}, {}];
  private staged: (() => void)[] = [];
  /** Nodes among them: what comes of one later must not change its place among its siblings. */
  private readonly fresh = new Set<number>();
  private stamp = 0;
  private numbers = 0;
  private readonly free: number[] = [];
  private reading: [number, Entry][] = [];
  private order: number[] = [];
  private current: Entry | null = null;

  constructor(private readonly header: Int32Array) {}

  private shown: Columns | null = null;
  /** What its members were then. */
  private held: Columns | null = null;
  readonly changed = new Int32Array(1);

  columns(columns: Columns): void {
    this.shown = columns;
    this.held = Object.fromEntries(columnNames.map((name) => [name, columns[name]])) as unknown as Columns;
  }

  places(): void {}

  changes(count: number): void {
    for (const name of columnNames)
      if (this.shown?.[name] !== this.held?.[name]) throw new Error(`the journal was not shown the column ${name}`);
    for (let n = 0; n < count; n++) this.read((this.shown as Columns).rows[n] as number);
  }

  private readChanged(): void {
    const count = this.changed[0] as number;
    this.changed[0] = 0;
    if (count > 0) this.changes(count);
  }

  private read(id: number): void {
    const { paths, values, parent, permsOf, flags } = this.shown as Columns;
    const above = parent[id] as number;
    const perms = permsOf[id] as number;
    const value = values[id] as string;
    const path = paths[id] as string;
    const start = above < 0 ? 0 : paths[above] === "/" ? 1 : (paths[above] as string).length + 1;
    if (!((flags[id] as number) & 32)) this.gone(id);
    else if (id in this.table(Kept.nodes) || this.fresh.has(id))
      this.put(Kept.states, id, { parent: -1, perms, name: "", value });
    else {
      this.fresh.add(id);
      this.put(Kept.nodes, id, { parent: above, perms, name: path.slice(start), value });
      this.drop_(Kept.states, id);
    }
  }

  private gone(id: number): void {
    this.drop_(Kept.nodes, id);
    this.drop_(Kept.states, id);
  }

  /** Deletions for which there is room. */
  private room = 0;
  /** reserve() finds no memory for more. */
  most = Number.POSITIVE_INFINITY;

  reserve(count: number): void {
    if (count > this.most) throw new Error("out of memory");
    this.room = count;
  }

  released(count: number): void {
    if (2 * count > this.room) throw new Error(`${count} rows released, with room for ${this.room / 2}`);
    this.room -= 2 * count;
    for (let i = 0; i < count; i++) this.gone(this.rows[i] as number);
  }

  list(id: number, entries: string): void {
    this.put(Kept.lists, id, { parent: -1, perms: -1, name: "", value: entries });
  }

  keep(id: number, text: string): number {
    const place = id >= 0 ? id : (this.free.pop() ?? this.numbers++);
    this.put(Kept.texts, place, { parent: -1, perms: -1, name: "", value: text });
    return place;
  }

  note(id: number, kind: string, a: number, b: number, c: number, d: number, e: number, text: string): number {
    return this.keep(id, `${kind}${a},${b},${c},${d},${e},${text}`);
  }

  drop(id: number): void {
    this.staged.push(() => {
      if (!(id in this.table(Kept.texts))) return;
      delete this.table(Kept.texts)[id];
      this.free.push(id);
    });
  }

  commit(): void {
    this.readChanged();
    this.fresh.clear();
    for (const step of this.staged) step();
    this.staged = [];
  }

  discard(): void {
    this.fresh.clear();
    this.staged = [];
    this.changed[0] = 0;
  }

  usedLists(marks: Uint8Array): void {
    for (const table of [Kept.nodes, Kept.states])
      for (const { perms } of Object.values(this.table(table))) if (perms >= 0) marks[perms] = 1;
  }

  scan(table: Kept): number {
    this.discard();
    this.reading = Object.entries(this.table(table)).map(([id, entry]) => [Number(id), entry]);
    if (table === Kept.texts) this.reading.sort(([, a], [, b]) => a.stamp - b.stamp);
    this.order = [...this.reading].sort(([, a], [, b]) => a.stamp - b.stamp).map(([id]) => id);
    return Math.max(-1, ...this.order) + 1;
  }

  next(): string | null {
    const first = this.reading.shift();
    if (first === undefined) return null;
    const [id, entry] = first;
    this.header[0] = id;
    this.header[1] = entry.parent;
    this.header[2] = entry.perms;
    this.current = entry;
    return entry.name === "" ? entry.value : entry.name;
  }

  value(): string {
    return (this.current as Entry).value;
  }

  orderInto(...columns: Int32Array[]): void {
    // Somebody else's numbers are in them.
    for (const column of columns) column.fill(4711);
  }

  row(): number {
    return this.order.shift() ?? -1;
  }

  memory(): number {
    return 0;
  }

  /** The texts, in no order. */
  texts(): readonly { readonly value: string }[] {
    return Object.values(this.table(Kept.texts));
  }

  /** How many there are of each table. */
  counts(): number[] {
    return this.tables.map((table) => Object.keys(table).length);
  }

  private table(table: Kept): { [id: number]: Entry } {
    return this.tables[table] as { [id: number]: Entry };
  }

  private put(table: Kept, id: number, entry: Omit<Entry, "stamp">): void {
    const stamp = ++this.stamp;
    this.staged.push(() => {
      this.table(table)[id] = { ...entry, stamp };
    });
  }

  private drop_(table: Kept, id: number): void {
    this.staged.push(() => {
      delete this.table(table)[id];
    });
  }
}
