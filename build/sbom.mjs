// Writes what is linked into the programs: an SBOM (SPDX 2.3, JSON) with hashes, and the licence texts.
//   node build/sbom.mjs DIRECTORY      DIRECTORY/xenstore-ts.spdx.json, DIRECTORY/NOTICES
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { epoch } from "./epoch.mjs";

const OUT = "build/out";
const DEBS = join(OUT, "debs");
const target = process.argv[2];
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const sha256 = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
const die = (line) => {
  console.error(`sbom: ${line}`);
  process.exit(1);
};

const versions = new Map(
  readFileSync(join(OUT, "versions.txt"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" ").slice(0, 2)),
);
const archive = (pattern) => {
  const found = readdirSync(DEBS)
    .filter((name) => pattern.test(name))
    .sort()
    .at(-1);
  return found ? join(DEBS, found) : die(`${DEBS} has no ${pattern.source}`);
};
const newlibTar = () => {
  const directory = join(OUT, "trixie/usr/src/newlib");
  const name = readdirSync(directory).find((file) => file.endsWith(".tar.xz"));
  return join(directory, name ?? die("the source of newlib is not there"));
};
const fromNewlib = (name) =>
  execFileSync("tar", ["-xOf", newlibTar(), "--wildcards", `*/${name}`], { encoding: "utf8", maxBuffer: 1 << 26 });
const gcc = execFileSync("gcc", ["-dumpfullversion"], { encoding: "utf8" }).trim();
const libgcc = execFileSync("gcc", ["-print-libgcc-file-name"], { encoding: "utf8" }).trim();
const GCC_TERMS = `/usr/share/doc/libgcc-${gcc.split(".")[0]}-dev/copyright`;

const npm = JSON.parse(readFileSync("package-lock.json", "utf8"));

/** What is linked in: into which products, under which licence, from which archive. */
const PARTS = [
  {
    name: "quickjs",
    version: versions.get("quickjs"),
    licence: "MIT",
    file: archive(/^quickjs_.*\.orig\.tar\./),
    into: "daemon, images",
    text: () => readFileSync(join(OUT, "quickjs/LICENSE"), "utf8"),
  },
  {
    name: "newlib",
    version: versions.get("newlib-source"),
    licence: "LicenseRef-newlib",
    file: archive(/^newlib-source_/),
    into: "images",
    text: () => fromNewlib("COPYING.NEWLIB"),
  },
  {
    name: "xen-public-headers",
    version: versions.get("libxen-dev"),
    licence: "MIT",
    file: archive(/^libxen-dev_/),
    into: "daemon, images, module",
    text: () => readFileSync(join(OUT, "trixie/usr/share/doc/libxen-dev/copyright"), "utf8"),
  },
  {
    name: "uplot",
    version: npm.packages["node_modules/uplot"].version,
    licence: "MIT",
    file: "node_modules/uplot/dist/uPlot.esm.js",
    into: "xenstore-web",
    text: () => readFileSync("node_modules/uplot/LICENSE", "utf8"),
  },
  {
    name: "libgcc",
    version: gcc,
    licence: "GPL-3.0-or-later WITH GCC-exception-3.1",
    file: libgcc,
    into: "daemon, images",
    text: () =>
      existsSync(GCC_TERMS)
        ? readFileSync(GCC_TERMS, "utf8")
        : "The runtime library of GCC, under the GNU GPL version 3 or later with the GCC runtime library exception 3.1.\n",
  },
];
const PRODUCTS = [
  "xenstore-ts-stubdom.gz",
  "xenstore-ts-stubdom-pvh.gz",
  "xenstored",
  "xenstored.prog",
  "xenstored-domains.so",
  "xenstore-relay",
  "xenstore-web",
];

const id = (name) => `SPDXRef-${name.replaceAll(/[^A-Za-z0-9.-]/g, "-")}`;
const packageOf = (part) => ({
  SPDXID: id(part.name),
  name: part.name,
  versionInfo: part.version,
  downloadLocation: "NOASSERTION",
  filesAnalyzed: false,
  packageFileName: basename(part.file),
  checksums: [{ algorithm: "SHA256", checksumValue: sha256(part.file) }],
  licenseConcluded: part.licence,
  licenseDeclared: part.licence,
  copyrightText: "NOASSERTION",
  ...(part.into ? { comment: `linked into: ${part.into}` } : {}),
});
const products = PRODUCTS.map((name) => ({ name, version, licence: "MIT", file: join(OUT, name) }));
const holds = (product, part) =>
  part.into.includes(product.includes("stubdom") ? "images" : product === "xenstored" ? "daemon" : product);
const relationships = products.flatMap((product) => [
  { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: id(product.name) },
  ...PARTS.filter((part) => holds(product.name.endsWith(".so") ? "module" : product.name, part)).map((part) => ({
    spdxElementId: id(product.name),
    relationshipType: "STATIC_LINK",
    relatedSpdxElement: id(part.name),
  })),
]);
const seconds = epoch("sbom");
const packages = [...products, ...PARTS].map(packageOf);
const digest = createHash("sha256").update(JSON.stringify(packages)).digest("hex");
const sbom = {
  spdxVersion: "SPDX-2.3",
  dataLicense: "CC0-1.0",
  SPDXID: "SPDXRef-DOCUMENT",
  name: `xenstore-ts-${version}`,
  documentNamespace: `urn:sha256:${digest}`,
  creationInfo: {
    created: new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
    creators: ["Organization: xenstore-ts", "Tool: build/sbom.mjs"],
  },
  packages,
  relationships,
  hasExtractedLicensingInfos: PARTS.filter((part) => part.licence.startsWith("LicenseRef-")).map((part) => ({
    licenseId: part.licence,
    extractedText: part.text(),
  })),
};
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "xenstore-ts.spdx.json"), `${JSON.stringify(sbom, undefined, 1)}\n`);
const notices = PARTS.map(
  (part) =>
    `${"=".repeat(80)}\n${part.name} ${part.version} (linked into: ${part.into})\n${"=".repeat(80)}\n\n${part.text()}`,
);
writeFileSync(join(target, "NOTICES"), `Licences of what is linked into xenstore-ts.\n\n${notices.join("\n")}`);
console.log(`sbom: ${products.length} products, ${PARTS.length} parts: ${join(target, "xenstore-ts.spdx.json")}`);
