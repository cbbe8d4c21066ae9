// The packages that `make deb` and `make rpm` have made: lintian, what they bring, and what a script in them may do.
//   node test/packages.mjs DIRECTORY
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lostLinks } from "./support/links.mjs";

const dir = process.argv[2];
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const count = { passed: 0, failed: 0 };
const verdict = (name, good, why) => {
  count[good ? "passed" : "failed"]++;
  console.log(good ? `ok ${name}` : `not ok ${name}: ${String(why).trim().split("\n").slice(0, 12).join(" | ")}`);
};
const run = (...command) => {
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return { status, text: stdout ?? "", all: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}` };
};

const MANUAL = readdirSync("docs/man").map((name) => `usr/share/man/man${name.at(-1)}/${name}.gz`);
const TOOLS = ["exporter", "state", "top", "trace", "web"].map((name) => `usr/bin/xenstore-${name}`);
/** What a host must get, in which package. */
const BROUGHT = {
  "xenstore-ts": [
    "etc/xenstore-ts.conf",
    "usr/lib/xenstore-ts/start",
    "usr/lib/xenstore-ts/xenstored",
    "usr/lib/xenstore-ts/xenstored.prog",
    "usr/lib/xenstore-ts/xenstored-domains.so",
    "usr/lib/systemd/system/xen.service.d/xenstore-ts.conf",
    "usr/lib/systemd/system/xendomains.service.d/xenstore-ts.conf",
    "usr/lib/systemd/system/xenstore-relay.service",
    "usr/lib/systemd/system/xenstore-exporter.service",
    "usr/lib/systemd/system/xenstore-exporter.timer",
    "usr/lib/systemd/system/xenstore-exporter-http.service",
    "usr/sbin/xenstored-ts",
    "usr/sbin/xenstore-relay",
    "usr/sbin/xenstore-ts",
    "usr/share/xenstore-ts/grafana.json",
    "usr/share/xenstore-ts/profiles/many-watches.conf",
    "usr/share/xenstore-ts/xenstore.rules.yml",
    "usr/share/doc/xenstore-ts/NOTICES",
    "usr/share/doc/xenstore-ts/xenstore-ts.spdx.json",
    ...TOOLS,
    ...MANUAL,
  ],
  "xenstore-ts-stubdom": [
    "usr/lib/xenstore-ts/xenstore-ts-stubdom.gz",
    "usr/lib/xenstore-ts/xenstore-ts-stubdom-pvh.gz",
  ],
};
/** What an RPM leaves out: Debian's way of starting a store. */
const DEBIAN_ONLY = /systemd\/system\/xen(?:domains)?\.service|lib\/xenstore-ts\/start/;

const debs = readdirSync(dir).filter((name) => name.endsWith(".deb"));
const rpms = readdirSync(dir).filter((name) => name.endsWith(".rpm"));
verdict("there are two of each kind", debs.length === 2 && rpms.length === 2, [...debs, ...rpms].join(" "));

for (const [name, wanted] of Object.entries(BROUGHT)) {
  const deb = join(dir, debs.find((file) => file.startsWith(`${name}_`)) ?? "none");
  const listed = run("dpkg-deb", "-c", deb).text;
  const files = new Set([...listed.matchAll(/ \.\/(\S+)/g)].map((found) => found[1]));
  const missing = wanted.filter((file) => !files.has(file));
  verdict(`${name}.deb brings its files`, missing.length === 0, missing);
  const foreign = [...listed.matchAll(/^\S+ (\S+)\s/gm)].filter((found) => found[1] !== "root/root");
  verdict(`all of ${name}.deb are root's`, files.size > 0 && foreign.length === 0, foreign.length);
  const unpacked = mkdtempSync(join(tmpdir(), "deb-"));
  run("dpkg-deb", "-x", deb, unpacked);
  const documents = lostLinks(join(unpacked, "usr/share/doc", name));
  verdict(`links of ${name}.deb's documents lead to files`, documents.length === 0, documents);
  if (name === "xenstore-ts")
    for (const program of [...TOOLS, "usr/sbin/xenstore-ts", "usr/sbin/xenstore-relay", "usr/sbin/xenstored-ts"]) {
      const told = run(join(unpacked, program), "--version").text;
      verdict(
        `${program} tells the version`,
        told.startsWith(program.includes("relay") ? "xenstore-relay " : "xenstore-ts ") && told.includes(` ${version}`),
        told,
      );
    }
  rmSync(unpacked, { recursive: true });
  const said = run("lintian", "--allow-root", "--fail-on", "error", deb);
  verdict(`lintian finds no error in ${name}.deb`, said.status === 0, said.all);
  // One who calls `man` on a program of the package gets an answer.
  const unread = said.text.match(/no-manual-page.*/g) ?? [];
  verdict(`each program of ${name}.deb has a manual page`, unread.length === 0, unread);
  console.log(said.text.trim().replace(/^/gm, "# "));

  const rpm = join(dir, rpms.find((file) => file.startsWith(`${name}-0`) || file.startsWith(`${name}-1`)) ?? "none");
  const inside = new Set(
    run("rpm", "-qlp", rpm)
      .text.split("\n")
      .map((line) => line.slice(1)),
  );
  const left = wanted.filter((file) => !DEBIAN_ONLY.test(file) && !inside.has(file));
  verdict(`${name}.rpm brings its files`, left.length === 0, left);
  verdict(`${name}.rpm brings nothing of Debian's start`, ![...inside].some((file) => DEBIAN_ONLY.test(file)), [
    ...inside,
  ]);
}

// A store is never stopped or restarted by a package.
const scripts = readdirSync("packaging/debian").filter((name) => /\.(pre|post)(inst|rm)$/.test(name));
for (const name of scripts) {
  const text = readFileSync(join("packaging/debian", name), "utf8");
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  // The exporter is no store.
  const own = /deb-systemd-invoke stop(?: xenstore-exporter[\w.-]*)+ \|\| true$/;
  const acts = lines.filter(
    (line) =>
      !own.test(line) &&
      /systemctl (?!daemon-reload)|deb-systemd-invoke|invoke-rc\.d|\bservice |init\.d|\bkill\b|\bxl /.test(line),
  );
  verdict(`${name} stops and starts nothing`, acts.length === 0, acts);
  const syntax = run("sh", "-n", join("packaging/debian", name));
  verdict(`${name} is sh`, syntax.status === 0, syntax.all);
}

// Where launch-xenstore starts the store, xencommons names files of the package: it must not once they are gone. The scripts run
// as rpm and dpkg run them, on a place that stands for the host.
const spec = readFileSync("packaging/rpm/xenstore-ts.spec", "utf8");
const ofSpec = (name) => new RegExp(`^%${name}\\n([\\s\\S]*?)(?=^%[a-z])`, "m").exec(spec)?.[1] ?? "exit 9";
const ofDeb = (name) => readFileSync(`packaging/debian/${name}.prerm`, "utf8");
const KERNEL = "XENSTORE_DOMAIN_KERNEL=/usr/lib/xenstore-ts/xenstore-ts-stubdom.gz\n";
for (const [script, text, argument, common, disables] of [
  ["%preun", ofSpec("preun"), "0", KERNEL, true],
  ["%preun, of an upgrade,", ofSpec("preun"), "1", KERNEL, false],
  ["%preun of stubdom", ofSpec("preun stubdom"), "0", KERNEL, true],
  ["%preun of stubdom, of an upgrade,", ofSpec("preun stubdom"), "1", KERNEL, false],
  ["%preun of stubdom, beside the daemon,", ofSpec("preun stubdom"), "0", "XENSTORETYPE=daemon\n", false],
  ["prerm", ofDeb("xenstore-ts"), "remove", `# xenstore-ts begin (x)\n${KERNEL}`, true],
  ["prerm, of an upgrade,", ofDeb("xenstore-ts"), "upgrade", `# xenstore-ts begin (x)\n${KERNEL}`, false],
  ["prerm, without a block,", ofDeb("xenstore-ts"), "remove", "", false],
  ["prerm of stubdom", ofDeb("xenstore-ts-stubdom"), "remove", KERNEL, true],
  ["prerm of stubdom, beside the daemon,", ofDeb("xenstore-ts-stubdom"), "remove", "XENSTORETYPE=daemon\n", false],
]) {
  const root = mkdtempSync(join(tmpdir(), "scripts-"));
  for (const place of ["etc/sysconfig", "etc/default", "usr/sbin", "var", "run"])
    mkdirSync(join(root, place), { recursive: true });
  writeFileSync(join(root, "etc/sysconfig/xencommons"), common);
  const tool = join(root, "usr/sbin/xenstore-ts");
  writeFileSync(tool, `#!/bin/sh\necho "$@" >>${root}/called\n`, { mode: 0o755 });
  const there = text
    .replaceAll("%{library}", "/usr/lib/xenstore-ts")
    .replaceAll("%{_prefix}", `${root}/usr`)
    .replaceAll(/ \/(etc|var|run)\//g, ` ${root}/$1/`);
  const { status, error } = spawnSync("sh", ["-c", there, "sh", argument], {
    env: { PATH: `${root}/usr/sbin:/usr/bin:/bin` },
  });
  const called = run("cat", join(root, "called")).text;
  verdict(
    `${script} ${disables ? "disables what goes" : "changes nothing"}`,
    status === 0 && called === (disables ? "disable\n" : ""),
    `${status} ${error ?? ""} ${called}`,
  );
  rmSync(root, { recursive: true });
}

const sbom = JSON.parse(readFileSync("build/out/sbom/xenstore-ts.spdx.json", "utf8"));
const unhashed = sbom.packages.filter((part) => !/^[0-9a-f]{64}$/.test(part.checksums[0].checksumValue));
verdict("the SBOM has a hash for each part", sbom.packages.length >= 10 && unhashed.length === 0, unhashed.length);
const own = sbom.packages.find((part) => part.name === "xenstored");
const sum = run("sha256sum", "build/out/xenstored").text.split(" ")[0];
verdict("of the programs that were built", own.checksums[0].checksumValue === sum && own.versionInfo === version, sum);
const notices = readFileSync("build/out/sbom/NOTICES", "utf8");
const untold = ["quickjs", "newlib", "libgcc", "xen-public-headers"].filter((part) => !notices.includes(`\n${part} `));
verdict("the notices have every part", untold.length === 0 && notices.includes("Fabrice Bellard"), untold);

mkdirSync("build/out/results", { recursive: true });
writeFileSync("build/out/results/packages.json", `${JSON.stringify({ suite: "packages", ...count, skipped: 0 })}\n`);
console.log(`\n${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed ? 1 : 0;
