import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** What `xenstore-ts` does with a host's settings, in a directory that stands for /. Debian's own start is in test/debian. */
const test = suite("settings of a host");

const IMAGE = gzipSync("\x7fELF").toString("latin1");
const PACKAGE = {
  "usr/lib/xenstore-ts/start": "",
  "usr/lib/xenstore-ts/xenstored": "#!/bin/sh\n",
  "usr/lib/xenstore-ts/xenstore-ts-stubdom.gz": IMAGE,
  "usr/lib/xenstore-ts/xenstore-ts-stubdom-pvh.gz": IMAGE,
};
const DEBIAN = {
  ...PACKAGE,
  "etc/init.d/xen": "",
  "etc/default/xen": "#XENSTORED=\n",
  "etc/default/xendomains": "A=b\n",
};
const SYSTEMD = {
  ...DEBIAN,
  "run/systemd/system/x": "",
  "usr/lib/systemd/system/xen.service.d/xenstore-ts.conf": "",
};
const LAUNCHED = {
  ...PACKAGE,
  "etc/xen/scripts/launch-xenstore": "",
  "usr/lib/xen/bin/init-xenstore-domain": "",
  "etc/sysconfig/xencommons": "XENSTORED_TRACE=on\n",
};

function host(files: Record<string, string>, body: (host: Host) => void): void {
  const root = mkdtempSync(join(tmpdir(), "host-"));
  const read = (name: string) => (existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8") : "");
  const write = (name: string, text: string | Buffer) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text, text === IMAGE ? "latin1" : "utf8");
    if (name.endsWith("/xenstored")) chmodSync(join(root, name), 0o755);
  };
  const run = (...args: string[]) => {
    const env = { PATH: "/usr/bin:/bin", XENSTORE_TS_ROOT: root };
    const { status, stdout, stderr } = spawnSync(join(process.cwd(), "tools/xenstore-ts"), args, {
      encoding: "utf8",
      env,
    });
    return { status, stdout, stderr };
  };
  try {
    for (const [name, text] of Object.entries(files)) write(name, text);
    body({ read, write, run, at: (name) => join(root, name) });
  } finally {
    rmSync(root, { recursive: true });
  }
}
interface Host {
  read(name: string): string;
  write(name: string, text: string | Buffer): void;
  at(name: string): string;
  run(...args: string[]): { status: number | null; stdout: string; stderr: string };
}
const CONF = "etc/xenstore-ts.conf";
const SHIPPED = readFileSync("packaging/xenstore-ts.conf", "utf8");

test("with Debian's systemd one file is changed, line by line", () => {
  host({ ...SYSTEMD, [CONF]: SHIPPED }, ({ read, run }) => {
    const { status, stdout } = run("enable", "stubdom", "--image", "pvh", "--memory", "16", "--maxmem", "64");
    assert.is(status, 0);
    assert.match(stdout, /after a restart of the host: xenstore-ts as a domain of 16 to 64 MiB, \S+-pvh\.gz\n/);
    const text = read(CONF);
    for (const line of [
      "TYPE=stubdom",
      "MEMORY=16",
      "MAXMEM=64",
      "IMAGE=/usr/lib/xenstore-ts/xenstore-ts-stubdom-pvh.gz",
    ])
      assert.ok(text.split("\n").includes(line), line);
    assert.is(text.split("\n").length, SHIPPED.split("\n").length);
    assert.is(run("enable", "daemon").status, 0);
    assert.match(read(CONF), /^TYPE=daemon$/m);
    assert.match(run("status").stdout, /after a restart {2}xenstore-ts as a process of Dom0/);
    assert.is(run("disable").status, 0);
    assert.match(run("status").stdout, /Xen's own store: TYPE=off/);
    assert.is(read("etc/default/xen"), DEBIAN["etc/default/xen"]);
  });
});

test("what is installed decides where nobody has", () => {
  host(SYSTEMD, ({ run }) =>
    assert.match(run("status").stdout, /after a restart {2}xenstore-ts as a domain of 32 MiB/),
  );
  const { "usr/lib/xenstore-ts/xenstore-ts-stubdom.gz": _, ...rest } = SYSTEMD;
  host(rest, ({ run }) => assert.match(run("status").stdout, /after a restart {2}Xen's own store/));
});

test("Debian without systemd gets lines that mean nothing without the package, and loses them", () => {
  host(DEBIAN, ({ read, run }) => {
    assert.is(run("enable", "stubdom").status, 0);
    assert.is(run("enable", "stubdom").status, 0);
    const lines = read("etc/default/xen").split("\n");
    assert.is(lines.filter((line) => line.includes("xenstore-ts")).length, 1);
    assert.is(spawnSync("sh", ["-c", read("etc/default/xen")]).status, 0);
    assert.match(read("etc/default/xendomains"), /^A=b\n\[ ! -d .*PATH=/);
    assert.is(run("disable").status, 0);
    assert.is(read("etc/default/xen"), DEBIAN["etc/default/xen"]);
    assert.is(read("etc/default/xendomains"), DEBIAN["etc/default/xendomains"]);
  });
});

test("hosts with launch-xenstore get a block in xencommons", () => {
  host(LAUNCHED, ({ at, read, run }) => {
    const file = "etc/sysconfig/xencommons";
    assert.is(run("enable", "stubdom", "--memory", "24").status, 0);
    assert.is(run("enable", "stubdom", "--memory", "24").status, 0);
    const text = read(file).replace("[ -r /", `[ -r ${at("/")}`);
    const said = spawnSync("sh", ["-c", `${text}echo $XENSTORETYPE $XENSTORE_DOMAIN_SIZE "($XENSTORED_TRACE)"`], {
      encoding: "utf8",
    });
    assert.is(said.stdout, "domain 24 ()\n");
    assert.is(read(file).match(/xenstore-ts begin/g)?.length, 1);
    assert.is(run("enable", "daemon").status, 0);
    assert.match(read(file), /^XENSTORED=\/usr\/lib\/xenstore-ts\/xenstored$/m);
    assert.is(run("disable").status, 0);
    assert.is(read(file), LAUNCHED[file]);
  });
});

test("launch-xenstore lets one option of a domain through", () => {
  host({ ...LAUNCHED, [CONF]: 'OPTIONS="--entry-nb=500"\n' }, ({ read, run }) => {
    assert.is(run("enable", "stubdom").status, 0);
    assert.match(read("etc/sysconfig/xencommons"), /^XENSTORE_DOMAIN_ARGS="--param --entry-nb=500"$/m);
  });
  host({ ...LAUNCHED, [CONF]: 'OPTIONS="--entry-nb=500 --watch-nb=9"\n' }, ({ read, run }) => {
    const { status, stderr } = run("enable", "stubdom");
    assert.is(status, 1);
    assert.match(stderr, /launch-xenstore splits/);
    assert.is(read("etc/sysconfig/xencommons"), LAUNCHED["etc/sysconfig/xencommons"]);
  });
});

test("what is wrong is refused and changes nothing", () => {
  for (const [args, why] of [
    [["enable", "stubdom", "--memory", "2"], /MiB from 4/],
    [["enable", "stubdom", "--memory", "x"], /MiB from 4/],
    [["enable", "stubdom", "--memory", "64", "--maxmem", "32"], /--maxmem 32 is less than the 64 MiB of --memory/],
    [["enable", "daemon", "--memory", "8"], /--memory is for a domain/],
    [["enable", "daemon", "--maxmem", "0"], /--maxmem is for a domain/],
    [["enable", "domain"], /invalid choice/],
    [["enabel"], /invalid choice/],
    [[], /COMMAND/],
  ] as const)
    host({ ...SYSTEMD, [CONF]: SHIPPED }, ({ read, run }) => {
      const { status, stderr } = run(...args);
      assert.ok(status !== 0, args.join(" "));
      assert.match(stderr, why);
      assert.is(read(CONF), SHIPPED);
    });
  host({ "etc/init.d/xen": "", "run/systemd/system/x": "" }, ({ run }) =>
    assert.match(run("enable", "stubdom").stderr, /is not there: install the package xenstore-ts-stubdom/),
  );
});

test("nothing is written where nobody would read it", () => {
  const openrc = { ...PACKAGE, "sbin/openrc": "", "etc/xen/scripts/launch-xenstore": "" };
  for (const [files, why] of [
    [PACKAGE, /neither \/etc\/init\.d\/xen nor \S+launch-xenstore is there/],
    [{ ...PACKAGE, "run/systemd/system/x": "" }, /install Xen's tools/],
    [openrc, /OpenRC starts the store here/],
  ] as const)
    for (const kind of ["stubdom", "daemon"])
      host({ ...files, [CONF]: SHIPPED }, ({ read, run }) => {
        const { status, stderr } = run("enable", kind);
        assert.is(status, 1);
        assert.match(stderr, why);
        assert.is(read(CONF), SHIPPED);
        assert.is(read("etc/default/xen") + read("etc/default/xencommons"), "");
      });
});

test("a MAXMEM of the file is named, and --maxmem 0 takes it away", () => {
  host({ ...SYSTEMD, [CONF]: "MEMORY=16\nMAXMEM=32\n" }, ({ read, run }) => {
    const { status, stderr } = run("enable", "stubdom", "--memory", "64");
    assert.is(status, 1);
    assert.match(stderr, /MAXMEM=32 is less than MEMORY=64, with \/etc\/xenstore-ts\.conf: give --maxmem/);
    assert.match(run("enable", "stubdom", "--memory", "64", "--maxmem", "0").stdout, /a domain of 64 MiB/);
    assert.match(read(CONF), /^MEMORY=64\n#MAXMEM=$/m);
  });
});

/** A daemon that checks its options as the real one does, and tells what it was started with. */
const DAEMON = `#!/bin/sh
[ "$1" != --config-test ] || exec ${resolve("build/out/xenstored")} "$@"
echo daemon "$@"
`;
const TELLS = (name: string) => `#!/bin/sh\necho ${name} "$@"\n`;
const XEN = {
  "sys/hypervisor/version/major": "4\n",
  "sys/hypervisor/version/minor": "20\n",
  "usr/lib/xen-4.20/bin/oxenstored": TELLS("oxenstored"),
  "usr/lib/xen-4.20/bin/init-xenstore-domain": TELLS("domain"),
  "usr/lib/xenstore-ts/xenstored": DAEMON,
  "usr/sbin/xenstore-relay": TELLS("relay"),
  "usr/lib/xenstore-ts/xenstore-ts-stubdom.gz": gzipSync(
    Buffer.concat([Buffer.from("\x7fELF"), Buffer.alloc(5 << 20)]),
  ),
};

/** Puts Xen's tools and the start script on a host, with the host's paths as `make install` writes them for a PREFIX. */
function withXen({ write, at }: Host): void {
  for (const [file, content] of Object.entries(XEN)) {
    write(file, content);
    chmodSync(at(file), 0o755);
  }
  const script = readFileSync("packaging/start", "utf8").replaceAll(
    /(?<![\w/.*])\/(?:usr|sys|etc)\/|\/run\/xen(?=[/ ])|\/run\/xenstore-ts|\/proc\/xen\//g,
    (path) => at(path),
  );
  write("start", script);
  write("run/x", "");
}

test("a mistake in the settings starts Xen's own store, and doctor and status tell it", () => {
  const fine = /^(?:domain .*\nrelay|daemon) .*--pid-file \/run\/xenstore\.pid\n$/;
  for (const [text, starts, told, tells] of [
    ["", fine, "", ""],
    ["TYPE=daemon\nOPTIONS='--entry-nb=500 --watch-nb=9'", fine, "", ""],
    ["TYPE=daemon\nMEMORY=lots", fine, "", ""],
    ["MEMORY=16\nMAXMEM=16", fine, "", ""],
    ["echo told\nMEMORY=16", /^told\ndomain --kernel \S+ --memory 16\nrelay/, "", ""],
    ["TYPE=daemon\nOPTIONS=--entry-nb=abc", "", "--entry-nb: abc is not a number", ""],
    ["TYPE=daemon\nOPTIONS=--entrynb=3", "", "unknown option: --entrynb=3", ""],
    ["TYPE=daemon\nOPTIONS=entry-nb=2000", "", "no arguments are wanted: entry-nb=2000", ""],
    ["OPTIONS=entry-nb=2000", fine, "", "no arguments are wanted: entry-nb=2000; a domain ignores it"],
    ["MEMORY=lots", "", "MEMORY=lots .*is no number", ""],
    ["MEMORY=lots\nMAXMEM=128", "", "MEMORY=lots .*is no number", ""],
    ["MEMORY=3", "", "MEMORY=3 .*is less than 4", ""],
    ["MAXMEM=some", "", "MAXMEM=some .*is no number", ""],
    ["MEMORY=64\nMAXMEM=32", "", "MAXMEM=32 .*is less than MEMORY=64", ""],
    ["MEMORY=32 MiB\nTYPE=stubdom", "", "MiB: .*not found", ""],
    ["MEMORY=$NONE", "", "NONE: ", ""],
    ["MEMORY=5", "", "5 MiB of MEMORY=5", ""],
    ["IMAGE=/etc/xenstore-ts.conf", "", "xenstore-ts.conf", ""],
  ] as [string, RegExp | "", string, string][])
    host({ ...SYSTEMD, "boot/xen": "", [CONF]: `${text}\n` }, (machine) => {
      const { read, run, write, at } = machine;
      withXen(machine);
      const settings = read(CONF).replaceAll("/etc/", at("/etc/"));
      write(CONF, settings);
      const env = { PATH: "/usr/bin:/bin" };
      const args = [at("start"), "--pid-file", "/run/xenstore.pid"];
      const { status, stdout, stderr } = spawnSync("sh", args, { encoding: "utf8", env });
      assert.is(status, 0, `${text}: ${stderr}`);
      assert.match(stdout, starts || /^oxenstored --pid-file \/run\/xenstore\.pid\n$/, text);
      if (told) assert.match(stderr, new RegExp(`${told}.*; Xen's own store is started`), text);
      else assert.is(stderr, "", text);
      write(CONF, `${text}\n`);
      const doctor = run("doctor").stdout;
      if (told || tells) assert.match(doctor, new RegExp(tells || told), text);
      assert.is(/(?:MEMORY|MAXMEM|OPTIONS|\.conf: )/.test(doctor), told !== "" || tells !== "", `${text}: ${doctor}`);
      const said = /^after a restart +(.*)$/m.exec(run("status").stdout)?.[1] ?? "";
      if (/^(?:MEMORY|MAXMEM|--|no|unknown)/.test(told) && !/^MEMORY=[5$]|MiB/.test(told))
        assert.match(said, new RegExp(`^Xen's own store: .*${told}`), text);
    });
});

/** A program that says what it was started with, and then does something. */
const DOES = (name: string, what: string) => `#!/bin/sh\necho ${name} "$@"\n${what}\n`;
const INIT = "usr/lib/xen-4.20/bin/init-xenstore-domain";
const PORT = "proc/xen/xsd_port";
const OWN_STORE = /^(?:domain .*\n|daemon .*\n)?oxenstored --pid-file \/run\/xenstore\.pid\n$/;
const ONE_RELAY = /^(?:domain .*\n)*relay --pid-file \/run\/xenstore\.pid\n$/;

/** What happens at a start: settings, the state of the host, arguments; and what must be started. */
const STARTS: [string, string, Record<string, string>, string[], RegExp, string?][] = [
  [
    "the domain cannot be made, and Linux was not told",
    "",
    { [INIT]: DOES("domain", "exit 1"), [PORT]: "5\n" },
    [],
    OWN_STORE,
  ],
  [
    "the domain lacks memory, and Linux was told",
    "MEMORY=64",
    { [INIT]: DOES("domain", 'echo 6 >PORT; case "$*" in *"memory 16"*) ;; *) exit 1 ;; esac'), [PORT]: "5\n" },
    [],
    /^domain .*--memory 64\ndomain .*--memory 16\nrelay --pid-file/,
  ],
  ["the domain serves, and what follows fails", "", { [INIT]: DOES("domain", "exit 3"), [PORT]: "5\n" }, [], ONE_RELAY],
  [
    "the domain serves since before",
    "",
    { [INIT]: DOES("domain", "echo xenstore domain already present. >&2; exit 1"), [PORT]: "5\n" },
    [],
    ONE_RELAY,
  ],
  ["arguments are for another store", "", {}, ["--entry-nb=500"], ONE_RELAY],
  ["the same, where it serves", "", { "run/xen/xenstored.pid": "domid:1\n" }, ["--entry-nb=500"], ONE_RELAY],
  [
    "the daemon does not start",
    "TYPE=daemon",
    {
      "usr/lib/xenstore-ts/xenstored": DOES("daemon", "exit 1").replace(
        "echo",
        '[ "$1" = --config-test ] && exit 0\necho',
      ),
    },
    [],
    OWN_STORE,
  ],
  ["the daemon would not leave", "TYPE=daemon\nOPTIONS=--no-fork", {}, [], OWN_STORE],
  ["the daemon would have no socket", "TYPE=daemon", {}, ["--disable-socket"], OWN_STORE],
  ["a log that takes nothing", "MEMORY=lots", { "bin/logger": "#!/bin/sh\nexit 1\n" }, [], OWN_STORE],
  ["no directory", "", { "run/xen": "" }, [], OWN_STORE],
  ["a Xen without such domains", "", { "sys/hypervisor/properties/capabilities": "hvm-3.0-x86_64\n" }, [], OWN_STORE],
  [
    "no version",
    "MEMORY=lots",
    { "usr/libexec/xen/bin/oxenstored": TELLS("oxenstored"), "sys/hypervisor/version/minor": "-" },
    [],
    OWN_STORE,
  ],
];
for (const [name, text, files, more, starts] of STARTS)
  test(`a store starts: ${name}`, () => {
    host({ ...SYSTEMD, [CONF]: `${text}\n` }, (machine) => {
      const { write, at } = machine;
      withXen(machine);
      for (const [file, content] of Object.entries(files)) {
        if (content === "-") rmSync(at(file));
        else write(file, content.replaceAll("PORT", at(PORT)));
        if (content.startsWith("#!")) chmodSync(at(file), 0o755);
      }
      const env = { PATH: `${at("bin")}:/usr/bin:/bin` };
      const args = [at("start"), ...more, "--pid-file", "/run/xenstore.pid"];
      const { status, stdout, stderr } = spawnSync("sh", args, { encoding: "utf8", env });
      assert.is(status, 0, stderr);
      assert.match(stdout, starts);
    });
  });

test("enable refuses settings that no store would start with", () => {
  for (const [text, kind, why] of [
    ["TYPE=daemon\nOPTIONS=--entrynb=3\n", "daemon", /OPTIONS in \S+: .*unknown option: --entrynb=3/],
    ["MEMORY=lots\n", "stubdom", /MEMORY=lots is no number, with \/etc\/xenstore-ts\.conf: give --memory/],
  ] as const)
    host({ ...LAUNCHED, [CONF]: text }, ({ read, run, write, at }) => {
      write("usr/lib/xenstore-ts/xenstored", DAEMON);
      chmodSync(at("usr/lib/xenstore-ts/xenstored"), 0o755);
      const { status, stderr } = run("enable", kind);
      assert.is(status, 1);
      assert.match(stderr, why);
      assert.is(read(CONF), text);
      assert.is(read("etc/sysconfig/xencommons"), LAUNCHED["etc/sysconfig/xencommons"]);
    });
});

/** Mistakes that a file shows: what doctor says of each. */
const MISTAKES: [string, Record<string, string>, RegExp][] = [
  ["a file that is not sh", { [CONF]: "TYPE=(\n" }, /etc\/xenstore-ts\.conf: .*/],
  [
    "another program in /etc/default/xen",
    { "etc/default/xen": "XENSTORED=/opt/x\n" },
    /XENSTORED=\/opt\/x in \/etc\/default\/xen/,
  ],
  ["a type that is none", { [CONF]: "TYPE=domain\n" }, /TYPE=domain in/],
  ["an image that is none", { "usr/lib/xenstore-ts/xenstore-ts-stubdom.gz": "no" }, /xenstore-ts-stubdom\.gz: /],
  ["too little memory for the image", { [CONF]: "MEMORY=4\n" }, /the image takes 5 MiB of MEMORY=4/],
  ["MAXMEM below MEMORY", { [CONF]: "MEMORY=32\nMAXMEM=16\n" }, /MAXMEM=16 is less than MEMORY=32/],
  ["Xen that is not installed", { "boot/vmlinuz": "" }, /install Xen \(Debian: apt install xen-system-amd64\)/],
  ["Xen that was not booted", { "boot/xen-4.20-amd64.gz": "" }, /does not run on Xen\n {4}boot the entry/],
  ["a domain on XCP-ng", { "etc/xensource-inventory": "" }, /XCP-ng/],
  [
    "no tools",
    { "sys/hypervisor/version/major": "4\n", "sys/hypervisor/version/minor": "20\n" },
    /no init-xenstore-domain for Xen 4\.20/,
  ],
  ["two stores", { "run/xen/xenstored.pid": "domid:1\n", "proc/7/comm": "oxenstored\n" }, /process 7 \(oxenstored\)/],
  ["no socket", { "run/xen/xenstored.pid": "domid:1\n" }, /know only \/run\/xenstored\/socket/],
];
for (const [name, files, says] of MISTAKES)
  test(`doctor finds ${name}`, () => {
    const image = { "usr/lib/xenstore-ts/xenstore-ts-stubdom.gz": gzipSync(Buffer.alloc(5 << 20)) };
    host({ ...SYSTEMD, "proc/1/comm": "init\n", ...files }, ({ run, write }) => {
      if (!("usr/lib/xenstore-ts/xenstore-ts-stubdom.gz" in files))
        for (const [file, text] of Object.entries(image)) write(file, text);
      const { status, stdout } = run("doctor");
      assert.is(status, 1);
      assert.match(stdout, says);
    });
  });

test.run();
