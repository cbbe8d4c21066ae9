// Makes the RPM packages of packaging/rpm/xenstore-ts.spec.
//   node build/rpm.mjs DIRECTORY
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { epoch } from "./epoch.mjs";

const target = resolve(process.argv[2]);
const top = join(target, "rpm");
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const when = String(epoch("rpm"));
const defines = {
  _topdir: top,
  tree: resolve("."),
  release_version: version,
  _buildhost: "localhost",
  use_source_date_epoch_as_buildtime: "1",
  clamp_mtime_to_source_date_epoch: "1",
};

rmSync(top, { recursive: true, force: true });
mkdirSync(top, { recursive: true });
for (const old of readdirSync(target)) if (old.endsWith(".rpm")) rmSync(join(target, old));
const made = spawnSync(
  "rpmbuild",
  [
    "-bb",
    ...Object.entries(defines).flatMap(([name, value]) => ["--define", `${name} ${value}`]),
    "packaging/rpm/xenstore-ts.spec",
  ],
  { encoding: "utf8", env: { ...process.env, SOURCE_DATE_EPOCH: when } },
);
if (made.status !== 0) {
  const wrong = made.error?.message ?? made.stderr.trim().split("\n").slice(-8).join("\n");
  console.error(`rpm: rpmbuild failed: ${wrong}`);
  process.exit(1);
}
for (const name of readdirSync(join(top, "RPMS/x86_64"))) {
  renameSync(join(top, "RPMS/x86_64", name), join(target, name));
  console.log(`rpm: ${join(target, name)}`);
}
rmSync(top, { recursive: true });
