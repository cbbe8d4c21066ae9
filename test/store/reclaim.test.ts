import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Transaction } from "../../src/store/transaction.ts";
import { Tree } from "../../src/store/tree.ts";
import { FakeJournal } from "../support/journal.ts";
import { FakePathIndex } from "../support/path-index.ts";

const test = suite("removed subtrees");

/** A removed subtree of `count` nodes and its root beside an open snapshot that may need all of them. */
function removed(count: number) {
  const tree = new Tree([0], new FakePathIndex());
  const journal = new FakeJournal(new Int32Array(8));
  tree.attachJournal(journal);
  const perms = tree.perms.intern([0, 0]);
  const root = tree.create(-1, "/", perms, "");
  const top = tree.create(root, "/top", perms, "");
  for (let n = 0; n < count; n++) tree.create(top, `/top/${n}`, perms, `${n}`);
  tree.commit();
  const t = Transaction.start(tree, 1, 0, { bytes: 0 }, null);
  tree.remove(top);
  tree.commit();
  journal.commit();
  return { tree, journal, t };
}

/** Memory ends in the next call of History.removed but `before`. */
function failAfter(tree: Tree, before: number): void {
  const { history } = tree;
  const noted = history.removed.bind(history);
  let left = before;
  history.removed = (...of) => {
    if (left-- > 0) return noted(...of);
    history.removed = noted;
    throw new Error("out of memory");
  };
}

for (const at of [0, 1, 5, 9])
  test(`the journal knows the rows that were swept before memory ended, ${at} of 10`, () => {
    const { tree, journal, t } = removed(10);
    const [nodes] = journal.counts() as [number];
    assert.is(nodes, 11);
    failAfter(tree, at);
    assert.throws(() => tree.reclaim.sweep(100), /out of memory/);
    journal.commit();
    assert.is(journal.counts()[0], nodes - at);
    assert.is(tree.size, 12 - at);
    assert.is(tree.reclaim.sweep(100), false);
    journal.commit();
    assert.is(journal.counts()[0], 1);
    assert.is(tree.size, 1);
    for (let n = 0; n < 10; n++) assert.is(t.value(t.find(`/top/${n}`)), `${n}`);
    t.close();
  });

test("a sweep for which the journal has no room does nothing, and a smaller one can", () => {
  const { tree, journal, t } = removed(10);
  journal.most = 10;
  assert.throws(() => tree.reclaim.sweep(6), /out of memory/);
  assert.is(tree.size, 12);
  while (tree.reclaim.sweep(5));
  journal.commit();
  assert.is(tree.size, 1);
  assert.is(journal.counts()[0], 1);
  t.close();
});

test.run();
