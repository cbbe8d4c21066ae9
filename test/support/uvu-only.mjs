// Stands for uvu in `make test-one`: the tests whose names the expression TEST_NAME finds and no others, and what they are.
import { suite as whole } from "uvu";

const wanted = new RegExp(TEST_NAME);

export function suite(name, state) {
  const real = whole(name, state);
  const test = (title, run) => {
    if (!wanted.test(title)) return;
    console.log(`${name}: ${title}`);
    real(title, run);
  };
  const skip = (title) => {
    if (wanted.test(title)) real.skip(title);
  };
  return Object.assign(test, { before: real.before, after: real.after, run: real.run, skip });
}
