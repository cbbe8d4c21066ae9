import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("the exporter");
const TOOL = "tools/xenstore-exporter";
const DOWN = /^(# HELP xenstored_up .*\n# TYPE xenstored_up gauge\n)xenstored_up 0\n$/;

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs it beside what this process serves. */
function run(...args: string[]): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(TOOL, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 30_000 });
    const ended: Ended = { status: null, stdout: "", stderr: "" };
    child.stdout.on("data", (data) => {
      ended.stdout += data;
    });
    child.stderr.on("data", (data) => {
      ended.stderr += data;
    });
    child.once("close", (status) => done({ ...ended, status }));
  });
}

/** A socket where `answer` does what a store does: it gets the type, the number and the payload of each request. */
async function standIn(
  answer: (client: Socket, type: number, number: number, payload: string) => void,
  body: (path: string, directory: string) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "exporter-"));
  const path = join(directory, "socket");
  const clients = new Set<Socket>();
  const server: Server = createServer((client) => {
    clients.add(client);
    client.on("error", () => {});
    client.on("data", (data) =>
      answer(client, data.readUInt32LE(0), data.readUInt32LE(4), data.toString("latin1", 16)),
    );
  });
  await new Promise<void>((go) => server.listen(path, go));
  try {
    await body(path, directory);
  } finally {
    for (const client of clients) client.destroy();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function message(type: number, number: number, text: string): Buffer {
  const head = Buffer.alloc(16);
  for (const [i, value] of [type, number, 0, text.length].entries()) head.writeUInt32LE(value, 4 * i);
  return Buffer.concat([head, Buffer.from(text, "latin1")]);
}

test("figures of before do not outlive the store", async () => {
  const w = await SocketWorld.start();
  const directory = mkdtempSync(join(tmpdir(), "exporter-"));
  const file = join(directory, "xenstored.prom");
  const args = ["-s", join(w.directory, "socket"), file];
  try {
    assert.equal(await run(...args), { status: 0, stdout: "", stderr: "" });
    const text = readFileSync(file, "utf8");
    assert.match(text, /^xenstored_up 1$/m);
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    assert.ok(text.includes(`\nxenstored_build_info{version="${version} (`), text);
    for (const name of ["recoveries_total", "slow_requests_total", "found_late_total", "engine_bytes"])
      assert.match(text, new RegExp(`^xenstored_${name} \\d+$`, "m"));
    await w.stop();
    const gone = await run(...args);
    assert.is(gone.status, 3);
    assert.match(gone.stderr, /^xenstore-exporter: .*there is no store.*\n$/);
    assert.match(readFileSync(file, "utf8"), DOWN);
    assert.is(statSync(file).mode & 0o777, 0o644);
    assert.equal(readdirSync(directory), ["xenstored.prom"]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a store that accepts and says nothing is down", () =>
  standIn(
    () => {},
    async (path) => {
      const { status, stdout, stderr } = await run("-s", path, "--timeout", "0.2", "-");
      assert.is(status, 3);
      assert.match(stdout, DOWN);
      assert.match(stderr, /the store did not answer within 0\.2 s/);
    },
  ));

test("of a store that ends in the middle nothing is written", () =>
  standIn(
    (client, type, number, payload) => {
      if (type === 2) client.write(message(2, number, "1.0 (0)"));
      else if (payload === "metrics\0")
        client.write(message(0, number, "# TYPE xenstored_nodes gauge\nxenstored_nodes 7\n\0"));
      else client.end(message(0, number, "xenstored_domain").subarray(0, 20));
    },
    async (path, directory) => {
      const file = join(directory, "xenstored.prom");
      writeFileSync(file, "xenstored_nodes 6\n");
      const { status, stderr } = await run("-s", path, file);
      assert.is(status, 3);
      assert.match(stderr, /the connection has ended/);
      assert.match(readFileSync(file, "utf8"), DOWN);
    },
  ));

test("another project's store is up, and has no figures", () =>
  standIn(
    (client, _type, number) => client.write(message(16, number, "ENOENT\0")),
    async (path) => {
      const { status, stdout } = await run("-s", path, "-");
      assert.is(status, 0);
      assert.is(stdout.replace(/^#.*\n/gm, ""), "xenstored_up 1\n");
    },
  ));

test("a version is text in quotes", () =>
  standIn(
    (client, type, number, payload) =>
      client.write(message(type, number, type === 2 ? 'a"b\\c' : payload === "metrics\0" ? "\0" : "\0")),
    async (path) => {
      assert.match((await run("-s", path, "-")).stdout, /^xenstored_build_info\{version="a\\"b\\\\c"\} 1$/m);
    },
  ));

/** An exporter that listens, until `body` is done. */
async function listening(args: string[], body: (port: number, child: ChildProcess) => Promise<void>): Promise<void> {
  const child = spawn(TOOL, [...args, "--listen", "0"], { stdio: ["ignore", "ignore", "pipe"], timeout: 60_000 });
  try {
    const port = await new Promise<number>((go, fail) => {
      let said = "";
      child.stderr?.on("data", (data) => {
        said += data;
        const [, address, number] = /listens on (\S+) port (\d+)\n/.exec(said) ?? [];
        if (address !== undefined) address === "127.0.0.1" ? go(Number(number)) : fail(new Error(address));
      });
      child.once("close", () => fail(new Error(`it ended: ${said}`)));
    });
    await body(port, child);
  } finally {
    const ended = new Promise((go) => child.once("close", go));
    child.kill();
    await ended;
  }
}

/** Everything that comes back for these bytes until the other side closes. */
function exchange(port: number, sent: string): Promise<string> {
  return new Promise((done, fail) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(sent));
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.once("end", () => done(text));
    socket.once("error", (error) => (text === "" ? fail(error) : done(text)));
  });
}

const get = (port: number, path = "/metrics", method = "GET"): Promise<string> =>
  exchange(port, `${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);

test("HTTP: GET /metrics and nothing else", async () => {
  const w = await SocketWorld.start();
  let stopped = false;
  try {
    await listening(["-s", join(w.directory, "socket")], async (port, child) => {
      const [head, body] = (await get(port)).split("\r\n\r\n") as [string, string];
      assert.match(head, /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/plain; version=0\.0\.4/);
      assert.match(head, new RegExp(`\r\nContent-Length: ${body.length}\r\n`));
      assert.match(body, /^xenstored_up 1$/m);
      assert.match(body, /^xenstored_domain_requests_total\{domid="2"\} \d+$/m);
      assert.match(await get(port, "/metrics?x=1"), /^HTTP\/1\.1 200 /);
      for (const path of ["/", "/metrics/", "/etc/passwd", "metrics", "http://x/metrics"])
        assert.match(await get(port, path), /^HTTP\/1\.1 404 /, path);
      for (const method of ["POST", "PUT", "HEAD", "DELETE", "TRACE", "get"])
        assert.match(await get(port, "/metrics", method), /^HTTP\/1\.1 405 .*\r\n(.*\r\n)*Allow: GET\r\n/, method);
      for (const nonsense of ["\r\n\r\n", "GET /metrics\r\n\r\n", "\0\xff\r\n\r\n"])
        assert.match(await exchange(port, nonsense), /^HTTP\/1\.1 400 /, JSON.stringify(nonsense));
      // More than it reads: the connection ends, and the next is served.
      await exchange(port, `GET /metrics HTTP/1.1\r\nX: ${"x".repeat(20000)}`).catch(() => "");
      const both = await Promise.all([get(port), get(port)]);
      for (const text of both) assert.match(text, /^xenstored_up 1$/m);
      const open = (): number => readdirSync(`/proc/${child.pid}/fd`).length;
      const before = open();
      for (let i = 0; i < 10; i++) await get(port);
      assert.ok(open() <= before, "descriptors are lost");
      stopped = true;
      await w.stop();
      const gone = await get(port);
      assert.match(gone, /^HTTP\/1\.1 200 /);
      assert.match(gone.split("\r\n\r\n")[1] as string, DOWN);
    });
  } finally {
    if (!stopped) await w.stop();
  }
});

test("HTTP: neither a silent client nor a silent store keeps others from their answers", () =>
  standIn(
    () => {},
    (path) =>
      listening(["-s", path, "--timeout", "0.2"], async (port) => {
        const silent = connect(port, "127.0.0.1");
        silent.on("error", () => {});
        await new Promise<void>((go) => silent.once("connect", go));
        const text = await get(port);
        assert.match(text, /^HTTP\/1\.1 200 /);
        assert.match(text, /^xenstored_up 0$/m);
        silent.destroy();
      }),
  ));

test("wrong arguments are refused", () => {
  for (const args of [
    [],
    ["--listen", "1", "-"],
    ["--listen", "x"],
    ["--listen", "::1:80"],
    ["--listen", "1:70000"],
    ["--timeout", "0", "-"],
    ["--timeout", "nan", "-"],
  ]) {
    const { status, stderr } = spawnSync(TOOL, args, { encoding: "utf8", timeout: 30_000 });
    assert.is(status, 2, args.join(" "));
    assert.match(stderr, /^usage: /);
  }
  const taken = spawnSync(TOOL, ["--listen", "192.0.2.1:1"], { encoding: "utf8", timeout: 30_000 });
  assert.is(taken.status, 1);
  assert.match(taken.stderr, /^xenstore-exporter: .*\n$/);
  const directory = spawnSync(TOOL, ["-s", "/none", "/nowhere/x.prom"], { encoding: "utf8", timeout: 30_000 });
  assert.is(directory.status, 1);
  assert.not(existsSync("/nowhere"));
});

test.run();
