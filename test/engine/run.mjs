// run.mjs PRODUCT SUITES: runs suites inside QuickJS, with the product's own bundle
// beside them: the rows are played on that one. The engine has no console and no
// timers, so those that uvu wants are supplied here.
import { readFileSync } from "node:fs";
import { getQuickJS } from "quickjs-emscripten";

const quickjs = await getQuickJS();
const runtime = quickjs.newRuntime();
runtime.setMaxStackSize(1 << 20);
const context = runtime.newContext();

const timers = new Map();
let timer = 0;

function supply(target, name, call) {
  const made = context.newFunction(name, call);
  context.setProp(target, name, made);
  made.dispose();
}

const consoleObject = context.newObject();
// uvu writes its own line ends, and colours where it finds no process to ask.
const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9]+m`, "g");
supply(consoleObject, "log", (text) => {
  process.stdout.write(context.dump(text).replace(colours, ""));
});
context.setProp(context.global, "console", consoleObject);
consoleObject.dispose();
supply(context.global, "setTimeout", (callback) => {
  timers.set(++timer, callback.dup());
  return context.newNumber(timer);
});
supply(context.global, "clearTimeout", (id) => {
  timers.delete(context.dump(id));
});

function check(result) {
  if (result.error === undefined) {
    result.value.dispose();
    return;
  }
  const error = context.dump(result.error);
  console.error(error.stack ?? error, error.message ?? "");
  process.exit(1);
}

const [product, suites] = process.argv.slice(2);
check(context.evalCode(readFileSync(product, "latin1"), "xenstored.js"));
check(context.evalCode(readFileSync(suites, "latin1"), "engine.js"));
while (timers.size > 0) {
  const [[id, callback]] = timers;
  timers.delete(id);
  check(context.callFunction(callback, context.undefined));
  const jobs = runtime.executePendingJobs();
  if (jobs.error) check(jobs);
}
