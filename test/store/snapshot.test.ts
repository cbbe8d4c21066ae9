import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Transaction } from "../../src/store/transaction.ts";
import { Tree } from "../../src/store/tree.ts";
import { FakePathIndex } from "../support/path-index.ts";

const test = suite("snapshot");

/** Where 32 bits of generations end, once and again. */
const CLOCKS = [0, 2 ** 31 - 2, 2 ** 32 - 2, 3 * 2 ** 31 - 2, 2 ** 40 - 2];
const none = { removing: () => {}, changed: () => {} };

/** A store whose clock stands at `clock` when the transaction starts. */
function started(clock: number) {
  const tree = new Tree([0], new FakePathIndex());
  const perms = tree.perms.intern([0, 0]);
  const root = tree.create(-1, "/", perms, "");
  tree.clock = clock - 3;
  const rows = ["/same", "/changed", "/gone"].map((path) => tree.create(root, path, perms, `${path} before`));
  tree.commit();
  const t = Transaction.start(tree, 1, 0, { bytes: 0 }, null);
  return { tree, rows: rows as [number, number, number], perms, root, t };
}

for (const clock of CLOCKS) {
  test(`nodes found by row are those of the start, from generation ${clock} on`, () => {
    const { tree, rows, perms, root, t } = started(clock);
    const [same, changed, gone] = rows;
    tree.setValue(changed, "after");
    tree.commit();
    tree.remove(gone);
    tree.commit();
    const instead = tree.create(root, "/instead", perms, "");
    tree.commit();
    tree.reclaim.sweep(100);
    assert.is(t.value(t.findAt("/same", same)), "/same before");
    assert.is(t.value(t.findAt("/changed", changed)), "/changed before");
    assert.is(t.findAt("/instead", instead), -1);
    assert.is(t.value(t.findAt("/gone", gone)), "/gone before");
    assert.is(t.valid(), false);
    t.close();
  });

  test(`what changed after it was told ends it, from generation ${clock} on`, () => {
    for (const disturbed of [false, true]) {
      const { tree, rows, t } = started(clock);
      const [same, changed] = rows;
      for (const row of [same, changed]) assert.is(t.value(t.findAt(tree.paths[row] as string, row)), tree.value(row));
      t.setValue(t.findAt("/same", same), "ours");
      tree.setValue(disturbed ? changed : rows[2], "theirs");
      tree.commit();
      assert.is(t.valid(), !disturbed);
      if (!disturbed) t.apply(none);
      tree.commit();
      assert.is(tree.value(same), disturbed ? "/same before" : "ours");
      t.close();
    }
  });
}

test.run();
