import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isDead } from "../../src/store/rows.ts";
import { Tree } from "../../src/store/tree.ts";
import { FakePathIndex } from "../support/path-index.ts";

const test = suite("owned");

test("nodes of removed subtrees do not count, swept or not", () => {
  const tree = new Tree([0], new FakePathIndex());
  const root = tree.create(-1, "/", tree.perms.intern([0, 0]), "");
  const own = tree.perms.intern([1, 0]);
  tree.createPath(root, `/a${"/b".repeat(50)}`, own, null, 1);
  tree.createPath(root, `/c${"/d".repeat(20)}`, own, null, 1);
  tree.commit();
  assert.is(tree.reclaim.owned(1), 72);
  tree.remove(tree.find(`/a${"/b".repeat(10)}`));
  tree.remove(tree.find("/c/d"));
  tree.commit();
  assert.is(tree.reclaim.owned(1), 11);
  tree.createPath(tree.find("/c"), "/c/d/e", own, null, 3);
  tree.commit();
  for (let more = true; more; more = tree.reclaim.sweep(7)) assert.is(tree.reclaim.owned(1), 13);
  assert.is(tree.reclaim.owned(1), 13);
  assert.is(tree.owners.count(1), 13);
});

test("what is found is noted for a row and all on the way, alive only where that lasts", () => {
  const tree = new Tree([0], new FakePathIndex());
  const root = tree.create(-1, "/", tree.perms.intern([0, 0]), "");
  tree.createPath(root, "/a/b/c", tree.permissions(root), null, 1);
  tree.commit();
  const [a, b, c] = ["/a", "/a/b", "/a/b/c"].map((path) => tree.find(path)) as [number, number, number];
  const known = new Uint8Array(64);
  assert.is(isDead(tree, c, known, false), false);
  tree.remove(b);
  assert.is(isDead(tree, c, known, false), true);
  assert.is(isDead(tree, b, known, true), true);
  assert.is(isDead(tree, a, known, true), false);
  assert.equal([known[a], known[b], known[c]], [2, 0, 1]);
});

test.run();
