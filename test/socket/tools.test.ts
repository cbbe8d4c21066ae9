import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bridge } from "../support/bridge.ts";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("tools for Dom0");

const OLD_PYTHON = "import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 7))";

function tool(name: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(`tools/${name}`, args, { encoding: "utf8", timeout: 30_000 });
  assert.is(status, 0, stderr);
  return stdout;
}

test("scripts are single files that speak the wire in the same way", () => {
  const parts = new Set<string>();
  const writers = new Set<string>();
  const tellers = new Set<string>();
  for (const name of readdirSync("tools").filter((n) => n.startsWith("xenstore-"))) {
    const text = readFileSync(join("tools", name), "utf8");
    assert.match(text, /^#!\/usr\/bin\/env python3\n/);
    assert.is(statSync(join("tools", name)).mode & 0o111, 0o111, name);
    // The oldest Python that hosts have.
    assert.is(spawnSync("python3", ["-c", OLD_PYTHON, join("tools", name)]).status, 0, `${name}: Python 3.7`);
    assert.not.match(text, /\.remove(?:suffix|prefix)\(/);
    const told = /^def why_of\(.*\n(?:(?: .*)?\n)+/m.exec(text)?.[0];
    if (told !== undefined) tellers.add(told.trimEnd());
    assert.match(
      spawnSync(join("tools", name), ["--version"], { encoding: "utf8" }).stdout,
      /^xenstore-ts @VERSION@$/m,
    );
    const { status, stdout } = spawnSync(join("tools", name), ["--help"], { encoding: "utf8" });
    assert.is(status, 0);
    assert.match(stdout, new RegExp(name));
    const wire = /^class Store:\n(?:(?: .*)?\n)+/m.exec(text)?.[0];
    if (wire !== undefined) parts.add(wire.trimEnd());
    const writer = /^def write_whole\(.*\n(?:(?: .*)?\n)+/m.exec(text)?.[0];
    if (writer !== undefined) writers.add(writer.trimEnd());
  }
  assert.is(parts.size, 1);
  assert.is(writers.size, 1);
  assert.is(tellers.size, 1);
});

test("a file that is no store is left as it is, and a missing one is told of", () => {
  const directory = mkdtempSync(join(tmpdir(), "xs-"));
  const file = join(directory, "file");
  const out = join(directory, "out");
  const uses = {
    "xenstore-exporter": ["-s", file, "-"],
    "xenstore-state": ["fetch", "-s", file, out],
    "xenstore-top": ["--once", "-s", file],
    "xenstore-trace": ["fetch", "-s", file, out],
  };
  try {
    for (const [name, args] of Object.entries(uses)) {
      writeFileSync(file, "what was there");
      for (const [path, why] of [
        [file, "neither a socket nor a device"],
        [`${file}.none`, "-s PATH"],
      ]) {
        const given = args.map((arg) => (arg === file ? (path as string) : arg));
        const { status, stderr } = spawnSync(`tools/${name}`, given, { encoding: "utf8", timeout: 30_000 });
        // The exporter has written that no store is there.
        assert.is(status, name === "xenstore-exporter" ? 3 : 1, name);
        assert.not.match(stderr, /Errno/);
        assert.ok(
          stderr.includes(path as string) &&
            stderr.includes(why as string) &&
            stderr.trimEnd().split("\n").length === 1,
          stderr,
        );
      }
      assert.is(readFileSync(file, "utf8"), "what was there", name);
      assert.is(existsSync(out), false);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

/** Series by name; each family must have its head once, before its samples. */
function series(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const families = new Set<string>();
  let family = "";
  for (const line of text.trimEnd().split("\n")) {
    const head = /^# TYPE (\S+) (gauge|counter)$/.exec(line);
    if (head) {
      family = head[1] as string;
      assert.not(families.has(family), `${family} comes twice`);
      families.add(family);
    } else if (!line.startsWith("# HELP ")) {
      const [name, value] = line.split(/ (?=\S+$)/) as [string, string];
      assert.is(name.split("{")[0], family, line);
      assert.not(found.has(name), line);
      found.set(name, Number(value));
    }
  }
  return found;
}

test("the exporter writes what the textfile collector reads", async () => {
  const domains = Array.from({ length: 20 }, (_, i) => i + 1);
  const w = await SocketWorld.start({ domains });
  const file = join(w.directory, "xenstore.prom");
  const socket = join(w.directory, "socket");
  try {
    for (let i = 0; i < 5; i++) await w.request("7", `WRITE data/${i}|x`);
    assert.is((await w.request("7", `SET_PERMS data|n7|${"r1|".repeat(5)}`)).reply, "!ENOSPC");
    assert.is(tool("xenstore-exporter", "-s", socket, file), "");
    const found = series(readFileSync(file, "utf8"));
    assert.is(found.get('xenstored_domain_usage{domid="7",quota="nodes"}'), 6);
    const requests = (domid: number): number =>
      found.get(`xenstored_domain_requests_total{domid="${domid}"}`) ?? Number.NaN;
    // Each client has sent as many barriers, since it is there.
    assert.ok(requests(20) > 0 && requests(7) >= requests(20) + 5, `${requests(7)}, ${requests(20)}`);
    assert.is(found.get('xenstored_domain_refusals_total{domid="7",quota="node-permissions"}'), 1);
    assert.is(found.get('xenstored_refusals_total{quota="node-permissions"}'), 1);
    assert.is(statSync(file).mode & 0o777, 0o644);
    assert.equal(
      readdirSync(w.directory).filter((name) => name.includes("prom")),
      ["xenstore.prom"],
    );
    const again = series(tool("xenstore-exporter", "-s", socket, "-"));
    assert.ok((again.get("xenstored_requests_total") ?? 0) > (found.get("xenstored_requests_total") ?? 0));
  } finally {
    await w.stop();
  }
});

test("xenstore-top: who is busy, at a quota, refused, hindered", async () => {
  const w = await SocketWorld.start({ domains: [1, 2, 3], args: ["-E", "2"] });
  const socket = join(w.directory, "socket");
  try {
    await w.request("0", "WRITE /local/domain/3/name|the \u001bthird");
    await w.request("0", "SET_PERMS /local/domain/1/data|n1|b2|");
    await w.request("1.t", "TRANSACTION_START |");
    await w.request("1.t", "READ data|");
    await w.request("1.t", "WRITE data/x|1");
    await w.request("2", "WRITE /local/domain/1/data|theirs");
    assert.is((await w.request("1.t", "TRANSACTION_END T|")).reply, "!EAGAIN");
    await w.request("2", "WRITE data/b|1");
    assert.is((await w.request("2", "WRITE data/c|1")).reply, "!ENOSPC");
    const child = spawn("tools/xenstore-top", ["-s", socket, "--once", "-d", "1.5"]);
    let out = "";
    child.stdout.on("data", (data) => {
      out += data;
    });
    let status: number | null = null;
    child.once("close", (code) => {
      status = code ?? -1;
    });
    // As long as it looks: a busy machine takes its time to start it.
    while (status === null) await w.request("3", "READ data|");
    assert.is(status, 0);
    const lines = out.trimEnd().split("\n");
    assert.match(lines[0] as string, /^xenstore-top {2}up \d+ s {2}\d+\.\d requests\/s {2}\d+ nodes /);
    const row = (domid: number): string => lines.find((line) => line.startsWith(String(domid).padStart(6))) ?? "";
    assert.ok(lines.length >= 6, out);
    // The busiest of the guests comes before the others.
    assert.ok(lines.indexOf(row(3)) < lines.indexOf(row(1)), out);
    // Its name does not control the terminal.
    assert.match(row(3), /the \?third +[1-9]\d+\.\d/);
    assert.match(row(2), / nodes=2$/);
    // Failed once, caused none, for domain 2.
    assert.match(row(1), / 0 +1 +0 +2$/);
    // Refused once, before that.
    assert.match(row(2), / 1 +0 +1 +nodes=2$/);
    assert.match(lines[0] as string, / 1 refused$/);
  } finally {
    await w.stop();
  }
});

test("xenstore-top -c: connections, with the processes of sockets", async () => {
  const w = await SocketWorld.start();
  const socket = join(w.directory, "socket");
  try {
    await w.request("1", "WATCH data|t|");
    const lines = tool("xenstore-top", "-s", socket, "-c", "--once", "-d", "0.2").trimEnd().split("\n");
    assert.match(lines[1] as string, /^ +CONN KIND +DOMAIN /);
    // The tool itself is the busiest, and this test has a socket as well.
    assert.match(lines[2] as string, / socket +0 +[1-9]\d*\.\d .* python3?/);
    assert.ok(
      lines.some((line) => line.includes(` ${process.pid} node`)),
      lines.join("\n"),
    );
    const ring = lines.filter((line) => /^ +\d+ ring +1 /.test(line));
    assert.is(ring.length, 1, lines.join("\n"));
    assert.match(ring[0] as string, / +\d+\.\d +\d+\.\d +\d+ +0 +0 +1 +\d+ s .* open /);
  } finally {
    await w.stop();
  }
});

/** Runs the tool on a terminal, presses q after its third table, and ends as it does. */
const TERMINAL = `
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        data = b""
    if not data:
        break
    before, seen = seen.count(b"xenstore-top"), seen + data
    if before < 3 <= seen.count(b"xenstore-top"):
        os.write(terminal, b"q")
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

test("xenstore-top refreshes until q", async () => {
  const w = await SocketWorld.start();
  try {
    const args = ["-c", TERMINAL, "tools/xenstore-top", "-s", join(w.directory, "socket"), "-d", "0.1"];
    const { status, stdout, stderr } = spawnSync("python3", args, { encoding: "latin1", timeout: 20_000 });
    assert.is(status, 0, stderr);
    const tables = stdout.split("\x1b[H\x1b[J").slice(1);
    assert.ok(tables.length >= 3 && tables.length <= 5, `${tables.length}`);
    for (const table of tables) assert.match(table, /^xenstore-top .*\r?\nDOMAIN NAME .* BY OVER\r?\n/);
    assert.ok(tables[0]?.includes(" REFUSED "), "also in 80 columns");
  } finally {
    await w.stop();
  }
});

test("over a device instead of a socket", async () => {
  const w = await SocketWorld.start();
  const { device, stop } = await bridge(join(w.directory, "socket"));
  try {
    assert.match(tool("xenstore-exporter", "-s", device, "-"), /^xenstored_domain_requests_total\{domid="2"\} \d+$/m);
    assert.match(tool("xenstore-top", "-s", device, "--once", "-d", "0.1"), /^ +1 /m);
  } finally {
    stop();
    await w.stop();
  }
});

test("where no store is, one line says so", () => {
  for (const name of ["xenstore-top", "xenstore-exporter"]) {
    const { status, stderr } = spawnSync(
      `tools/${name}`,
      ["-s", "/none", ...(name === "xenstore-top" ? ["--once"] : ["-"])],
      {
        encoding: "utf8",
      },
    );
    assert.is(status, name === "xenstore-exporter" ? 3 : 1);
    assert.match(stderr, new RegExp(`^${name}: .*/none.*\n$`));
  }
});

test.run();
