import * as assert from "uvu/assert";
import { textCost } from "../../src/store/cost.ts";
import { Transaction } from "../../src/store/transaction.ts";
import type { TransactionState } from "../../src/store/transaction-state.ts";
import { Tree } from "../../src/store/tree.ts";
import { FakePathIndex } from "../support/path-index.ts";
import { group } from "../support/rows.ts";

const { test, run } = group("children in a transaction");

const NAMES = Array.from({ length: 8 }, (_, n) => `n${n}`);

let seed = 1;
function any(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return (seed >>> 16) % below;
}

/** A directory /p, with every other of the names in it, and a transaction. */
class Scene {
  readonly tree = new Tree([], new FakePathIndex());
  readonly perms = this.tree.perms.intern([0]);
  readonly account = { bytes: 0 };
  t: Transaction;
  /** What /p lists. */
  names = NAMES.filter((_, n) => n % 2 === 0);
  changes = 0;

  constructor() {
    const root = this.tree.create(-1, "/", this.perms, "");
    const parent = this.tree.create(root, "/p", this.perms, "");
    for (const name of this.names) this.tree.create(parent, `/p/${name}`, this.perms, "");
    this.tree.commit();
    this.t = Transaction.start(this.tree, 1, -1, this.account, null);
  }

  change(name: string): void {
    const { t } = this;
    const there = t.find(`/p/${name}`);
    this.changes++;
    if (there >= 0) t.remove(there);
    else t.createPath(t.find("/p"), `/p/${name}`, this.perms, "x");
    this.names = this.names.filter((one) => one !== name);
    if (there < 0) this.names.push(name);
  }

  look(): void {
    const { t, tree } = this;
    const p = t.find("/p");
    assert.is(t.listing(p), this.names.map((name) => `${name}\0`).join(""));
    assert.is(t.childBytes(p), 3 * this.names.length);
    assert.is(t.listingVersion(p), t.snapshot + this.changes);
    assert.is(tree.listing(tree.find("/p")), "n0\0n2\0n4\0n6\0");
  }

  applied(): string {
    const { t, tree } = this;
    t.apply({ removing: () => {}, changed: () => {} });
    tree.commit();
    return tree.listing(tree.find("/p"));
  }
}

test("what was done last counts, in that order, and nothing else is kept", () => {
  const scene = new Scene();
  for (const name of NAMES) for (let i = 0; i < 2; i++) scene.change(name);
  scene.look();
  const { bytes } = scene.account;
  for (let i = 0; i < 3000; i++) {
    scene.change(NAMES[any(NAMES.length)] as string);
    if (i % 7 === 0) scene.look();
  }
  // Values differ in number.
  assert.ok(scene.account.bytes <= bytes + NAMES.length * textCost(1), `${bytes} bytes became ${scene.account.bytes}`);
  assert.ok(scene.t.save().order.length < 100, "places without an item go");
  assert.is(scene.applied(), scene.names.map((name) => `${name}\0`).join(""));
});

test("what is told goes by the first change of a path, however often others were made again", () => {
  const scene = new Scene();
  const told: [number, string][] = [];
  scene.change("n1");
  for (let i = 0; i < 201; i++) scene.change("n3");
  scene.change("n5");
  const { tree } = scene;
  scene.t.apply({ removing: () => {}, changed: (id, _, rank) => told.push([rank, tree.paths[id] as string]) });
  told.sort(([a], [b]) => a - b);
  assert.equal(
    told.map(([, path]) => path),
    ["/p/n1", "/p/n3", "/p/n5"],
  );
});

test("a directory that goes, and comes again, begins without them", () => {
  const scene = new Scene();
  scene.change("n1");
  scene.change("n0");
  const { t, perms } = scene;
  // What is known of a path stays.
  t.find("/p/n3");
  t.remove(t.find("/p"));
  const bytes = scene.account.bytes;
  t.createPath(t.find("/"), "/p", perms, "");
  assert.is(t.listing(t.find("/p")), "");
  scene.names = [];
  scene.change("n1");
  scene.change("n3");
  assert.is(t.listing(t.find("/p")), "n1\0n3\0");
  t.remove(t.find("/p"));
  assert.is(scene.account.bytes, bytes);
  assert.is(scene.tree.listing(scene.tree.find("/p")), "n0\0n2\0n4\0n6\0");
});

test("a program that takes over knows them, also as earlier programs wrote them down", () => {
  for (const earlier of [false, true]) {
    const scene = new Scene();
    // Each change with a sign.
    const said: string[] = [];
    for (let i = 0; i < 50; i++) {
      const name = NAMES[any(NAMES.length)] as string;
      said.push(`${scene.t.find(`/p/${name}`) >= 0 ? "-" : "+"}${name}`);
      scene.change(name);
    }
    const state: TransactionState = JSON.parse(JSON.stringify(scene.t.save()));
    const items = earlier
      ? state.items.map(([path, known, lists]) =>
          path === "/p" ? ([path, { ...known, children: said }, lists] as const) : ([path, known, lists] as const),
        )
      : state.items;
    const { bytes } = scene.account;
    scene.t.close();
    scene.t = Transaction.restore(scene.tree, scene.account, { ...state, items });
    assert.is(scene.account.bytes, bytes);
    scene.look();
    for (let i = 0; i < 50; i++) scene.change(NAMES[any(NAMES.length)] as string);
    scene.look();
    assert.is(scene.applied(), scene.names.map((name) => `${name}\0`).join(""));
  }
});

run();
