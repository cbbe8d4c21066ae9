import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** How `xenstore-ts` treats the files of a host that it changes, and what it refuses. The settings are in host-settings. */
const test = suite("files of a host");

type Files = Record<string, string | Buffer>;
interface Host {
  read(name: string): string;
  bytes(name: string): Buffer;
  write(name: string, text: string | Buffer): void;
  at(name: string): string;
  run(...args: string[]): { status: number | null; stdout: string; stderr: string };
}
const CONF = "etc/xenstore-ts.conf";
const COMMON = "etc/sysconfig/xencommons";
const OWN = "usr/lib/xenstore-ts/xenstored";
const IMAGE = "usr/lib/xenstore-ts/xenstore-ts-stubdom.gz";
const BEGIN = "# xenstore-ts begin (xenstore-ts disable removes this block)\n";
const PROGRAM = "#!/bin/sh\n";
const BASE: Files = { "usr/lib/xenstore-ts/start": "", [OWN]: PROGRAM, [IMAGE]: gzipSync("\x7fELF") };
const LAUNCHED: Files = {
  ...BASE,
  "etc/xen/scripts/launch-xenstore": "",
  "usr/lib/xen/bin/init-xenstore-domain": "",
  [COMMON]: "A=1\n",
};
const SYSV: Files = { ...BASE, "etc/init.d/xen": "", "etc/default/xen": "A=1\n", "etc/default/xendomains": "B=2\n" };
const XEN = "etc/default/xen";

const command = join(process.cwd(), "tools/xenstore-ts");
const environment = (root: string) => ({ PATH: `${root}/bin:/usr/bin:/bin`, XENSTORE_TS_ROOT: root });

function fake(files: Files): { root: string; host: Host } {
  const root = mkdtempSync(join(tmpdir(), "files-"));
  const at = (name: string) => join(root, name);
  const write = (name: string, text: string | Buffer) => {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
    if (text.toString().startsWith("#!")) chmodSync(at(name), 0o755);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const run = (...args: string[]) =>
    spawnSync(command, args, { encoding: "utf8", env: environment(root), timeout: 60_000 });
  const bytes = (name: string) => readFileSync(at(name));
  const read = (name: string) => (existsSync(at(name)) ? bytes(name).toString("latin1") : "");
  return { root, host: { read, bytes, write, at, run } };
}

function host(files: Files, body: (host: Host) => void): void {
  const { root, host } = fake(files);
  try {
    body(host);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Files below etc that are left over. */
const strange = (at: (name: string) => string) =>
  (readdirSync(at("etc"), { recursive: true }) as string[]).filter((name) => name.endsWith(".new"));

test("enable and disable leave every byte of a file", () => {
  const texts = [
    "",
    "A=1",
    "A=1\n",
    "A=1\r\n# \xe9\xff\0\r",
    "A=1\n\n\n",
    "#\x0c\x1c\x85mine # xenstore-ts",
    "A=1\n# ",
  ];
  for (const text of texts)
    for (const kind of ["stubdom", "daemon"]) {
      const before = Buffer.from(text, "latin1");
      host({ ...LAUNCHED, [COMMON]: before }, ({ bytes, run }) => {
        for (const again of [1, 2]) assert.is(run("enable", kind).status, 0, `${again}: ${JSON.stringify(text)}`);
        assert.ok(bytes(COMMON).toString("latin1").startsWith(text));
        assert.match(bytes(COMMON).toString("latin1"), /(?:^|\n)# xenstore-ts begin/);
        assert.is(run("disable").status, 0);
        assert.equal(bytes(COMMON), before, JSON.stringify(text));
      });
      host({ ...SYSV, [XEN]: before }, ({ bytes, run }) => {
        for (const again of [1, 2]) assert.is(run("enable", kind).status, 0, `${again}: ${JSON.stringify(text)}`);
        assert.match(
          bytes(XEN).toString("latin1"),
          /(?:^|\n)\[ ! -x \/usr\/lib\/xenstore-ts\/start \] \|\| XENSTORED=/,
        );
        assert.is(run("disable").status, 0);
        assert.equal(bytes(XEN), before, JSON.stringify(text));
      });
    }
});

test("what was added behind a block or a line stays on a line of its own", () => {
  for (const [files, file] of [
    [LAUNCHED, COMMON],
    [SYSV, XEN],
  ] as const)
    host({ ...files, [file]: "A=1" }, ({ read, write, run }) => {
      run("enable", "stubdom");
      write(file, `${read(file)}MINE=1`);
      assert.is(run("disable").status, 0);
      assert.is(read(file), "A=1\nMINE=1");
    });
});

test("links, modes and owners stay", () => {
  host(LAUNCHED, ({ at, read, run }) => {
    renameSync(at(COMMON), at("etc/real"));
    symlinkSync("../real", at(COMMON));
    chmodSync(at("etc/real"), 0o640);
    assert.is(run("enable", "stubdom").status, 0);
    assert.ok(lstatSync(at(COMMON)).isSymbolicLink());
    assert.match(read("etc/real"), /XENSTORETYPE=domain/);
    assert.is(statSync(at("etc/real")).mode & 0o777, 0o640);
    assert.is(statSync(at(CONF)).mode & 0o777, 0o644);
    assert.equal(strange(at), []);
  });
});

test("a name that somebody has put beside a file is not written to", () => {
  host(LAUNCHED, ({ at, read, run, write }) => {
    write("etc/victim", "mine");
    symlinkSync("../victim", at(`${COMMON}.new`));
    symlinkSync("victim", at(`${CONF}.new`));
    assert.is(run("enable", "stubdom").status, 0);
    assert.is(read("etc/victim"), "mine");
  });
});

test("calls at the same time wait for each other", async () => {
  const { root, host } = fake(LAUNCHED);
  try {
    const calls = ["enable stubdom", "enable daemon", "disable"].flatMap((words) => [words, words, words, words]);
    await Promise.all(
      calls.map((words) => {
        const child = spawn(command, words.split(" "), { env: environment(root), stdio: "ignore" });
        return new Promise((done) => child.on("close", done));
      }),
    );
    const blocks = host.read(COMMON).match(/^# xenstore-ts begin/gm)?.length ?? 0;
    const type = /^TYPE=(.*)$/m.exec(host.read(CONF))?.[1];
    assert.is(blocks, type === "off" ? 0 : 1);
    assert.is(/^XENSTORED=/m.test(host.read(COMMON)), type === "daemon");
    assert.is(host.read(CONF).match(/^TYPE=/gm)?.length, 1);
    assert.equal(strange(host.at), []);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("disable needs no settings that can be read", () => {
  for (const broken of ["TYPE=(\n", "exit 0\n", "echo $NONE\n", "IMAGE=\n"])
    host(LAUNCHED, ({ read, run, write }) => {
      assert.is(run("enable", "stubdom").status, 0);
      write(CONF, broken);
      assert.is(run("disable").status, 0, broken);
      assert.is(read(COMMON), LAUNCHED[COMMON]);
      assert.match(read(CONF), /^TYPE=off$/m);
    });
});

test("settings that end the shell are wrong ones", () => {
  for (const files of [LAUNCHED, SYSV])
    host({ ...files, [CONF]: "exit 0\n", "proc/1/comm": "init\n" }, ({ read, run }) => {
      assert.match(run("doctor").stdout, /xenstore-ts\.conf: it ends the shell that reads it/);
      for (const args of [["status"], ["enable", "daemon"], ["enable", "stubdom"], ["takeover"], ["disable"]])
        assert.not.match(run(...args).stderr, /Traceback/, args.join(" "));
      assert.not.match(read(COMMON) + read(XEN), /xenstore-ts/);
    });
});

test("a block means nothing once the package is gone", () => {
  for (const [kind, file] of [
    ["stubdom", IMAGE],
    ["daemon", OWN],
  ] as const)
    host(LAUNCHED, ({ at, read, run }) => {
      assert.is(run("enable", kind).status, 0);
      const text = read(COMMON).replace(/(if \[ -\w )/, `$1${at("")}`);
      const kept = () => spawnSync("sh", ["-euc", `${text}echo "\${XENSTORETYPE:-none}"`], { encoding: "utf8" }).stdout;
      assert.is(kept(), kind === "daemon" ? "daemon\n" : "domain\n");
      rmSync(at(file));
      assert.is(kept(), "none\n");
      assert.match(run("status").stdout, /after a restart .*: a daemon, as Xen has it/);
    });
});

const big = Buffer.alloc(40 << 20);
big.write("\x7fELF");
const cut = gzipSync("\x7fELF of some length").subarray(0, 20);
const torn = gzipSync("\x7fELF");
torn.fill(0xff, 10, 14);
const REFUSED: [string, string, Files, RegExp][] = [
  ["no init-xenstore-domain", "stubdom", { "etc/xen/scripts/hotplugpath.sh": "LIBEXEC_BIN=/none\n" }, /no init-xen/],
  ["an image that is not packed", "stubdom", { [IMAGE]: "\x7fELF" }, /stubdom\.gz: /],
  ["an image that ends too early", "stubdom", { [IMAGE]: cut }, /stubdom\.gz: it ends too early/],
  ["an image that is torn", "stubdom", { [IMAGE]: torn }, /stubdom\.gz: /],
  ["an image that is no program", "stubdom", { [IMAGE]: gzipSync("text") }, /stubdom\.gz: it is no image/],
  ["an empty image", "stubdom", { [IMAGE]: "" }, /stubdom\.gz: it is no image/],
  ["an image that takes its memory", "stubdom", { [IMAGE]: gzipSync(big) }, /takes 40 MiB of MEMORY=32/],
  ["an image with a blank", "stubdom", { [CONF]: 'IMAGE="/etc/a b"\n', "etc/a b": "" }, /IMAGE in .*such a name/],
  ["two options of a domain", "stubdom", { [CONF]: "OPTIONS='--a --b'\n" }, /splits at spaces/],
  ["a quote", "daemon", { [CONF]: "OPTIONS='--a=\"'\n" }, /lets none of/],
  ["a variable", "daemon", { [CONF]: "OPTIONS='--a=$HOME'\n" }, /lets none of/],
  ["a command", "stubdom", { [CONF]: "OPTIONS='--a=`id`'\n" }, /lets none of/],
  ["a backslash", "daemon", { [CONF]: "OPTIONS='--a=\\\\'\n" }, /lets none of/],
  ["a daemon that cannot be executed", "daemon", { [OWN]: "no" }, /xenstored.*(?:executed|denied)/],
  ["a daemon that does not answer", "daemon", { [OWN]: "#!/bin/sh\nexec sleep 15\n" }, /not ended in 10 seconds/],
  ["a block without an end", "daemon", { [COMMON]: `A=1\n${BEGIN}B=2\n` }, /xencommons, line 2: .*has no line/],
  ["a block in a block", "daemon", { [COMMON]: `${BEGIN}${BEGIN}# xenstore-ts end\n` }, /xencommons, line 1: /],
];
for (const [name, kind, files, why] of REFUSED)
  test(`enable refuses ${name} and changes nothing`, () => {
    const { "usr/lib/xen/bin/init-xenstore-domain": init, ...others } = LAUNCHED;
    const all = {
      [CONF]: "",
      ...(name.startsWith("no init") ? others : { ...others, "usr/lib/xen/bin/init-xenstore-domain": init }),
    };
    host({ ...all, ...files } as Files, ({ read, run, at }) => {
      const [conf, common] = [read(CONF), read(COMMON)];
      const { status, stdout, stderr } = run("enable", kind);
      assert.is(status, 1);
      assert.match(stderr, why);
      assert.is(stderr.split("\n").length, 2, stderr);
      assert.is(stdout, "");
      assert.equal([read(CONF), read(COMMON)], [conf, common]);
      assert.equal(strange(at), []);
    });
  });

test("disable removes nothing of a block without an end", () => {
  const text = `A=1\n${BEGIN}B=2\n${BEGIN}# xenstore-ts end\n`;
  host({ ...LAUNCHED, [COMMON]: text }, ({ read, run }) => {
    const { status, stderr } = run("disable");
    assert.is(status, 1);
    assert.match(stderr, /^xenstore-ts: \/etc\/sysconfig\/xencommons, line 2: /);
    assert.is(read(COMMON), text);
    assert.is(read(CONF), "");
  });
});

test("a file that cannot be written leaves the others as they were", () => {
  // A directory is in the way.
  host(SYSV, ({ at, read, run }) => {
    rmSync(at("etc/default/xendomains"));
    mkdirSync(at("etc/default/xendomains"));
    for (const args of [["enable", "stubdom"], ["disable"]]) {
      const { status, stderr } = run(...args);
      assert.is(status, 1);
      assert.match(stderr, /^xenstore-ts: \/etc\/default\/xendomains: Is a directory\n$/);
      assert.equal([read(XEN), read(CONF)], [SYSV[XEN], ""]);
    }
    assert.equal(strange(at), []);
  });
  // A link leads nowhere: it is found when the others are written already.
  host(SYSV, ({ at, read, run }) => {
    rmSync(at("etc/default/xendomains"));
    symlinkSync("none/xendomains", at("etc/default/xendomains"));
    assert.match(run("enable", "stubdom").stderr, /^xenstore-ts: \/etc\/default\/xendomains: No such file/);
    assert.equal([read(XEN), existsSync(at(CONF))], [SYSV[XEN], false]);
    assert.equal(strange(at), []);
  });
});

test("what stands behind a setting on its line stays", () => {
  for (const [text, after] of [
    ['TYPE=daemon OPTIONS="--entry-nb=500" # mine', 'TYPE=stubdom OPTIONS="--entry-nb=500" # mine'],
    ["TYPE='off'; OPTIONS=--entry-nb=500", "TYPE=stubdom; OPTIONS=--entry-nb=500"],
    ["TYPE=off # why", "TYPE=stubdom # why"],
    ["A=1\nTYPE=$(echo off)", "A=1\nTYPE=stubdom"],
    ["A=1", "A=1\nTYPE=stubdom\n"],
  ])
    host({ ...SYSV, [CONF]: text as string }, ({ read, run }) => {
      assert.is(run("enable", "stubdom").status, 0);
      assert.is(read(CONF), after);
    });
});

test("the result of an earlier takeover is not believed", () => {
  const files: Files = {
    "run/xenstore.pid": "7\n",
    "run/xenstored/live-update-result": "Rehearsed: of before\n",
    "usr/lib/xen/bin/xenstored": "",
    "proc/7/cmdline": "xenstored\0",
    [OWN]: '#!/bin/sh\necho "xenstore-ts 1"\n',
    "bin/xenstore-control": "#!/bin/sh\necho OK\n",
  };
  host(files, ({ at, run }) => {
    symlinkSync(at("usr/lib/xen/bin/xenstored"), at("proc/7/exe"));
    const { status, stdout, stderr } = run("takeover", "--dry-run");
    assert.is(status, 1);
    assert.is(stdout, "");
    assert.match(stderr, /nothing has changed: nothing is known of why/);
    assert.not(existsSync(at("run/xenstored/live-update-result")));
  });
});

test("what is wrong in a state reaches a terminal without control characters", () => {
  const record = (kind: number, body: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(kind, 0);
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(-body.length & 7)]);
  };
  const path = Buffer.from("/\x1b[2J\x9b\0", "latin1");
  const node = Buffer.alloc(16);
  node.writeUInt16LE(path.length, 8);
  const head = Buffer.concat([Buffer.from("xenstore"), Buffer.from([0, 0, 0, 1, 0, 0, 0, 0])]);
  const state = Buffer.concat([head, record(5, Buffer.concat([node, path])), record(0, Buffer.alloc(0))]);
  for (const kind of ["check", "print"]) {
    const { status, stderr } = spawnSync("tools/xenstore-state", [kind, "-"], { input: state, encoding: "latin1" });
    assert.is(status, 1);
    assert.match(stderr, /\/\\x1b\[2J\\x9b has no owner/);
    assert.match(stderr, /^[ -~\n]*$/);
  }
});

test.run();
