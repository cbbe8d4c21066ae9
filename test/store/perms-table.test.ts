import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Kept } from "../../src/host.ts";
import { entry, Right, STALE } from "../../src/store/perms.ts";
import { PermsTable } from "../../src/store/perms-table.ts";
import { FakeJournal } from "../support/journal.ts";

const test = suite("permission lists");

/** A table with a journal, and what a program that starts from that journal has. */
function begin(): { table: PermsTable; recovered: (held: readonly number[]) => PermsTable } {
  const header = new Int32Array(8);
  const journal = new FakeJournal(header);
  const table = new PermsTable();
  table.journal = journal;
  return {
    table,
    recovered: (held) => {
      journal.commit();
      const again = new PermsTable();
      journal.scan(Kept.lists);
      for (let text = journal.next(); text !== null; text = journal.next()) again.restore(header[0] as number, text);
      for (const id of held) again.hold(id);
      again.restored();
      again.journal = journal;
      return again;
    },
  };
}

/** `count` lists of domain 1, different ones, each of which names domain 7. */
function many(table: PermsTable, count: number): number[] {
  return Array.from({ length: count }, (_, n) => {
    const id = table.intern([entry(1, Right.none), entry(7, Right.read), entry(100 + n, Right.write)]);
    table.hold(id);
    return id;
  });
}

function found(table: PermsTable): string[] {
  const lines: string[] = [];
  table.check((line) => lines.push(line));
  return lines;
}

test("a domain that died has no rights at once, however many lists name it, and a later one has none of them", () => {
  const { table } = begin();
  const ids = many(table, 500);
  const owned = table.intern([entry(7, Right.none), entry(1, Right.read)]);
  table.hold(owned);
  const before = table.bytes(1);
  table.forget(7);
  assert.is(table.left > 500, true, "they are looked through later");
  assert.is(table.get(ids[3] as number).rights(7, -1), Right.none);
  assert.is(table.wire(ids[4] as number), "n1\0w104\0");
  assert.is(table.get(owned).owner, -1);
  assert.is(table.wire(owned), "n7\0r1\0");
  // The same entries again, of a later domain with the number.
  const later = table.intern([entry(1, Right.none), entry(7, Right.read), entry(105, Right.write)]);
  table.hold(later);
  assert.is.not(later, ids[5]);
  assert.is(table.get(later).rights(7, -1), Right.read);
  assert.is(table.get(ids[5] as number).rights(7, -1), Right.none);
  assert.is(table.same(ids[5] as number, later), false);
  assert.is(table.same(ids[5] as number, table.intern([entry(1, Right.none), entry(105, Right.write)])), true);
  let slices = 1;
  for (; table.sweep(50); slices++);
  assert.ok(slices >= 10, `${slices} slices`);
  assert.is(table.get(later).rights(7, -1), Right.read);
  assert.equal(found(table), []);
  assert.ok(table.bytes(1) < before, "shorter lists cost less");
});

test("what is not swept yet when the program fails is swept by the next one", () => {
  for (const swept of [0, 3, 200]) {
    const { table, recovered } = begin();
    const ids = many(table, 100);
    const owned = table.intern([entry(7, Right.none)]);
    table.hold(owned);
    table.forget(7);
    const later = table.intern([entry(1, Right.none), entry(7, Right.read), entry(110, Right.write)]);
    table.hold(later);
    if (swept > 0) table.sweep(swept);
    const again = recovered([...ids, owned, later]);
    assert.is(again.get(ids[50] as number).rights(7, -1), Right.none);
    assert.is(again.get(later).rights(7, -1), Right.read);
    assert.is(again.get(owned).owner, -1);
    assert.is(again.bytes(7), 0);
    assert.equal(found(again), []);
    while (again.sweep(7));
    const third = recovered([...ids, owned, later]);
    assert.is(third.get(ids[10] as number).rights(7, -1), Right.none);
    assert.is(third.get(later).rights(7, -1), Right.read);
    assert.is(third.wire(owned), "n7\0");
  }
});

test("a number that dies again while lists of its first life are left", () => {
  const { table } = begin();
  const [first] = many(table, 1) as [number];
  table.forget(7);
  const second = table.intern([entry(1, Right.none), entry(7, Right.write)]);
  table.hold(second);
  table.forget(7);
  const third = table.intern([entry(1, Right.none), entry(7, Right.write)]);
  table.hold(third);
  for (const id of [first, second]) assert.is(table.get(id).rights(7, -1), Right.none);
  assert.is(table.get(third).rights(7, -1), Right.write);
  while (table.sweep(1));
  assert.is(table.get(third).rights(7, -1), Right.write);
  assert.is(table.count, 3);
});

test("what is dropped after its owner's death is on nobody's account", () => {
  const { table } = begin();
  const old = table.intern([entry(7, Right.none), entry(1, Right.read)]);
  table.hold(old);
  table.forget(7);
  const later = table.intern([entry(7, Right.none), entry(2, Right.read)]);
  table.hold(later);
  const { bytes } = table.get(later);
  table.release(old);
  assert.is(table.bytes(7), bytes);
  assert.equal(found(table), []);
});

test("an entry of a domain that did not exist stays, for it gives nothing", () => {
  const { table } = begin();
  const id = table.intern([entry(1, Right.none), entry(7, Right.read) | STALE, entry(7, Right.write)]);
  table.hold(id);
  table.forget(7);
  assert.is(table.wire(id), "n1\0r7\0");
  assert.is(table.get(id).rights(7, -1), Right.none);
});

test("a death that cannot be noted is none, and the next list and the next death have their numbers", () => {
  const { table, recovered } = begin();
  const ids = many(table, 5);
  const journal = table.journal as unknown as FakeJournal;
  const list = journal.list;
  journal.list = () => {
    throw new Error("out of memory");
  };
  assert.throws(() => table.forget(7), /out of memory/);
  journal.list = list;
  for (const id of ids) assert.match(table.wire(id), /r7/);
  const more = table.intern([entry(1, Right.none), entry(8, Right.read)]);
  table.hold(more);
  assert.is(table.count, 6);
  table.forget(7);
  assert.is(table.wire(more), "n1\0r8\0");
  const again = recovered([...ids, more]);
  for (const of of [table, again]) {
    for (const id of ids) assert.not.match(of.wire(id), /r7/);
    assert.is(of.wire(more), "n1\0r8\0");
    assert.is(of.count, 6);
    assert.equal(found(of), []);
  }
});

test("a sweep that has no memory goes on later", () => {
  const { table } = begin();
  const ids = many(table, 20);
  table.forget(7);
  const journal = table.journal as unknown as FakeJournal;
  const list = journal.list.bind(journal);
  let fails = 3;
  journal.list = (id, text) => {
    if (fails-- > 0) throw new Error("out of memory");
    list(id, text);
  };
  for (let n = 0; n < 3; n++) assert.throws(() => table.sweep(100), /out of memory/);
  assert.is(table.sweep(100), false);
  assert.is(table.left, 0);
  for (const id of ids) assert.not.match(table.wire(id), /r7/);
  assert.equal(found(table), []);
});

test.run();
