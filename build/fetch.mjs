// Fetches the packages of build/packages with apt's own clients, from the sources that this machine's apt already uses.
// Nothing is installed and no setting of the machine changes: apt runs with its own state below build/out/apt/.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";

const OUT = resolve("build/out");
const APT = join(OUT, "apt");
const DEBS = join(OUT, "debs");
const ROOT = join(OUT, "trixie");
const STAMP = join(OUT, ".fetched");

const die = (line) => {
  console.error(`fetch: ${line}`);
  process.exit(1);
};
const say = (line) => console.log(`fetch: ${line}`);

const list = readFileSync("build/packages", "utf8");
const rows = list
  .split("\n")
  .filter((line) => line && !line.startsWith("#"))
  .map((line) => {
    const [name, suite, kind] = line.split(/\s+/);
    return { name, suite, kind };
  })
  .filter((row) => row.suite !== "-" && row.suite !== "*");
const SUITES = [...new Set(rows.map((row) => row.suite))];

const recipe = createHash("sha256").update(list).update(readFileSync("build/fetch.mjs")).digest("hex");
if (existsSync(STAMP) && readFileSync(STAMP, "utf8").trim() === recipe) process.exit(0);

// The file can be named otherwise, so that the refusal below can be tried.
const RELEASE = process.env.OS_RELEASE ?? "/etc/os-release";
if (!/^ID=debian$/m.test(existsSync(RELEASE) ? readFileSync(RELEASE, "utf8") : ""))
  die("this machine is not Debian; the recipes take their parts through its apt");

const apt = (tool, ...args) =>
  execFileSync(tool, ["-c", join(APT, "apt.conf"), ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    cwd: DEBS,
    stdio: ["ignore", "pipe", "pipe"],
  });
const lastLine = (error) =>
  String(error.stderr ?? error)
    .trim()
    .split("\n")
    .filter((l) => l.startsWith("E:"))[0] ?? String(error.message).split("\n")[0];

/** The Debian archives that this machine's apt uses, each with its options (signing key and the like). */
function machineSources() {
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync(RELEASE, "utf8"))?.[1] ?? "stable";
  const format = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(SOURCESENTRY)";
  const ask = (...more) =>
    execFileSync("apt-get", ["indextargets", ...more, "--format", format, "Created-By: Packages"], { encoding: "utf8" })
      .split("\n")
      .map((line) => line.split("|"))
      .filter(
        ([, suite, component]) =>
          component === "main" && [codename, `${codename}-security`, "stable", "stable-security"].includes(suite),
      );
  let found = ask().filter((row) => row[3] === "Debian");
  // Before the first `apt-get update` apt knows no origin: the name of the archive has to do.
  if (found.length === 0) found = ask("--no-release-info").filter((row) => row[0].includes("debian"));
  const sources = new Map();
  for (const [uri, suite, , , entry] of found) {
    const security = suite.endsWith("-security");
    if (!sources.has(security)) sources.set(security, { uri, options: optionsOf(entry.replace(/:\d+$/, ""), uri) });
  }
  if (!sources.has(false)) die("no Debian archive among this machine's apt sources");
  return sources;
}

/** The options of the entry for `uri` in one of apt's files, as deb822 lines. */
function optionsOf(file, uri) {
  const bare = uri.replace(/\/$/, "");
  const text = readFileSync(file, "utf8");
  if (!file.endsWith(".sources")) {
    const line = text.split("\n").find((l) => /^\s*deb\s/.test(l) && l.includes(bare)) ?? "";
    const signedBy = /\[[^\]]*signed-by=([^\]\s]+)/i.exec(line)?.[1];
    return signedBy ? `Signed-By: ${signedBy.replaceAll(",", " ")}` : "";
  }
  const stanza = text.split(/\n\s*\n/).find((part) => part.includes(bare)) ?? "";
  const fields = stanza
    .split(/\n(?=\S)/)
    .filter((field) => /^(Signed-By|Trusted|Check-Valid-Until|Check-Date):/i.test(field));
  return fields.join("\n");
}

function privateApt() {
  for (const dir of ["state/lists/partial", "cache/archives/partial", "etc", "log"])
    mkdirSync(join(APT, dir), { recursive: true });
  mkdirSync(DEBS, { recursive: true });
  writeFileSync(join(APT, "state/status"), "");
  const sources = machineSources();
  const stanza = ({ uri, options }, suites) =>
    ["Types: deb deb-src", `URIs: ${uri}`, `Suites: ${suites}`, "Components: main", options].filter(Boolean).join("\n");
  const suites = (...suffixes) => SUITES.flatMap((suite) => suffixes.map((suffix) => suite + suffix)).join(" ");
  const stanzas = [stanza(sources.get(false), suites("", "-updates"))];
  if (sources.has(true)) stanzas.push(stanza(sources.get(true), suites("-security")));
  writeFileSync(join(APT, "etc/debian.sources"), `${stanzas.join("\n\n")}\n`);
  writeFileSync(
    join(APT, "apt.conf"),
    [
      `Dir::State "${APT}/state";`,
      `Dir::State::status "${APT}/state/status";`,
      `Dir::Cache "${APT}/cache";`,
      // Some machines switch these caches off, which makes every question to apt a second long.
      'Dir::Cache::pkgcache "pkgcache.bin";',
      'Dir::Cache::srcpkgcache "srcpkgcache.bin";',
      `Dir::Log "${APT}/log";`,
      `Dir::Etc::sourcelist "${APT}/etc/debian.sources";`,
      'Dir::Etc::sourceparts "-";',
      'Dir::Etc::preferences "-";',
      'Dir::Etc::preferencesparts "-";',
      // The sandbox user cannot write here, and needs not: nothing runs as root on the machine's behalf.
      'APT::Sandbox::User "";',
      'APT::Get::List-Cleanup "false";',
      "",
    ].join("\n"),
  );
}

const shown = new Map();
function show(name) {
  if (!shown.has(name)) {
    const text = apt("apt-cache", "show", "--no-all-versions", name);
    const field = (key) => new RegExp(`^${key}: (.*)$`, "m").exec(text)?.[1] ?? "";
    const depends = [field("Pre-Depends"), field("Depends")]
      .join(",")
      .split(",")
      .map(
        (part) =>
          part
            .split("|")[0]
            .trim()
            .split(/[\s:(]/)[0],
      )
      .filter(Boolean);
    shown.set(name, { version: field("Version"), source: field("Source").split(" ")[0] || name, depends });
  }
  return shown.get(name);
}

/** The packages to download: those named, the shared libraries of those marked so, and what a meta package stands for. */
function wanted() {
  const names = new Set();
  const walk = (name) => {
    if (names.has(name)) return;
    names.add(name);
    // Interpreters are not taken along: the tools that the lab runs are C and OCaml programs.
    for (const next of show(name).depends) if (/^(lib(?!python|perl)|zlib)/.test(next)) walk(next);
  };
  for (const row of rows) {
    if (row.kind === "closure") walk(row.name);
    else if (row.kind === "deb") names.add(row.name);
  }
  for (const next of show("linux-image-amd64").depends) if (next.startsWith("linux-image-")) names.add(next);
  return [...names];
}

privateApt();
say(`reading the package lists of ${SUITES.join(" and ")}`);
try {
  apt("apt-get", "-q", "update", "-o", "APT::Update::Error-Mode=any");
} catch (error) {
  die(`cannot read Debian's package lists (no network?): ${lastLine(error)}`);
}

const names = wanted();
const sources = rows.filter((row) => row.kind === "source");
const total = names.length + sources.length;
const versions = [];
rmSync(ROOT, { recursive: true, force: true });
mkdirSync(ROOT, { recursive: true });
names.forEach((name, i) => {
  const { version } = show(name);
  const have = () => readdirSync(DEBS).find((file) => file.startsWith(`${name}_${version.replaceAll(":", "%3a")}_`));
  say(`${i + 1} of ${total}: ${name} ${version}${have() ? " (already here)" : ""}`);
  try {
    if (!have()) apt("apt-get", "-q", "download", name);
  } catch (error) {
    die(`cannot download ${name}: ${lastLine(error)}`);
  }
  versions.push(`${name} ${version}`);
  execFileSync("dpkg-deb", ["-x", join(DEBS, have()), ROOT]);
});
sources.forEach(({ name }, i) => {
  say(`${names.length + i + 1} of ${total}: source of ${name}`);
  try {
    apt("apt-get", "-q", "source", "--download-only", "--only-source", name);
  } catch (error) {
    die(`cannot download the source of ${name}: ${lastLine(error)}`);
  }
  const dsc = readdirSync(DEBS)
    .filter((file) => file.startsWith(`${name}_`) && file.endsWith(".dsc"))
    .sort()
    .at(-1);
  const fresh = join(OUT, `${name}.unpacking`);
  rmSync(fresh, { recursive: true, force: true });
  const unpacked = spawnSync("dpkg-source", ["--no-check", "--no-copy", "-x", join(DEBS, dsc), fresh], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (unpacked.status !== 0) die(`cannot unpack ${dsc}: ${unpacked.error?.message ?? unpacked.stderr.trim()}`);
  rmSync(join(OUT, name), { recursive: true, force: true });
  renameSync(fresh, join(OUT, name));
  versions.push(`${name} ${dsc.slice(name.length + 1, -4)} (source)`);
});
const record = `${versions.sort().join("\n")}\n`;
const file = join(OUT, "versions.txt");
// The same packages once more are no reason to build everything again: the stamp keeps its age.
const age =
  existsSync(STAMP) && existsSync(file) && readFileSync(file, "utf8") === record ? statSync(STAMP) : undefined;
writeFileSync(file, record);
writeFileSync(STAMP, `${recipe}\n`);
if (age) utimesSync(STAMP, age.atime, age.mtime);
say(`${total} packages are here; their versions: build/out/versions.txt`);
