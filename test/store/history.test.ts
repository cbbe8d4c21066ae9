import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Changers } from "../../src/store/changers.ts";
import { Writer } from "../../src/store/past.ts";
import { savePast } from "../../src/store/past-state.ts";
import { entry, Right } from "../../src/store/perms.ts";
import { compact } from "../../src/store/tidy.ts";
import { Transaction } from "../../src/store/transaction.ts";
import { Tree } from "../../src/store/tree.ts";
import { FakePathIndex } from "../support/path-index.ts";

const test = suite("history");

const STEPS = 6000;
let seed = 0;
function any(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return (seed >>> 16) % below;
}

const PATHS = ["/a", "/a/b", "/a/b/c", "/a/d", "/e", "/e/f"];

type State = ReadonlyMap<string, string>;

function listed(names: string): string {
  return names.split("\0").join(",");
}

/** All that can be asked of a path, as one text. */
function now(tree: Tree): State {
  const state = new Map<string, string>();
  for (const path of ["/", ...PATHS]) {
    const id = tree.find(path);
    if (id < 0) state.set(path, "-");
    else state.set(path, `${tree.value(id)} ${tree.perms.get(tree.permissions(id)).wire} ${listed(tree.listing(id))}`);
  }
  return state;
}

function seen(tree: Tree, t: Transaction): State {
  const state = new Map<string, string>();
  for (const path of ["/", ...PATHS]) {
    const id = t.find(path);
    if (id < 0) state.set(path, "-");
    else state.set(path, `${t.value(id)} ${tree.perms.get(t.permissions(id)).wire} ${listed(t.listing(id))}`);
  }
  return state;
}

/** One change at random. */
function change(tree: Tree): void {
  const path = PATHS[any(PATHS.length)] as string;
  const id = tree.find(path);
  if (id < 0) {
    const above = tree.above(path);
    tree.createPath(above, path, tree.permissions(above), `made ${any(1000)}`, tree.nameStart(above));
    return;
  }
  const what = any(8);
  if (what < 2) tree.remove(id);
  else if (what < 4) tree.setPerms(id, tree.perms.intern([entry(0, Right.none), entry(1 + any(3), Right.read)]));
  else tree.setValue(id, `value ${any(1000)}`);
}

for (const begin of [1, 2, 3, 4, 5]) {
  test(`each of snapshots that come and go sees the store as it was, seed ${begin}`, () => {
    seed = begin;
    const tree = new Tree([0], new FakePathIndex());
    const { history } = tree;
    tree.create(-1, "/", tree.perms.intern([entry(0, Right.none)]), "");
    tree.commit();
    const open: { t: Transaction; state: State }[] = [];
    const writers = [new Writer(0, false), new Writer(1, true), new Writer(2, true)] as const;
    history.changer = () => writers[any(3)] as Writer;
    const sum = (of: readonly Writer[]): number => of.reduce((bytes, w) => bytes + w.bytes, 0);
    let most = 0;
    for (let step = 0; step < STEPS; step++) {
      const what = any(10);
      if (what === 0 && open.length < 6) {
        open.push({ t: Transaction.start(tree, step, -1, { bytes: 0 }, null), state: now(tree) });
      } else if (what === 1 && open.length > 0) {
        // The oldest stays for long.
        const n = any(20) === 0 ? 0 : Math.min(open.length - 1, 1 + any(open.length));
        const { t, state } = open.splice(n, 1)[0] as (typeof open)[number];
        assert.equal([...seen(tree, t)], [...state]);
        t.close();
      } else {
        for (let n = any(3); n >= 0; n--) change(tree);
        if (any(10) === 0) tree.rollback();
        else tree.commit();
      }
      if (any(3) === 0) tree.reclaim.sweep(1 + any(3));
      compact(history, 10);
      if (history.behind) history.trim(10);
      most = Math.max(most, history.size);
      assert.is(sum(writers), history.bytes);
      assert.is(sum(writers.slice(1)), history.guestBytes);
    }
    // Five things to tell of a path, at most, between each two snapshots, and as many that were not looked through yet.
    assert.ok(most <= 2 * 5 * 7 * (PATHS.length + 1), `${most} records`);
    for (const { t, state } of open) {
      assert.equal([...seen(tree, t)], [...state]);
      t.close();
    }
    while (history.behind) history.trim(10);
    tree.reclaim.sweep(100);
    assert.is(history.size, 0);
    assert.is(history.bytes, 0);
    for (const { bytes } of writers) assert.is(bytes, 0);
  });
}

test("nodes that are swept later are on the account of who removed them", () => {
  const tree = new Tree([0], new FakePathIndex());
  const perms = tree.perms.intern([entry(0, Right.none)]);
  tree.create(-1, "/", perms, "");
  const make = (path: string): void => {
    const above = tree.above(path);
    tree.createPath(above, path, perms, "value", tree.nameStart(above));
    tree.commit();
  };
  tree.commit();
  for (let n = 0; n < 50; n++) make(`/d${n % 2}/${n}`);
  const [remover, other] = [new Writer(1, true), new Writer(2, true)];
  tree.history.changer = () => remover;
  const t = Transaction.start(tree, 1, -1, { bytes: 0 }, null);
  tree.remove(tree.find("/d0"));
  tree.commit();
  tree.history.changer = () => other;
  // One of them is made again before the sweep.
  make("/d0/2");
  const made = other.bytes;
  const before = remover.bytes;
  while (tree.reclaim.sweep(7));
  assert.is(other.bytes, made);
  assert.ok(remover.bytes > before + 20 * 100, `${remover.bytes} bytes`);
  const changers = new Changers(tree.history, t.snapshot);
  changers.look("/d0/4", 0, false);
  assert.equal(
    [...changers.found.keys()].map(({ domid }) => domid),
    [1],
  );
  t.close();
  assert.is(remover.bytes, 0);
  assert.is(other.bytes, 0);
});

test("records that no snapshot needs leave the queue in slices, and the others stay in their order", () => {
  const tree = new Tree([0], new FakePathIndex());
  const { history } = tree;
  const perms = tree.perms.intern([entry(0, Right.none)]);
  const root = tree.create(-1, "/", perms, "");
  const nodes = Array.from({ length: 700 }, (_, n) => tree.create(root, `/${n}`, perms, "first"));
  tree.commit();
  const start = (): Transaction => Transaction.start(tree, 1, -1, { bytes: 0 }, null);
  const rewrite = (text: string): void => {
    for (const id of nodes) tree.setValue(id, text);
    tree.commit();
  };
  const oldest = start();
  rewrite("second");
  for (let n = 0; n < 6; n++) {
    const brief = start();
    rewrite(`between ${n}`);
    brief.close();
  }
  const newest = start();
  const before = history.size;
  let slices = 0;
  let most = 0;
  for (let n = 0; n < 2000; n++) {
    compact(history, 50);
    if (history.looked >= 0) slices++;
    most = Math.max(most, history.dead);
    // Others change something, or take it back, beside that.
    tree.setValue(nodes[n % 700] as number, `after ${n}`);
    if (n % 3 === 0) tree.rollback();
    else tree.commit();
    if (n === 1000) newest.close();
  }
  assert.ok(most >= 512, `${most} records were needed no more`);
  assert.ok(slices > 20 && history.dead < 512 && history.size < before, `${slices} slices, ${history.dead} are left`);
  for (const n of [0, 1, 350, 699]) assert.is(oldest.value(oldest.find(`/${n}`)), "first");
  oldest.close();
  while (history.behind) history.trim(10);
  assert.is(history.size, 0);
  assert.is(history.bytes, 0);
});

test("of a node that has changed, what a live update takes along is what differs", () => {
  const tree = new Tree([0], new FakePathIndex());
  const perms = [1, 2].map((domid) => tree.perms.intern([entry(0, Right.none), entry(domid, Right.read)]));
  const root = tree.create(-1, "/", perms[0] as number, "");
  const id = tree.create(root, "/large", perms[0] as number, "x".repeat(1900));
  tree.commit();
  const open: Transaction[] = [];
  for (let n = 0; n < 10; n++) {
    open.push(Transaction.start(tree, n, -1, { bytes: 0 }, null));
    tree.setPerms(id, perms[1 - (n % 2)] as number);
    tree.commit();
  }
  const pasts = savePast(tree);
  assert.is(pasts.length, 10);
  const size = JSON.stringify(pasts).length;
  assert.ok(size < 2000, `${size} bytes`);
  for (const t of open) t.close();
});

test("who looks for those who changed what was read looks at each ancestor once", () => {
  const tree = new Tree([0], new FakePathIndex());
  const { history } = tree;
  let looks = 0;
  const { heads } = history;
  const get = heads.get.bind(heads);
  heads.get = (path) => {
    looks++;
    return get(path);
  };
  const changers = new Changers(history, 0);
  const above = "/a".repeat(200);
  for (let n = 0; n < 300; n++) changers.look(`${above}/${n}`, 0, n % 2 === 0);
  assert.ok(looks <= 300 + 2 * 202, `${looks} looks`);
});

test("an old listing of a large directory that was removed does not lead to rows that are used again", () => {
  const tree = new Tree([0], new FakePathIndex());
  const { history } = tree;
  const perms = tree.perms.intern([entry(0, Right.none)]);
  const root = tree.create(-1, "/", perms, "");
  const make = (path: string): void => {
    const above = tree.above(path);
    tree.createPath(above, path, perms, "", tree.nameStart(above));
    tree.commit();
  };
  // More than is kept as a copy of the names.
  const names = Array.from({ length: 120 }, (_, n) => `a-name-of-some-length-${n}`);
  for (const name of names) make(`/p/${name}`);
  const start = (id: number): Transaction => Transaction.start(tree, id, -1, { bytes: 0 }, null);
  const write = (path: string): void => {
    tree.setValue(tree.find(path), "x");
    tree.commit();
  };
  const first = start(1);
  make("/p/d");
  const second = start(2);
  write("/p/d");
  tree.remove(tree.find("/p"));
  tree.commit();
  tree.reclaim.sweep(1000);
  const third = start(3);
  make("/p/d");
  second.close();
  third.close();
  // Each of these makes the chain of /p/d longer, until it is looked through.
  for (let id = 4; id < 10; id++) {
    const brief = start(id);
    write("/p/d");
    brief.close();
    write("/p/d");
    compact(history, 10);
  }
  for (let n = 0; n < 200; n++) make(`/secret-${n}`);
  assert.ok(root >= 0);
  assert.equal(first.listing(first.find("/p")).split("\0").slice(0, -1), names);
  first.close();
});

test("many paths with long chains are looked through in slices", () => {
  const tree = new Tree([0], new FakePathIndex());
  const { history } = tree;
  const perms = tree.perms.intern([entry(0, Right.none)]);
  const root = tree.create(-1, "/", perms, "");
  const nodes = Array.from({ length: 400 }, (_, n) => tree.create(root, `/${n}`, perms, "first"));
  tree.commit();
  const start = (id: number): Transaction => Transaction.start(tree, id, -1, { bytes: 0 }, null);
  const oldest = start(0);
  for (let round = 1; round < 8; round++) {
    const brief = start(round);
    for (const id of nodes) tree.setValue(id, `round ${round}`);
    tree.commit();
    brief.close();
  }
  assert.ok(history.untidy.length >= 400);
  const before = history.size;
  compact(history, 10);
  assert.ok(history.size < before && history.untidy.length > 100, "one slice does a part of it");
  let slices = 1;
  for (; history.untidy.length > 0; slices++) compact(history, 10);
  assert.ok(slices > 5, `${slices} slices`);
  assert.is(history.size, 800, "of each path the first change, and the last");
  assert.is(oldest.value(oldest.find("/7")), "first");
  oldest.close();
});

test.run();
