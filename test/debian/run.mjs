// A real Debian host: installs the packages, starts anew, and looks who serves; several times on one disk.
//   node test/debian/run.mjs [SUITE] [--short] [--follow]
// SUITE is trixie or bookworm; build/debian.sh has made its disk. --short leaves out the stages between the first and the last.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { die, OUT, script } from "../../build/qemu.mjs";
import { counting } from "../support/verdicts.mjs";
import { runnable } from "./commands.mjs";

const HERE = "test/debian";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: "boolean" }, follow: { type: "boolean" } },
});
const suite = positionals[0] ?? "trixie";
const made = join(OUT, "debian", suite);
if (!existsSync(join(made, "disk.img"))) die(`${made}/disk.img is not there: make test-debian`);

/** The scripts in their order, and what each begins with: who serves when the host has started. */
const STAGES = readdirSync(HERE)
  .filter((name) => name.endsWith(".sh") && name !== "lib.sh")
  .sort();
const chosen = values.short
  ? STAGES.filter((name) => !readFileSync(join(HERE, name), "utf8").includes("# long"))
  : STAGES;
const dir = join(OUT, "run", `debian-${suite}-${process.pid}`);
const disk = join(dir, "disk.img");
const second = join(dir, "second.img");
const files = {
  "guest-pv.gz": join(OUT, "test-guest.gz"),
  "guest-pvh.gz": join(OUT, "test-guest-pvh.gz"),
  "lib.sh": "test/guest/lib.sh",
  "guests.inc": "test/guest/guests.inc",
  "debian.inc": join(HERE, "lib.sh"),
};

function secondDisk(stage) {
  const root = join(dir, "second");
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  for (const [name, file] of Object.entries(files)) copyFileSync(file, join(root, name));
  for (const name of readdirSync(join(OUT, "packages")).filter((file) => file.endsWith(".deb")))
    copyFileSync(join(OUT, "packages", name), join(root, name));
  copyFileSync(join(HERE, stage), join(root, "main"));
  writeFileSync(
    join(root, "commands"),
    runnable()
      .map(({ page, command }) => `${page}\t${command}\n`)
      .join(""),
  );
  writeFileSync(join(root, "env"), `SUITE=${suite}\nSHORT=${values.short ? "yes" : ""}\n`);
  rmSync(second, { force: true });
  execFileSync("truncate", ["-s", "24M", second]);
  execFileSync("mke2fs", ["-q", "-t", "ext4", "-d", root, second]);
}

const count = { passed: 0, failed: 0, skipped: 0 };
async function start(stage) {
  const lines = [];
  const said = counting(count, lines, values.follow);
  secondDisk(stage);
  const host = {
    xen: join(made, "xen"),
    kernel: join(made, "vmlinuz"),
    initrd: join(made, "initrd.img"),
    words: "root=/dev/vda rw net.ifnames=0 systemd.mask=apt-daily.timer systemd.mask=apt-daily-upgrade.timer",
    drives: [disk, second],
  };
  const boot = { store: "stub", smp: 1, dom0: 640, disk: host };
  const end = await script(boot, said, { name: `debian-${suite}-${stage}`, limit: 240 });
  if (end.status === null) {
    said(`not ok ${stage}: ${end.why}`);
    lines.push(...end.examined.map((line) => `# ${line}`), ...end.console.map((line) => `# console: ${line}`));
  } else if (end.status !== 0 && !lines.some((line) => line.startsWith("not ok ")))
    said(`not ok ${stage}: exited ${end.status}`);
  console.log(`\n== Debian ${suite}, ${stage}: ${end.seconds.toFixed(0)} s`);
  console.log(lines.join("\n"));
  return end.status !== null;
}

rmSync(dir, { recursive: true, force: true });
mkdirSync(dir, { recursive: true });
execFileSync("cp", ["--sparse=always", join(made, "disk.img"), disk]);
for (const stage of chosen) {
  // What follows builds on what this left on the disk.
  if (!(await start(stage))) break;
}
rmSync(dir, { recursive: true, force: true });
mkdirSync(join(OUT, "results"), { recursive: true });
const result = { suite: `debian-${suite}`, ...count };
writeFileSync(join(OUT, "results", `debian-${suite}.json`), `${JSON.stringify(result)}\n`);
console.log(`\n${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ""}`);
process.exitCode = count.failed || count.passed === 0 ? 1 : 0;
