// Searches every state of the models in this folder with spin (variants.mjs says which, and what must come out), and
// writes build/out/results/rings.json. RINGS=word runs the variants with that word in their name.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { VARIANTS } from "./variants.mjs";

const HERE = import.meta.dirname;
const OUT = resolve("build/out/rings");
const MEGABYTES = 1500;
const SECONDS = 300;
const TRAIL_LINES = 80;

/** Runs a program to its end; never throws. */
function run(program, args, cwd) {
  const options = { cwd, encoding: "utf8", timeout: SECONDS * 1000, maxBuffer: 1 << 26 };
  return new Promise((done) => {
    execFile(program, args, options, (error, stdout, stderr) =>
      done({ status: error ? (error.code ?? "killed") : 0, text: `${stdout}${stderr}`.trim() }),
    );
  });
}

/** What pan found, or why what it says is no verdict. */
function read(text) {
  const states = Number(/(\d+) states, stored/.exec(text)?.[1] ?? 0);
  const errors = Number(/errors: (\d+)/.exec(text)?.[1] ?? -1);
  const partial = /max search depth too small|out of memory|memory bound|Search not completed|aborted/i.exec(text);
  // Behind the first error it stops on purpose.
  const whole = errors === 1 || (errors === 0 && !partial);
  if (!states || errors < 0 || errors > 1 || !whole)
    return { states, broken: `not a whole search: ${partial?.[0] ?? text.slice(-300)}` };
  return { states, error: errors ? (/^pan:\d+: (.*) \(at depth/m.exec(text)?.[1] ?? "?") : undefined };
}

/** The steps to the error, as the models say them. */
async function replay(variant, place, defines) {
  const trail = `${variant.model}.pml.trail`;
  if (!existsSync(join(place, trail))) return [];
  const { text } = await run("spin", ["-k", trail, ...defines, join(HERE, `${variant.model}.pml`)], place);
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^(client: |client's |server: |server's |Xen: |HANG: |a second )/.test(line));
}

function judge({ hang }, found, steps) {
  if (found.broken) return found.broken;
  if (!hang) return found.error && `${found.error}\n  ${steps.slice(-TRAIL_LINES).join("\n  ")}`;
  if (!found.error) return "does not hang: the model does not see the fault";
  const said = steps.find((line) => line.startsWith("HANG: "))?.slice(6);
  const came = said ?? (/invalid end state/.test(found.error) ? "nothing can move any more" : found.error);
  return came === hang ? undefined : `another fault than "${hang}": ${came}`;
}

async function check(variant, index) {
  const place = join(OUT, String(index));
  mkdirSync(place, { recursive: true });
  const defines = variant.options.map((option) => `-D${option}`);
  // With -E what hangs in a way that is not looked for is not taken for the one that is.
  const quietly = defines.some((define) => define.startsWith("-DONLY=")) ? ["-E"] : [];
  // Optimizing takes longer than the search does without.
  const compile = ["-w", "-O0", "-DSAFETY", "-DCOLLAPSE", `-DMEMLIM=${MEGABYTES}`];
  const started = Date.now();
  let step = await run("spin", ["-a", ...defines, join(HERE, `${variant.model}.pml`)], place);
  if (step.status === 0) step = await run("gcc", [...compile, "-o", "pan", "pan.c"], place);
  const made = step.status === 0;
  if (made) step = await run("./pan", ["-m100000", `-w${variant.hang ? 18 : 22}`, "-n", ...quietly], place);
  const found = made ? read(step.text) : { states: 0, broken: `cannot be made: ${step.text.slice(-500)}` };
  const why = judge(variant, found, found.error ? await replay(variant, place, defines) : []);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const verdict = variant.hang ? `hangs: ${variant.hang}` : "never hangs";
  console.log(
    why
      ? `not ok ${variant.name}: ${why}`
      : `ok ${variant.name} (${verdict}; ${found.states.toLocaleString("en")} states, ${seconds} s)`,
  );
  return !why;
}

rmSync(OUT, { recursive: true, force: true });
const wanted = VARIANTS.filter(({ name }) => name.includes(process.env.RINGS ?? ""));
const count = { passed: 0, failed: 0, skipped: 0 };
const queue = wanted.entries();
async function worker() {
  for (const [index, variant] of queue) count[(await check(variant, index)) ? "passed" : "failed"]++;
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
mkdirSync("build/out/results", { recursive: true });
writeFileSync("build/out/results/rings.json", `${JSON.stringify({ suite: "rings", ...count })}\n`);
process.exitCode = count.failed || !wanted.length ? 1 : 0;
