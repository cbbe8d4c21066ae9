// What the recipes say when they cannot go on: one clear line, and a status that is not 0.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { edited } from "../engine/changes/apply.mjs";
import { changes } from "../engine/changes/list.mjs";
import { lostLinks } from "./support/links.mjs";

const count = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), "recipes-"));
const root = process.getuid() === 0;
const repository = resolve(".");
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

function run(command, { env = {}, cwd = repository } = {}) {
  const [program, ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    cwd,
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return { status, text: error ? error.message : `${stdout}${stderr}`.trim() };
}

function verdict(name, good, why) {
  count[good ? "passed" : "failed"]++;
  console.log(good ? `ok ${name}` : `not ok ${name}: ${why}`);
}

/** The command fails with one line that matches. */
function complains(name, pattern, command, where) {
  const { status, text } = run(command, where);
  const last = text.split("\n");
  verdict(name, status !== 0 && last.length === 1 && pattern.test(text), `exit ${status}: ${text}`);
}

function skip(name, why) {
  count.skipped++;
  console.log(`skip ${name}: ${why}`);
}

/** A folder with only these programs in it, to be the PATH. */
function programs(...names) {
  const dir = mkdtempSync(join(scratch, "bin-"));
  for (const name of names) symlinkSync(run(["sh", "-c", `command -v ${name}`]).text, join(dir, name));
  return dir;
}

/** An image that takes this many bytes when it runs, and next to nothing as a file. */
function image(bytes) {
  const elf = Buffer.alloc(64 + 56);
  elf.writeUInt32BE(0x7f454c46, 0);
  elf[4] = 2;
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64);
  elf.writeBigUInt64LE(BigInt(bytes), 64 + 40);
  const file = join(scratch, "image.gz");
  writeFileSync(file, gzipSync(elf));
  return file;
}

const boot = ["node", "build/xen-run.mjs"];
complains("an unknown image", /^lab: IMAGE=hvm is not known/, boot, { env: { IMAGE: "hvm" } });
complains("an unknown store", /^lab: STORE=etcd is not known/, boot, { env: { STORE: "etcd" } });
complains("a memory that is no number", /^lab: MEMORY=lots is not a number/, boot, { env: { MEMORY: "lots" } });
complains("a memory that is too little", /^lab: MEMORY=3 is too little/, [...boot, "--check"], {
  env: { MEMORY: "3" },
});
complains("an image for the daemon", /^lab: IMAGE=pvh is for a domain/, [...boot, "--check"], {
  env: { WHERE: "dom0", IMAGE: "pvh" },
});
complains("an image that is not there", /^lab: \/nowhere is not there: make image/, boot, {
  env: { STUB: "/nowhere" },
});
complains("an image too big for its memory", /takes 9\.0 MB unpacked and does not fit in MEMORY=8$/, boot, {
  env: { STUB: image(9 << 20), MEMORY: "8" },
});
complains("an image that is none", /is not an ELF image/, boot, { env: { STUB: "Makefile" } });

complains(
  "a machine without QEMU",
  /^lab: qemu-system-x86_64 is not on this machine: make tools$/,
  [process.execPath, ...boot.slice(1)],
  {
    env: { STORE: "c", PATH: programs("sh"), IMAGE: "pv" },
  },
);

const rest = ["sed", "cut", "id", "grep", "head", "mktemp", "rm"];
const old = programs("sh", ...rest);
writeFileSync(join(old, "node"), "#!/bin/sh\necho v12.1.0\n", { mode: 0o755 });
complains("an old Node", /^tools: Node 20 or newer is needed, this machine has 12$/, ["sh", "build/tools.sh"], {
  env: { PATH: old },
});
complains("a machine without apt", /^tools: missing .*and this machine is not Debian/, ["sh", "build/tools.sh"], {
  env: { PATH: programs("sh", "node", ...rest) },
});
if (root) {
  // Another user, with a copy of what is read: the repository may be closed to it.
  const copy = join(scratch, "copy");
  run([
    "sh",
    "-c",
    `mkdir -p ${copy}/build && cp build/tools.sh build/packages ${copy}/build && chmod -R a+rX ${scratch}`,
  ]);
  const path = programs("sh", "node", "apt-get", ...rest);
  run(["chmod", "-R", "a+rX", scratch]);
  const setpriv = run(["sh", "-c", "command -v setpriv"]).text;
  complains(
    "programs missing and no root",
    /^tools: missing .*only root can install them/,
    [setpriv, "--reuid=65534", "sh", "build/tools.sh"],
    {
      cwd: copy,
      env: { PATH: path },
    },
  );
} else skip("programs missing and no root", "has to start as root");

// Fetching, in a checkout of its own that has fetched nothing.
const fresh = join(scratch, "fresh");
mkdirSync(join(fresh, "build"), { recursive: true });
run(["cp", "build/fetch.mjs", "build/packages", join(fresh, "build")]);
const release = join(scratch, "os-release");
writeFileSync(release, "ID=fedora\n");
complains("fetching on another distribution", /^fetch: this machine is not Debian/, ["node", "build/fetch.mjs"], {
  cwd: fresh,
  env: { OS_RELEASE: release },
});
if (run(["unshare", "-n", "true"]).status === 0) {
  const { status, text } = run(["unshare", "-n", "node", "build/fetch.mjs"], { cwd: fresh });
  const lines = text.split("\n");
  verdict(
    "fetching without a network",
    status !== 0 && lines.length === 2 && /^fetch: cannot read Debian's package lists \(no network\?\)/.test(lines[1]),
    text,
  );
  const again = run(["unshare", "-n", "node", "build/fetch.mjs"]);
  verdict("fetching again needs no network", again.status === 0 && again.text === "", again.text);
} else {
  skip("fetching without a network", "cannot make a place without one");
  skip("fetching again needs no network", "cannot make a place without one");
}

// The engine's source, and the changes in it.
const source = join(scratch, "quickjs");
run(["cp", "-r", "build/out/quickjs", source]);
appendFileSync(join(source, "cutils.c"), "\n");
complains("an engine that is another release", /^engine\/changes: .* is not QuickJS 2025-04-26/, [
  "node",
  "engine/changes/apply.mjs",
  source,
  join(scratch, "engine"),
]);
const definition = "static int f(int a)\n{\n    return a;\n}\nstatic int g(void)\n{\n    return f(1);\n}\n";
const edit = { within: "f", find: "return a;", replace: "return -a;" };
verdict("a change is made where it is meant", edited(definition, edit).text?.includes("return -a;"), "it is not there");
for (const [what, other, pattern] of [
  ["whose text is not there", { find: "return b;" }, /has 0 times, not 1/],
  ["whose text stands elsewhere", { find: "return f(1);" }, /f has 0 times, not 1/],
  ["whose definition is not there", { within: "h" }, /no single definition of h/],
  ["whose text is there more often", { within: undefined, find: "return " }, /the file has 2 times, not 1/],
])
  verdict(`a change ${what} is not made`, pattern.test(edited(definition, { ...edit, ...other }).why), what);
const tests = readFileSync("test/native/quickjs_memory_test.c", "utf8")
  .concat(readFileSync("test/native/quickjs_changes_test.c", "utf8"))
  .concat(readFileSync("test/native/engine_translation_test.c", "utf8"));
const untested = changes.filter(({ test }) => {
  const name = /^\w+_test (\w+)$/.exec(test)?.[1];
  return name === undefined ? !test.startsWith("make image") : !tests.includes(`static void ${name}(void)`);
});
verdict("each change of the engine has its test", untested.length === 0, untested.map(({ name }) => name).join(", "));

// What a host gets (make install), of files that stand for what is built.
{
  const built = join(scratch, "built");
  const host = join(scratch, "host");
  mkdirSync(built);
  const make = [
    "make",
    "--no-print-directory",
    "install",
    `DESTDIR=${host}`,
    "PREFIX=/opt/x",
    `BUILT=${built}`,
    "STRIP=:",
  ];
  const nothing = run(make);
  verdict(
    "install without what is built",
    nothing.status !== 0 && /^install: \S+ is not there: make image daemon relay web sbom man$/m.test(nothing.text),
    nothing.text,
  );
  const names = ["xenstore-ts-stubdom.gz", "xenstore-ts-stubdom-pvh.gz", "xenstored.prog", "xenstored-domains.so"];
  mkdirSync(join(built, "sbom"));
  const others = ["xenstored", "xenstore-relay", "xenstore-web", "sbom/NOTICES", "sbom/xenstore-ts.spdx.json"];
  mkdirSync(join(built, "man"));
  const pages = readdirSync("docs/man").map((name) => `man/${name}`);
  for (const name of [...names, ...others]) writeFileSync(join(built, name), name);
  const unmade = run(make);
  verdict("install without manual pages", /man\/\S+ is not there: make .* man$/m.test(unmade.text), unmade.text);
  for (const name of pages) writeFileSync(join(built, name), "see /usr/lib/xenstore-ts/start\n");
  const first = run(make);
  const at = (path) => {
    const { status, text } = run(["stat", "-Lc", "%a", join(host, path)]);
    return status === 0 ? text : "nothing";
  };
  const library = "opt/x/lib/xenstore-ts";
  const modes = Object.fromEntries(
    [
      ...names.map((name) => `${library}/${name}`),
      `${library}/start`,
      "opt/x/sbin/xenstored-ts",
      "opt/x/sbin/xenstore-ts",
      "opt/x/bin/xenstore-top",
      "opt/x/bin/xenstore-web",
      "opt/x/share/xenstore-ts/xenstore.rules.yml",
      "opt/x/share/xenstore-ts/profiles/many-watches.conf",
      "opt/x/lib/systemd/system/xenstore-exporter.timer",
      ...pages.map((name) => `opt/x/share/man/man${name.at(-1)}/${name.slice("man/".length)}.gz`),
    ].map((path) => [path, at(path)]),
  );
  const wrong = Object.entries(modes).filter(
    ([path, mode]) => mode !== (/\.(gz|prog|so|yml|conf|timer)$/.test(path) ? "644" : "755"),
  );
  verdict("install puts everything in its place", first.status === 0 && wrong.length === 0, `${first.text} ${wrong}`);
  const start = readFileSync(join(host, library, "start"), "utf8");
  verdict(
    "what starts the store names what was installed",
    start.includes(`IMAGE=/${library}/`) && !start.includes("/usr/sbin"),
    start,
  );
  const page = gunzipSync(readFileSync(join(host, "opt/x/share/man/man8/xenstored-ts.8.gz"))).toString();
  verdict("manual pages have the host's paths", page === "see /opt/x/lib/xenstore-ts/start\n", page);
  const unit = readFileSync(join(host, "opt/x/lib/systemd/system/xenstore-exporter.service"), "utf8");
  verdict("the exporter's unit, too", unit.includes("ExecStart=/opt/x/bin/xenstore-exporter "), unit);
  const said = run([join(host, "opt/x/bin/xenstore-top"), "--version"]).text;
  verdict("a script tells the version", said === `xenstore-ts ${version}`, said);
  const documents = join(host, "opt/x/share/doc/xenstore-ts");
  const lost = lostLinks(documents);
  verdict("links of the installed documents lead to files", lost.length === 0 && lost.found > 50, lost.join(" "));
  const foreign = run(["grep", "-rlE", "/usr/(lib|share|share/doc)/xenstore-ts|/usr/sbin/xenstore", documents]).text;
  verdict("the documents, too", foreign === "", foreign);
  const settings = join(host, "etc/xenstore-ts.conf");
  writeFileSync(settings, "MEMORY=9\n");
  const second = run(make);
  verdict(
    "install leaves settings alone",
    second.status === 0 && readFileSync(settings, "utf8") === "MEMORY=9\n",
    second.text,
  );
  const gone = run(make.with(2, "uninstall"));
  const left = run(["find", host, "-name", "*xenstore*"]).text;
  verdict("uninstall leaves the settings alone", gone.status === 0 && left === settings, `${gone.text} ${left}`);

  // A prefix of its own, and a DESTDIR with a blank and from here on.
  const blank = relative(".", join(scratch, "a host"));
  const other = (target) =>
    run(
      make
        .map((word) => (word.startsWith("DESTDIR=") ? `DESTDIR=${blank}` : word.replace("/opt/x", "/opt/xenstore-ts")))
        .with(2, target),
    );
  const below = join(blank, "opt/xenstore-ts");
  const theirs = [
    join(below, "lib/xenstore-ts/mine"),
    join(below, "xen-mine"),
    join(below, "share/xenstore-ts/profiles/a b"),
  ];
  const put = other("install");
  for (const directory of theirs) mkdirSync(directory);
  const away = other("uninstall");
  const stay = run(["find", blank, "-name", "*xen*"]).text.split("\n").sort();
  const wanted = ["", "/lib/xenstore-ts", "/share/xenstore-ts", "/xen-mine"].map((path) => below + path);
  verdict(
    "uninstall removes its own directories, not others' in them nor the prefix",
    put.status === 0 &&
      away.status === 0 &&
      theirs.every((directory) => existsSync(directory)) &&
      stay.join() === [join(blank, "etc/xenstore-ts.conf"), ...wanted].join(),
    `${put.text} ${away.text} ${stay}`,
  );
  for (const prefix of ["/opt/a b", "/opt/a|b", "/opt/a&b", "/opt/$$HOME", "/opt/it's", "opt"]) {
    const { status, text } = run(make.with(4, `PREFIX=${prefix}`));
    verdict(
      `install with PREFIX=${prefix}`,
      status !== 0 && /^install: PREFIX is a path from \/ on of /m.test(text),
      text,
    );
  }
}

// What is packed has the time of the commit; a tarball has none.
{
  const tarball = join(scratch, "tarball");
  run(["sh", "-c", `mkdir -p ${tarball} && cp -r package.json CHANGELOG.md LICENSE build/*.mjs packaging ${tarball}`]);
  for (const recipe of ["deb", "rpm"]) {
    const command = ["node", `${recipe}.mjs`, "out"];
    const env = { GIT_CEILING_DIRECTORIES: scratch };
    const pattern = new RegExp(`^${recipe}: this is no git checkout: make ${recipe} SOURCE_DATE_EPOCH=`);
    complains(`make ${recipe} from a tarball`, pattern, command, { cwd: tarball, env });
    complains(`make ${recipe} at no time`, /SOURCE_DATE_EPOCH=now is no number of seconds/, command, {
      cwd: tarball,
      env: { SOURCE_DATE_EPOCH: "now" },
    });
  }
}

// A target without a recipe makes make say that there is nothing to be done, between the command and the boot.
{
  const text = ["lab", "native", "tools"].map((name) => readFileSync(`build/${name}.mk`, "utf8")).join("\n");
  const silent = ["lab", "image", "guest", "daemon", "relay", "web"];
  const noisy = silent.filter((name) => !new RegExp(`^${name}: .*\\n\\t@:$`, "m").test(text));
  verdict("make says nothing of what is there", noisy.length === 0, noisy.join(" "));
}

// What make help has.
{
  const { text } = run(["make", "--no-print-directory", "help"]);
  const wanted = ["run", "test", "check-debian", "check-recipes", "install", "uninstall", "deb", "rpm"];
  const untold = wanted.filter((name) => !new RegExp(`^  make ${name} +\\S`, "m").test(text));
  verdict("make help has them", untold.length === 0, untold.join(" "));
}

// One test by its name (make test-one): each kind that needs little to be built.
const one = ["node", "test/support/one.mjs"];
for (const [what, pattern, env] of [
  ["no T=", /^test-one: T= names a test file/, {}],
  [
    "a T= that is not there",
    /^test-one: T=\S+ is not there; test\/protocol has: /,
    { T: "test/protocol/perm.test.ts" },
  ],
  ["a T= that is no test", /^test-one: T=README.md is no test/, { T: "README.md" }],
  [
    "an N= that finds nothing",
    /^test-one: no test of \S+ has a name that nosuch/,
    { T: "test/store/above.test.ts", N: "nosuch" },
  ],
  ["an N= that is no seed", /^test-one: N=x is not a seed$/, { T: "test/model/histories.test.ts", N: "x" }],
  ["an N= where there is none", /^test-one: N=x means nothing for/, { T: "test/guest/serve", N: "x" }],
  [
    "a TARGET= that its scenario has not",
    /^test-one: TARGET=pv is not known here: it is dom0$/,
    { T: "test/guest/dom0-daemon", TARGET: "pv" },
  ],
  [
    "a TARGET= that is none",
    /^test-one: TARGET=hvm is not known here: it is pv, pvh, dom0$/,
    { T: "test/guest/serve", TARGET: "hvm" },
  ],
])
  complains(`test-one with ${what}`, pattern, one, { env: { T: "", N: "", TARGET: "", ...env } });
for (const [what, pattern, env] of [
  ["rows", /^ {2}Total: +[1-9]\d*$/m, { T: "test/protocol/perms.test.ts", N: "SET_TARGET" }],
  ["a part of the daemon", /^ {2}Total: +[1-9]\d*$/m, { T: "test/store/above.test.ts" }],
  ["the repository's files", /^ {2}Total: +1$/m, { T: "test/fractions.node.test.ts" }],
  ["a seed of the model", /^ {2}Total: +1$/m, { T: "test/model/histories.test.ts", N: "1", STEPS: "50" }],
  ["a test in C", /^ok copies$/m, { T: "test/native/bytes_test.c", N: "^copies$" }],
]) {
  const { status, text } = run(one, { env: { N: "", TARGET: "", ...env } });
  verdict(`test-one runs ${what}`, status === 0 && pattern.test(text), text);
}

rmSync(scratch, { recursive: true, force: true });
mkdirSync("build/out/results", { recursive: true });
writeFileSync("build/out/results/recipes.json", `${JSON.stringify({ suite: "recipes", ...count })}\n`);
process.exitCode = count.failed ? 1 : 0;
