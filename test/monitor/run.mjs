// What an administrator's monitoring gets: the exporter's output of the real daemon, the alert rules, the dashboard and the
// units, each checked by the programs that read them. Grafana is not in Debian: its file is checked for what it asks for.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";

const EXPORTER = resolve("tools/xenstore-exporter");
const RULES = "tools/xenstore.rules.yml";
const count = { passed: 0, failed: 0 };
const scratch = mkdtempSync(join(tmpdir(), "monitor-"));
const read = (path) => readFileSync(path, "utf8");

function verdict(name, good, why) {
  count[good ? "passed" : "failed"]++;
  console.log(good ? `ok ${name}` : `not ok ${name}: ${String(why).trim().split("\n").slice(0, 12).join(" | ")}`);
}

function run(command, input) {
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), { encoding: "utf8", input });
  return { status, out: stdout ?? "", all: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}` };
}

const unknown = (names, known) => [...new Set(names)].filter((name) => !known.has(name));
const namesIn = (text) => text.match(/\bxenstored_[a-z_]+/g) ?? [];

/** docs/metrics.md: each metric, and whether the Linux daemon that has refused nothing has it. */
const told = new Map(
  [...read("docs/metrics.md").matchAll(/^\| `(xenstored_[a-z_]+)` \|(.*)$/gm)].map(([, name, rest]) => [
    name,
    !/stub domain alone|absent while 0/.test(rest),
  ]),
);

/** The daemon's first whole answer to the exporter. */
async function output() {
  const daemon = spawn("build/out/xenstored", ["--no-fork", "--rundir", scratch], { stdio: "ignore" });
  const ended = new Promise((go) => daemon.once("close", go));
  try {
    for (;;) {
      const said = run([EXPORTER, "-s", join(scratch, "socket"), "-"]);
      if (said.status === 0) return said.out;
      if (daemon.exitCode !== null) throw new Error(`the daemon ended with ${daemon.exitCode}`);
      await new Promise((go) => setTimeout(go, 20));
    }
  } finally {
    daemon.kill();
    await ended;
  }
}

async function metrics() {
  const text = await output();
  // Images print no fractions (test/fractions.node.test.ts), and whole seconds would say nothing of a collection.
  const known = /^xenstored_collector_longest_ms metric names should not contain abbreviated units$/gm;
  const check = run(["promtool", "check", "metrics"], text);
  verdict("promtool check metrics: the exporter's output", check.all.replace(known, "").trim() === "", check.all);
  const down = run([EXPORTER, "-s", "/none", "-"]).out;
  const second = run(["promtool", "check", "metrics"], down);
  verdict("and that of a store that is gone", second.status === 0 && second.all === "" && down !== "", second.all);
  const names = new Set(namesIn(text.replace(/^#.*$/gm, "")));
  const missing = [...told].filter(([name, always]) => always && !names.has(name)).map(([name]) => name);
  verdict("it has every metric of docs/metrics.md", told.size > 35 && missing.length === 0, missing);
  verdict("and no other", unknown(names, told).length === 0, unknown(names, told));
}

/** The alerts of the rules: name and expression. */
const alerts = read(RULES)
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((text) => [/^\w+/.exec(text)[0], text.split("labels:")[0]]);

function rules() {
  const check = run(["promtool", "check", "rules", RULES]);
  verdict("promtool check rules", check.status === 0 && alerts.length >= 8, check.all);
  const test = run(["promtool", "test", "rules", "test/monitor/rules.test.yml"]);
  verdict("promtool test rules", test.status === 0, test.all);
  const cases = read("test/monitor/rules.test.yml").split(/^ {6}- eval_time: /m);
  const doc = read("docs/admin/monitor.md");
  for (const [name, expr] of alerts) {
    const own = cases.filter((text) => new RegExp(`alertname: ${name}$`, "m").test(text));
    const raised = own.filter((text) => text.includes("exp_alerts:")).length;
    verdict(`${name} is raised in a test, and not raised in another`, raised > 0 && raised < own.length, own.length);
    verdict(`${name} has a row in docs/admin/monitor.md`, doc.includes(`| \`${name}\` |`), "it has none");
    const names = unknown(namesIn(expr), told);
    verdict(`${name} asks for metrics that there are`, names.length === 0, names);
  }
}

function dashboard() {
  const board = JSON.parse(read("tools/grafana.json"));
  const { panels, templating } = board;
  const targets = panels.flatMap((panel) => panel.targets.map((target) => ({ panel: panel.title, ...target })));
  const variables = new Map(templating.list.map((variable) => [variable.name, variable]));
  verdict(
    "the dashboard has panels, a uid and a schema",
    panels.length > 10 && board.uid && board.schemaVersion >= 36,
    "",
  );
  const ids = new Set(panels.map(({ id }) => id));
  verdict("each panel has a number of its own, from 1 on", ids.size === panels.length && !ids.has(0), [...ids]);
  const foreign = panels.filter(({ datasource }) => datasource?.uid !== `\${datasource}`);
  verdict("the data source is a variable", variables.get("datasource")?.type === "datasource" && !foreign.length, "");
  const names = [...targets.map(({ expr }) => expr), ...templating.list.map(({ query }) => query)].flatMap(namesIn);
  verdict(
    "it asks for metrics that there are",
    names.length > 20 && unknown(names, told).length === 0,
    unknown(names, told),
  );
  const used = targets.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name));
  const free = used.filter((name) => !variables.has(name) && name !== "__rate_interval");
  verdict("and for no variable that it has not", free.length === 0, free);
  const twice = panels.filter(({ targets: own }) => new Set(own.map(({ refId }) => refId)).size !== own.length);
  verdict("no panel has a letter twice", twice.length === 0, twice);
  const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  );
  const wide = panels.filter(({ gridPos: { x, w } }) => x + w > 24);
  verdict("no panel covers another", new Set(places).size === places.length && wide.length === 0, "");
  // As recording rules the expressions are read by Prometheus' own parser.
  const file = join(scratch, "dashboard.yml");
  const records = targets.map(({ expr }, i) => ({
    record: `panel:${i}`,
    expr: expr.replaceAll("$instance", ".*").replaceAll("$__rate_interval", "5m"),
  }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules: records }] }));
  const check = run(["promtool", "check", "rules", file]);
  verdict("each expression is one of Prometheus", check.status === 0, check.all);
}

function units() {
  const names = readdirSync("packaging/systemd").filter((name) => name.startsWith("xenstore-exporter"));
  for (const name of names) {
    const text = read(join("packaging/systemd", name)).replaceAll("/usr/bin/xenstore-exporter", EXPORTER);
    writeFileSync(join(scratch, name), text);
    const started = /^ExecStart=(.*)$/m.exec(text)?.[1];
    if (started === undefined) continue;
    // A wrong option is refused before anything is done, and it alone is named.
    const words = started.replace(/\$\{LISTEN\}/, /^Environment=LISTEN=(.*)$/m.exec(text)?.[1]).split(" ");
    const help = run([...words, "--nosuch"]);
    verdict(
      `${name} starts the exporter with options that it has`,
      /unrecognized arguments: --nosuch$/m.test(help.all),
      help.all,
    );
    // A request before there is a store keeps Linux from making the store's domain.
    const after = /^After=(.*)$/m.exec(text)?.[1].split(" ") ?? [];
    verdict(
      `${name} starts after the store`,
      after.includes("xen.service") && after.includes("xenstored.service"),
      text,
    );
    const files = words.filter((word) => word.endsWith(".prom"));
    const safe = run(["systemd-analyze", "security", "--offline=yes", "--threshold=25", join(scratch, name)]);
    verdict(`${name} has little that it does not need`, safe.status === 0, safe.all.split("\n").slice(-2).join(" "));
    for (const file of files)
      verdict(
        `${name} writes where it may`,
        text.includes(`ReadWritePaths=${file.slice(0, file.lastIndexOf("/"))}\n`),
        file,
      );
  }
  const verify = run(["systemd-analyze", "verify", "--man=no", ...names.map((name) => join(scratch, name))]);
  verdict("systemd-analyze verify", names.length === 3 && verify.all.trim() === "", verify.all);
  const timer = names.find((name) => name.endsWith(".timer"));
  verdict("the timer has its service", names.includes(`${basename(timer, ".timer")}.service`), timer);
}

try {
  await metrics();
  rules();
  dashboard();
  units();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
mkdirSync("build/out/results", { recursive: true });
writeFileSync("build/out/results/monitor.json", `${JSON.stringify({ suite: "monitor", ...count, skipped: 0 })}\n`);
console.log(`\n${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed ? 1 : 0;
