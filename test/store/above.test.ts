import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Tree } from "../../src/store/tree.ts";
import { FakePathIndex } from "../support/path-index.ts";

const test = suite("above");

/** A chain of so many levels, then a sibling of the third that is removed and not swept. */
function chain(levels: number): Tree {
  const tree = new Tree([0], new FakePathIndex());
  const perms = tree.perms.intern([0, 0]);
  const root = tree.create(-1, "/", perms, "");
  tree.create(-1, "@special", perms, "");
  if (levels > 0) tree.createPath(root, "/a".repeat(levels), perms, null, 1);
  tree.createPath(root, "/a/a/gone/b/c", perms, null, tree.nameStart(root));
  tree.commit();
  tree.remove(tree.find("/a/a/gone"));
  tree.commit();
  return tree;
}

const below = ["/x", "/x/y", "/x/y/z", "/long-name/b/c/d/e/f", "//", "/x//y", "/x/"];

for (const levels of [2, 3, 4, 7, 8, 9, 100]) {
  test(`the nearest that is there, of ${levels} levels`, () => {
    const tree = chain(levels);
    for (let from = 0; from <= levels; from += levels > 20 ? 7 : 1)
      for (const rest of below) {
        const path = "/a".repeat(from) + rest;
        const found = tree.above(path);
        assert.is(tree.paths[found], from === 0 ? "/" : "/a".repeat(from), path);
      }
  });
}

test("what is removed is not there, special nodes have nothing above", () => {
  const tree = chain(2);
  assert.is(tree.paths[tree.above("/a/a/gone")], "/a/a");
  assert.is(tree.paths[tree.above("/a/a/gone/b")], "/a/a");
  assert.is(tree.paths[tree.above("/a/a/gone/b/c/d/e")], "/a/a");
  assert.is(tree.above("@nothing"), -1);
  assert.is(tree.above("nothing/at/all"), -1);
});

test.run();
