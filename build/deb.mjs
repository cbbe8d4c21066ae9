// Makes the Debian packages of packaging/debian/control from what `make install` puts in place.
//   node build/deb.mjs DIRECTORY
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { epoch } from "./epoch.mjs";

const HERE = "packaging/debian";
const target = resolve(process.argv[2]);
const work = join(target, "work");
const version = `${JSON.parse(readFileSync("package.json", "utf8")).version}-1`;
const maintainer = `${process.env.DEBFULLNAME ?? "xenstore-ts maintainers"} <${process.env.DEBEMAIL ?? "maintainers@xenstore-ts.invalid"}>`;
/** All times in the packages, in seconds, so that the same commit makes the same bytes. */
const when = epoch("deb");
const env = { ...process.env, SOURCE_DATE_EPOCH: String(when) };

const stanzas = readFileSync(join(HERE, "control"), "utf8").trim().split("\n\n");
const field = (stanza, name) => new RegExp(`^${name}: (.*)$`, "m").exec(stanza)?.[1];
const source = stanzas.shift();
const names = stanzas.map((stanza) => field(stanza, "Package"));

/** Every file, link and directory below, relative, parents first. */
const below = (root, directory = "") =>
  readdirSync(join(root, directory))
    .sort()
    .flatMap((name) => {
      const path = join(directory, name);
      return lstatSync(join(root, path)).isDirectory() ? [path, ...below(root, path)] : [path];
    });
const isFile = (root) => (path) => lstatSync(join(root, path)).isFile();

function install() {
  rmSync(work, { recursive: true, force: true });
  process.umask(0o022);
  const whole = join(work, names[0]);
  const make = ["--no-print-directory", "install", `DESTDIR=${whole}`];
  // The jobs of a make above are not this one's.
  execFileSync("make", make, { env: { ...env, MAKEFLAGS: "" }, stdio: ["ignore", "ignore", "inherit"] });
  for (const name of names.slice(1)) {
    const listed = readFileSync(join(HERE, `${name}.files`), "utf8")
      .trim()
      .split("\n");
    for (const file of listed) {
      mkdirSync(dirname(join(work, name, file)), { recursive: true });
      renameSync(join(whole, file), join(work, name, file));
    }
  }
}

const elves = (root) =>
  below(root)
    .filter(isFile(root))
    .filter((path) => readFileSync(join(root, path)).subarray(0, 4).equals(Buffer.from("\x7fELF", "latin1")));

/** What the programs of a package need, from the symbols of the libraries on this machine. */
function libraries(root) {
  const programs = elves(root);
  if (programs.length === 0) return "";
  const place = join(work, "shlibs");
  mkdirSync(join(place, "debian"), { recursive: true });
  writeFileSync(join(place, "debian/control"), "Source: x\n\nPackage: x\nArchitecture: amd64\n");
  const args = ["-O", "--ignore-missing-info", ...programs.map((path) => join(root, path))];
  const said = execFileSync("dpkg-shlibdeps", args, {
    cwd: place,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return said.replace(/^shlibs:Depends=/m, "").trim();
}

/** Debian's changelog: one entry for each release of CHANGELOG.md, which is in the package as it is. */
function changelog() {
  const text = readFileSync("CHANGELOG.md", "utf8");
  const utc = { encoding: "utf8", env: { ...env, LC_ALL: "C" } };
  return [...text.matchAll(/^## ([\d.]+), (\S+)$/gm)]
    .map(([, release, day]) => {
      const date = execFileSync("date", ["-R", "-u", "-d", day], utc).trim();
      return `xenstore-ts (${release}-1) unstable; urgency=medium\n\n  * Release ${release}.\n\n -- ${maintainer}  ${date}\n`;
    })
    .join("\n");
}

const copyright = () => {
  const licence = readFileSync("LICENSE", "utf8").trim().split("\n");
  const owner = licence.find((line) => line.startsWith("Copyright"));
  const terms = licence
    .slice(licence.indexOf(owner) + 1)
    .join("\n")
    .trim();
  const folded = (text) =>
    text
      .split("\n")
      .map((line) => ` ${line || "."}`)
      .join("\n");
  return `${readFileSync(join(HERE, "copyright"), "utf8")}
Files: *
Copyright: ${owner.replace(/^Copyright \(c\) /, "")}
License: Expat
${folded(terms)}
Comment: NOTICES in this directory has the licences of what is linked in.
`;
};

function pack(name, stanza) {
  const root = join(work, name);
  const documents = join(root, "usr/share/doc", name);
  mkdirSync(documents, { recursive: true });
  writeFileSync(join(documents, "changelog.Debian.gz"), gzipSync(changelog(), { level: 9 }));
  writeFileSync(join(documents, "changelog.gz"), gzipSync(readFileSync("CHANGELOG.md"), { level: 9 }));
  rmSync(join(documents, "LICENSE"), { force: true });
  writeFileSync(join(documents, "copyright"), copyright());
  const overrides = join(HERE, `${name}.lintian-overrides`);
  if (existsSync(overrides)) {
    mkdirSync(join(root, "usr/share/lintian/overrides"), { recursive: true });
    // Written anew: a copy would have the mode of the file here.
    writeFileSync(join(root, "usr/share/lintian/overrides", name), readFileSync(overrides));
  }
  const control = join(root, "DEBIAN");
  const files = below(root);
  const size = Math.ceil(
    files.filter(isFile(root)).reduce((sum, path) => sum + lstatSync(join(root, path)).size, 0) / 1024,
  );
  mkdirSync(control);
  const values = { Version: version, Maintainer: maintainer, "shlibs:Depends": libraries(root) };
  const filled = (text) => text.replaceAll(/\$\{([^}]+)\}/g, (_, key) => values[key]).replaceAll(/: , /g, ": ");
  const own = stanza.split("\n").slice(1).join("\n");
  const shared = source
    .split("\n")
    .slice(1)
    .filter((line) => !line.startsWith("Standards-Version"));
  const head = [`Package: ${name}`, "Source: xenstore-ts", `Version: ${version}`, `Installed-Size: ${size}`, ...shared];
  writeFileSync(join(control, "control"), `${filled([...head, own].join("\n"))}\n`);
  const sums = files.filter(isFile(root)).filter((path) => !path.startsWith("etc/"));
  const md5 = (path) =>
    createHash("md5")
      .update(readFileSync(join(root, path)))
      .digest("hex");
  writeFileSync(join(control, "md5sums"), sums.map((path) => `${md5(path)}  ${path}\n`).join(""));
  const settings = files.filter(isFile(root)).filter((path) => path.startsWith("etc/"));
  if (settings.length) writeFileSync(join(control, "conffiles"), settings.map((path) => `/${path}\n`).join(""));
  for (const script of ["postinst", "prerm", "postrm"]) {
    const file = join(HERE, `${name}.${script}`);
    if (!existsSync(file)) continue;
    copyFileSync(file, join(control, script));
    chmodSync(join(control, script), 0o755);
  }
  for (const path of below(root))
    if (!lstatSync(join(root, path)).isSymbolicLink()) utimesSync(join(root, path), when, when);
  const file = join(target, `${name}_${version}_amd64.deb`);
  execFileSync("dpkg-deb", ["--root-owner-group", "-Zxz", "--build", root, file], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  console.log(`deb: ${file}`);
}

mkdirSync(target, { recursive: true });
for (const old of readdirSync(target)) if (old.endsWith(".deb")) rmSync(join(target, old));
install();
for (const [i, name] of names.entries()) pack(name, stanzas[i]);
if (!process.env.DEBFULLNAME || !process.env.DEBEMAIL)
  console.log(`deb: the maintainer is ${maintainer}: DEBFULLNAME= and DEBEMAIL= name whom users can reach`);
rmSync(work, { recursive: true });
