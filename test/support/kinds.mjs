// The kinds of tests that the repository has: which files, what has to be built for them, and how one of them is run.
// `make test-one` (one.mjs) goes by it, and test/recipes.mjs checks that every test file is of one kind.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const node = (...args) => [process.execPath, ...args];
const make = (...args) => ["make", "--no-print-directory", ...args];

/** Where a suite of rows can run: in Node, in QuickJS (WebAssembly), or over sockets against the Linux program. */
const ROWS = { node: [], engine: ["build/out/xenstored.js"], socket: ["build/out/xenstored"] };
/** What may serve in a group of nested Xen: its file `boot` names the kinds of stores, or leaves them open. */
function servers(path) {
  const [, , group] = path.split("/");
  const boot = join("test/guest", group, "boot");
  const stores = /^STORES=(.*)$/m.exec(existsSync(boot) ? readFileSync(boot, "utf8") : "")?.[1] ?? "stub dom0";
  return Object.entries({ pv: "stub", pvh: "stub", dom0: "dom0" })
    .filter(([, store]) => stores.split(" ").includes(store))
    .map(([server]) => server);
}

/** Whether any test has run, by what was printed: uvu's sum, or a verdict a line. */
const summed = (text) => !/^ {2}Total: +0$/m.test(text);
const verdicts = (text) => /^(?:not )?ok /m.test(text);

/**
 * `files`: their paths. `targets(path)`: what TARGET= may be, the first without one. `name`: what N= is. `build(path, target)`:
 * what make has to build. `run(path, name, target)`: a command with its variables, or the options for a bundle of uvu.
 * `ran(text)`: whether what was printed has the verdict of any test.
 */
export const kinds = [
  {
    title: "rows of requests, replies and events",
    files: /^test\/(?:protocol|xsa)\/[\w-]+\.test\.ts$/,
    targets: () => Object.keys(ROWS),
    name: "a regular expression for the names of its tests",
    ran: summed,
    build: (_path, target) => ROWS[target],
    run: (_path, names, target) => ({ bundle: { names, engine: target === "engine", sockets: target === "socket" } }),
  },
  {
    title: "the Linux program over sockets",
    files: /^test\/socket\/[\w-]+\.test\.ts$/,
    name: "a regular expression for the names of its tests",
    ran: summed,
    build: () => ["build/out/xenstored", "build/out/bench/standin.so"],
    run: (_path, names) => ({ bundle: { names, sockets: true } }),
  },
  {
    title: "the page of the store in a browser",
    files: /^test\/web\/[\w-]+\.test\.ts$/,
    name: "a regular expression for the names of its tests",
    ran: summed,
    build: () => ["build/out/xenstored", "build/out/xenstore-web", "build/out/bench/standin.so"],
    run: (_path, names) => ({ bundle: { names, sockets: true } }),
  },
  {
    title: "random histories beside a naive store",
    files: /^test\/model\/[\w-]+\.test\.ts$/,
    name: "a seed",
    names: /^\d+$/,
    build: () => [],
    run: (_path, seed) => ({ bundle: {}, env: seed ? { SEED: seed } : {} }),
  },
  {
    title: "the repository's own files",
    files: /^test\/[\w-]+\.node\.test\.ts$/,
    name: "a regular expression for the names of its tests",
    ran: summed,
    build: () => [],
    run: (_path, names) => ({ bundle: { names } }),
  },
  {
    title: "a part of the daemon",
    files: /^test\/(?:control|migrate|observe|options|quota|server|store)\/[\w-]+(?:\.node)?\.test\.ts$/,
    targets: () => ["node", "engine"],
    name: "a regular expression for the names of its tests",
    ran: summed,
    build: (_path, target) => ROWS[target],
    run: (_path, names, target) => ({ bundle: { names, engine: target === "engine" } }),
  },
  {
    title: "the C side under sanitizers",
    files: /^test\/native\/\w+_test\.c$/,
    name: "a regular expression for the names of its tests",
    ran: verdicts,
    build: (path) => [`build/out/native-test/${program(path)}`],
    run: (path, names) => ({ command: [`build/out/native-test/${program(path)}`], env: { TEST_NAME: names } }),
  },
  {
    title: "a scenario of nested Xen, or one script of it",
    files: /^test\/guest\/[\w-]+(?:\/[\w-]+\.sh)?$/,
    targets: servers,
    build: () => ["lab", "image", "guest", "daemon"],
    run: (path, _name, target) => {
      const [, , group, script] = path.split("/");
      const one = script ? ["--script", script] : [];
      return { command: node("test/guest/run.mjs", target, "--group", group, ...one) };
    },
  },
  {
    title: "a target of the fuzzer",
    files: /^test\/fuzz\/fuzz_\w+\.c$/,
    build: () => [],
    run: (path) => ({ command: make("fuzz", `TARGET=${program(path).slice("fuzz_".length)}`) }),
  },
  {
    title: "models of lost wake-ups",
    files: /^test\/rings\/(?:\w+\.pml|run\.mjs)$/,
    name: "a word in the names of its variants",
    ran: verdicts,
    build: () => [],
    run: (_path, word) => ({ command: make("check-rings"), env: { RINGS: word } }),
  },
  {
    title: "translated functions beside the interpreter",
    files: /^test\/translate\/\w+\.(?:c|mjs)$/,
    name: "a seed",
    names: /^\d+$/,
    build: () => [],
    run: (_path, seed) => ({ command: make("check-translate", ...(seed ? [`SEED_OF_FUNCTIONS=${seed}`] : [])) }),
  },
  {
    title: "the tests of pyxs",
    files: /^test\/pyxs\/run\.mjs$/,
    build: () => [],
    run: () => ({ command: make("check-pyxs") }),
  },
  {
    title: "a Debian host on a disk",
    files: /^test\/debian\/run\.mjs$/,
    build: () => [],
    run: () => ({ command: make("test-debian") }),
  },
  {
    title: "what monitoring reads",
    files: /^test\/monitor\/(?:run\.mjs|rules\.test\.yml)$/,
    ran: verdicts,
    build: () => [],
    run: () => ({ command: make("check-monitor") }),
  },
  {
    title: "the manual pages",
    files: /^test\/man\.mjs$/,
    ran: verdicts,
    build: () => [],
    run: () => ({ command: make("check-man") }),
  },
  {
    title: "the packages",
    files: /^test\/packages\.mjs$/,
    build: () => [],
    run: () => ({ command: make("check-packages") }),
  },
  {
    title: "what the recipes say",
    files: /^test\/recipes\.mjs$/,
    build: () => [],
    run: () => ({ command: make("check-recipes") }),
  },
];

function program(path) {
  return path
    .split("/")
    .at(-1)
    .replace(/\.\w+$/, "");
}

/** The kind of a test file; undefined: it is none. */
export function kindOf(path) {
  return kinds.find(({ files }) => files.test(path));
}

/** Every test file of the repository: what is named like one, or lies where only tests lie. */
export function testFiles() {
  const all = readdirSync("test", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const scripts = all.filter((path) => /^test\/guest\/[\w-]+\/.*\.sh$/.test(path));
  const groups = readdirSync("test/guest", { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join("test/guest", entry.name));
  const named = all.filter((path) => /\.test\.ts$|_test\.c$|\/fuzz_\w+\.c$|\.pml$/.test(path));
  const single = [
    "test/recipes.mjs",
    "test/man.mjs",
    "test/monitor/run.mjs",
    "test/monitor/rules.test.yml",
    "test/packages.mjs",
    "test/debian/run.mjs",
    "test/pyxs/run.mjs",
    "test/translate/programs.mjs",
  ];
  return [...named, ...groups, ...scripts, ...single].sort();
}

/** Why T=, N= and TARGET= are not a test; "": they are one. */
export function wrong(path, name, target) {
  if (!path) return "T= names a test file: make test-one T=test/protocol/perms.test.ts (test/README.md lists them)";
  if (!existsSync(path)) {
    const beside = existsSync(dirname(path)) ? `; ${dirname(path)} has: ${readdirSync(dirname(path)).join(" ")}` : "";
    return `T=${path} is not there${beside}`;
  }
  const kind = kindOf(path);
  if (kind === undefined) return `T=${path} is no test (test/README.md lists them)`;
  if (name && !kind.name) return `N=${name} means nothing for ${kind.title}`;
  if (name && kind.names && !kind.names.test(name)) return `N=${name} is not ${kind.name}`;
  if (name && !kind.names && !isExpression(name)) return `N=${name} is not ${kind.name}`;
  const targets = kind.targets?.(path) ?? [];
  if (target && !targets.includes(target))
    return `TARGET=${target} is not known here${targets.length ? `: it is ${targets.join(", ")}` : ""}`;
  return "";
}

function isExpression(text) {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
