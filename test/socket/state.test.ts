import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("the script for states");
const scratch = mkdtempSync(join(tmpdir(), "state-"));

function tool(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync("tools/xenstore-state", args, { encoding: "utf8", timeout: 30_000 });
  return { status, out: stdout, err: stderr };
}

test("a state that is fetched is the one that a file gets; it is told, sound, and can be begun with", async () => {
  const w = await SocketWorld.start();
  const fetched = join(scratch, "fetched");
  const written = join(scratch, "written");
  try {
    await w.request("1", "WATCH data|tok\u00e9n|");
    await w.request("2", "WATCH data|t|3|");
    for (let i = 0; i < 400; i++) await w.request("0", `WRITE /many/n${i}|value ${i}`);
    await w.request("0", 'WRITE /quote|a "b" \\ \n');
    await w.request("0", "SET_PERMS /quote|n1|r2|b0|");
    await w.request("0", "SET_QUOTA 2|nodes|77|");
    assert.equal(tool("fetch", "-s", join(w.directory, "socket"), fetched).status, 0);
    assert.is((await w.request("0", `CONTROL dump|${written}|`)).reply, "OK|");
    const bytes = readFileSync(fetched);
    assert.ok(bytes.length > 16_000, "more than one piece");
    // The script's own connection is in the one and not in the other; the nodes are the same.
    const nodes = (file: string): string[] =>
      tool("print", file)
        .out.split("\n")
        .filter((line) => line.startsWith("NODE_DATA "));
    assert.equal(nodes(fetched), nodes(written));
    for (const file of [fetched, written]) assert.equal(tool("check", file), { status: 0, out: "", err: "" });
    const { out } = tool("print", fetched);
    const has = (line: RegExp): void => assert.match(out, line);
    has(/^version 2, little-endian\nGLOBAL_DATA socket -1 evtchn -1\nGLOBAL_QUOTA_DATA nodes=1000 /);
    has(/^CONNECTION_DATA \d+ ring domain 1 port 0, 0 bytes in, 0 bytes out in 0 messages$/m);
    has(/^CONNECTION_DATA \d+ socket fd -1, /m);
    has(/^WATCH_DATA \d+ data "tok\\xe9n"$/m);
    has(/^WATCH_DATA_EXTENDED \d+ data "t" depth 3$/m);
    has(/^NODE_DATA \/many\/n399 \(n0\) "value 399"$/m);
    has(/^NODE_DATA \/quote \(n1,r2,b0\) "a \\x22b\\x22 \\x5c \\x0a"$/m);
    has(/^DOMAIN_DATA 2 features 15: nodes=77 /m);
    has(/^OWN \{"kind": "totals", /m);
    has(/\nEND\n$/);
  } finally {
    await w.stop();
  }
  const again = await SocketWorld.start({ args: ["--restore", fetched], domains: [] });
  assert.is((await again.request("0", "READ /many/n399|")).reply, "value 399");
  await again.stop();
});

test("a domain that a state names and that dies later leaves nothing to the next with its number", async () => {
  const file = join(scratch, "named");
  const w = await SocketWorld.start({ domains: [1, 2] });
  await w.request("0", "WRITE /secret|s");
  await w.request("0", "SET_PERMS /secret|n0|r1|r2|");
  await w.request("0", "WRITE /owned|o");
  await w.request("0", "SET_PERMS /owned|n1|r2|");
  await w.request("0", `CONTROL dump|${file}|`);
  await w.stop();
  // The world kills both once the daemon serves.
  const again = await SocketWorld.start({ args: ["--restore", file], domains: [] });
  try {
    for (const domid of [1, 2]) await again.happen(`exist ${domid}`);
    assert.is((await again.request("0", "GET_PERMS /secret|")).reply, "n0|");
    assert.is((await again.request("0", "CONTROL check|")).reply, "OK|");
    for (const domid of [1, 2]) {
      assert.is((await again.request("0", `INTRODUCE ${domid}|1|${domid}|`)).reply, "OK|");
      await again.connect(String(domid));
      for (const path of ["/secret", "/owned"])
        assert.not.match((await again.request(String(domid), `READ ${path}|`)).reply, /^[so]$/);
    }
  } finally {
    await again.stop();
  }
});

/** A stream built by hand, in either byte order. */
class Stream {
  private parts: Buffer[];

  constructor(
    private readonly big: boolean,
    version: number,
  ) {
    const head = Buffer.from("xenstore\0\0\0\0\0\0\0\0", "latin1");
    head.writeUInt32BE(version, 8);
    head.writeUInt32BE(big ? 1 : 0, 12);
    this.parts = [head];
  }

  record(type: number, ...fields: (readonly [2 | 4, number] | string)[]): this {
    const body = Buffer.concat(
      fields.map((field) => {
        if (typeof field === "string") return Buffer.from(field, "latin1");
        const [bytes, value] = field;
        const part = Buffer.alloc(bytes);
        if (this.big) part.writeUIntBE(value, 0, bytes);
        else part.writeUIntLE(value, 0, bytes);
        return part;
      }),
    );
    const length = (body.length + 7) & ~7;
    const head = Buffer.alloc(8);
    if (this.big) head.writeUInt32BE(type, 0);
    else head.writeUInt32LE(type, 0);
    if (this.big) head.writeUInt32BE(length, 4);
    else head.writeUInt32LE(length, 4);
    this.parts.push(head, body, Buffer.alloc(length - body.length));
    return this;
  }

  node(path: string, value = "", perms = "n"): this {
    const domid = this.big ? "\0\0" : "\0\0";
    const entries = [...perms].map((letter) => `${letter}\0${domid}`).join("");
    return this.record(
      5,
      [4, 0],
      [4, 0],
      [2, path.length + 1],
      [2, value.length],
      [2, 0],
      [2, perms.length],
      entries,
      `${path}\0${value}`,
    );
  }

  begin(): this {
    return this.record(1, [4, 0xffff_ffff], [4, 7]);
  }

  connection(id: number): this {
    return this.record(2, [4, id], [2, 0], [2, 0], [2, 5], [2, 0x7ff4], [4, 33], [2, 0], [2, 0], [4, 0]);
  }

  /** As it stands: what is wrong with it is wanted. */
  file(end = true): string {
    if (end) this.record(0);
    const path = join(scratch, "stream");
    writeFileSync(path, Buffer.concat(this.parts));
    return path;
  }

  roots(): this {
    return this.node("/").node("@releaseDomain").node("@introduceDomain");
  }
}

test("what C xenstored writes: both versions, either byte order, a depth left out", () => {
  for (const [big, version] of [
    [false, 1],
    [true, 2],
  ] as const) {
    const s = new Stream(big, version).begin().connection(1);
    s.record(3, [4, 1], [2, 5], [2, 4], "path\0tok\0");
    s.record(8, [4, 1], [2, 5], [2, 4], [2, 2], [2, 0], "/ext\0tok\0");
    s.record(8, [4, 1], [2, 5], [2, 4], "/cut\0tok\0");
    s.roots().node("/a", "value", "rb").node("/a/b");
    s.record(7, [2, 5], [2, 2], [4, 15], [4, 100], [4, 7], "nodes\0memory\0");
    s.record(99, "what comes later");
    const path = s.file();
    const { status, out, err } = tool("print", path);
    assert.is(err, "");
    assert.is(status, 0);
    assert.match(out, new RegExp(`^version ${version}, ${big ? "big" : "little"}-endian\n`));
    for (const line of [
      "GLOBAL_DATA socket -1 evtchn 7",
      "CONNECTION_DATA 1 ring domain 5 port 33, 0 bytes in, 0 bytes out in 0 messages",
      'WATCH_DATA 1 path "tok"',
      'WATCH_DATA_EXTENDED 1 /ext "tok" depth 2',
      'WATCH_DATA_EXTENDED 1 /cut "tok"',
      'NODE_DATA /a (r0,b0) "value"',
      "DOMAIN_DATA 5 features 15: nodes=100 memory=7",
      "TYPE_99 bytes 16",
      "END",
    ])
      assert.ok(out.split("\n").includes(line), `${line}\n${out}`);
  }
});

test("what cannot be is found", () => {
  const begun = (): Stream => new Stream(false, 2).begin();
  const cases: [Stream, boolean, RegExp][] = [
    [begun().roots(), true, /^$/],
    [begun().roots(), false, /^the stream has no end$/m],
    [begun().node("/"), true, /^there is no node @releaseDomain$/m],
    [new Stream(false, 2).roots(), true, /^GLOBAL_DATA is there 0 times$/m],
    [begun().roots().node("/a/b"), true, /NODE_DATA: \/a\/b comes before its parent$/m],
    [begun().roots().node("/a").node("/a"), true, /\/a comes twice$/m],
    [begun().roots().node("/a b"), true, /\/a b is not a path$/m],
    [begun().roots().node("/a", "", ""), true, /\/a has no owner$/m],
    [begun().roots().node("/a", "", "x"), true, /\/a has permissions that are none$/m],
    [begun().roots().record(3, [4, 9], [2, 2], [2, 2], "/\0t\0"), true, /a connection 9 that is not there$/m],
    [begun().roots().connection(1).connection(1), true, /number 1 is not one, or comes twice$/m],
    [begun().roots().connection(0), true, /number 0 is not one/],
    [begun().roots().record(5, [4, 0]), true, /NODE_DATA: it is too short$/m],
    [begun().roots().record(3, [4, 1], [2, 2], [2, 2], "/xt\0"), true, /a string without an end, or with two$/m],
    [begun().roots().record(0x5354_5358, "{"), true, /its JSON cannot be read$/m],
    [
      begun().roots().record(0x5354_5358, '{"kind":"totals","nodes":4,"watches":0,"connections":0,"transactions":0}'),
      true,
      /^4 nodes were written, 3 are here$/m,
    ],
    [new Stream(false, 3).begin(), true, /version 3 is not known/],
  ];
  for (const [stream, end, pattern] of cases) {
    const { status, err } = tool("check", stream.file(end));
    assert.match(err, pattern);
    assert.is(status, pattern.source === "^$" ? 0 : 1, err);
  }
  const whole = readFileSync(begun().roots().file());
  for (const [bytes, pattern] of [
    [whole.subarray(0, 12), /^xenstore-state: not a state of a xenstore$/m],
    [whole.subarray(0, 21), /half a record$/m],
    [whole.subarray(0, 30), /the record ends behind the file$/m],
    [Buffer.concat([whole, Buffer.from("more")]), /^something stands behind the end$/m],
  ] as const) {
    const path = join(scratch, "bad");
    writeFileSync(path, bytes);
    const { status, err } = tool("check", path);
    assert.is(status, 1);
    assert.match(err, pattern);
  }
});

test("a live update lets go of what is fetched", async () => {
  const w = await SocketWorld.start();
  const ask = async (command: string): Promise<string> => (await w.request("0", `CONTROL ${command}|`)).reply;
  try {
    assert.match(await ask("dump|-b"), /^\d{3,}\|$/);
    assert.match(await ask("dump|-o|0"), /^xenstore\|\|\|/);
    assert.is(await ask(`live-update|-f|${resolve("build/out/xenstored.prog")}`), "OK|");
    assert.is(await ask("live-update|-s"), "OK|");
    assert.is(await ask("dump|-o|0"), "|");
    assert.match(await ask("dump|-b"), /^\d{3,}\|$/);
    assert.is(await ask("dump|-e"), "OK|");
    assert.is(await ask("dump|-o|0"), "|");
  } finally {
    await w.stop();
  }
});

test("the scratch directory goes", () => rmSync(scratch, { recursive: true }));

test.run();
