import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FreeNumbers } from "../../src/store/free-numbers.ts";

const test = suite("free numbers");

function taken(numbers: FreeNumbers): number {
  const number = numbers.upcoming();
  numbers.take();
  return number;
}

test("each is taken once, and again when it was given back", () => {
  const numbers = new FreeNumbers();
  const all = Array.from({ length: 1000 }, () => taken(numbers));
  assert.equal(
    all,
    Array.from({ length: 1000 }, (_, n) => n),
  );
  for (const number of [3, 999, 0]) numbers.give(number);
  assert.is(numbers.count, 3);
  assert.is(numbers.upcoming(), numbers.upcoming(), "it is not taken yet");
  assert.equal(new Set([taken(numbers), taken(numbers), taken(numbers)]), new Set([3, 999, 0]));
  assert.is(numbers.count, 0);
  assert.is(taken(numbers), 1000);
});

test("all below a number are taken at once", () => {
  const numbers = new FreeNumbers();
  numbers.takeBelow(100);
  for (let n = 0; n < 100; n += 2) numbers.give(n);
  const again = Array.from({ length: 50 }, () => taken(numbers)).sort((a, b) => a - b);
  assert.equal(
    again,
    Array.from({ length: 50 }, (_, n) => 2 * n),
  );
  assert.is(taken(numbers), 100);
});

test.run();
