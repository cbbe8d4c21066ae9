// Writes what each fuzzer begins with, a file for each idea, below a directory:  node test/fuzz/seeds.mjs DIRECTORY
// The shapes are those that the targets read (fuzz_*.c). Found inputs that failed once are in test/fuzz/corpus/.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const directory = process.argv[2] ?? "build/out/fuzz/seeds";

const bytes = (...parts) =>
  Buffer.concat(parts.map((p) => (typeof p === "string" ? Buffer.from(p, "latin1") : Buffer.from([p].flat()))));
const counted = (text) => bytes(text.length, text);
const u16 = (n) => [n & 255, n >> 8];
const u32 = (n) => [...u16(n & 0xffff), ...u16(n >>> 16)];

function seed(target, name, ...parts) {
  mkdirSync(join(directory, target), { recursive: true });
  writeFileSync(join(directory, target, name), bytes(...parts.map((p) => [...bytes(p)])));
}

const types = {
  CONTROL: 0,
  DIRECTORY: 1,
  READ: 2,
  GET_PERMS: 3,
  WATCH: 4,
  UNWATCH: 5,
  START: 6,
  END: 7,
  INTRODUCE: 8,
  RELEASE: 9,
  DOMAIN_PATH: 10,
  WRITE: 11,
  MKDIR: 12,
  RM: 13,
  SET_PERMS: 14,
  IS_INTRODUCED: 17,
  RESUME: 18,
  SET_TARGET: 19,
  RESET_WATCHES: 21,
  DIRECTORY_PART: 22,
  GET_FEATURE: 23,
  SET_FEATURE: 24,
  GET_QUOTA: 25,
};

// --- the wire: sockets are 0 and 1, domains 1 to 4 are 2 to 5 ---

const step = (kind, who, hold = 0) => (kind << 4) | (hold << 3) | who;
const ask = (who, type, text) => [step(0, who), types[type], ...counted(text)];
const inside = (who, type, text) => [step(5, who), types[type], ...counted(text)];
const held = (who, type, text) => [step(0, who, 1), types[type], ...counted(text)];
const happens = (who, what) => [step(11, who), what];
const clock = (shift) => [step(10, 0), shift];
const reads = (who) => [step(12, who)];
const large = (who, type, text, length) => [step(15, who), types[type], ...counted(text), ...u16(length)];

for (const [type, text] of [
  ["DIRECTORY", "/\0"],
  ["READ", "/tool/xenstored/memory/nodes\0"],
  ["GET_PERMS", "/\0"],
  ["WRITE", "/a/b\0value"],
  ["MKDIR", "/a\0"],
  ["RM", "/a\0"],
  ["INTRODUCE", "1\x001\x005\0"],
  ["DOMAIN_PATH", "7\0"],
  ["IS_INTRODUCED", "1\0"],
  ["SET_TARGET", "1\x002\0"],
  ["GET_FEATURE", "\0"],
  ["SET_FEATURE", "1\x007\0"],
  ["GET_QUOTA", "1\0nodes\0"],
  ["DIRECTORY_PART", "/\x000\0"],
])
  seed("wire", type.toLowerCase(), ask(0, type, text), ask(2, type, text));
seed(
  "wire",
  "events",
  ask(0, "WATCH", "/a\0t\0"),
  ask(1, "WATCH", "/\0u\x001\0"),
  ask(0, "WRITE", "/a/b\0v"),
  ask(1, "RM", "/a\0"),
);
seed(
  "wire",
  "transaction",
  ask(0, "START", "\0"),
  inside(0, "WRITE", "/a\0v"),
  inside(0, "READ", "/a\0"),
  inside(0, "END", "T\0"),
);
seed(
  "wire",
  "conflict",
  ask(0, "MKDIR", "/a\0"),
  ask(0, "SET_PERMS", "/a\0b1\0"),
  ask(2, "START", "\0"),
  inside(2, "READ", "/a\0"),
  inside(2, "WRITE", "/a/x\0v"),
  ask(3, "WRITE", "/a\0w"),
  inside(2, "END", "T\0"),
);
seed(
  "wire",
  "guest",
  ask(2, "WRITE", "data\0v"),
  ask(2, "WATCH", "data\0t\0"),
  ask(0, "WRITE", "/local/domain/1/data\0w"),
);
seed(
  "wire",
  "silent",
  ask(0, "WATCH", "/\0t\0"),
  reads(0),
  ...Array(20).fill(held(1, "WRITE", "/a\0v")),
  ask(1, "RM", "/a\0"),
  reads(0),
);
seed(
  "wire",
  "death",
  ask(2, "WRITE", "x\0v"),
  ask(3, "SET_TARGET", "1\x002\0"),
  happens(2, 4),
  happens(3, 1),
  happens(3, 5),
);
seed("wire", "pipeline", ...Array(30).fill(held(2, "READ", "/\0")), [step(13, 2), 3], ask(2, "READ", "/\0"), clock(12));
seed(
  "wire",
  "large",
  large(0, "WRITE", "/a\0", 4000),
  large(2, "WRITE", "x\0", 2047),
  ask(0, "READ", "/a\0"),
  large(0, "READ", "/a", 4090),
);
seed(
  "wire",
  "again",
  ask(2, "START", "\0"),
  ask(0, "INTRODUCE", "1\x001\x006\0"),
  inside(2, "END", "T\0"),
  ask(0, "RELEASE", "1\0"),
);
seed(
  "wire",
  "broken",
  [step(8, 2), ...counted(bytes(u32(2), u32(1), u32(0), u32(70000)).toString("latin1"))],
  ask(3, "READ", "/\0"),
);
seed("wire", "half", [step(8, 2), ...counted(bytes(u32(2), u32(1)).toString("latin1"))], ask(2, "READ", "/\0"), [
  step(9, 2),
  0,
]);

// --- the rings: guests 1 to 3 are 0 to 2 ---

const guest = (who, type, text) => [step(0, who), types[type], ...counted(text)];
const takes = (who) => [step(3, who)];
const word = (who, which, value) => [step(5, who), which, ...u32(value)];
// how: how many accesses later in the upper four bits, and 1 an index or field, 2 a word, 4 added, 8 a value of four bytes
const scribble = (who, how, offset, value) => [step(7, who), how, ...u16(offset), ...(how & 8 ? u32(value) : [value])];
const introduce = (who, port) => [step(11, who), port];

seed("rings", "read", guest(0, "READ", "/\0"), takes(0), guest(0, "WRITE", "x\0v"), takes(0));
seed("rings", "around", ...Array(40).fill([...guest(0, "WRITE", "x\0some bytes of a value"), ...takes(0)]));
seed("rings", "full", ...Array(60).fill(guest(0, "READ", "/\0")), takes(0), takes(0));
for (const [which, name] of [
  "req-cons",
  "req-prod",
  "rsp-cons",
  "rsp-prod",
  "connection",
  "error",
  "features",
].entries())
  for (const value of [1, 1024, 1025, 0x7fffffff, 0xffffffff])
    if (value === 1 || which < 4)
      seed(
        "rings",
        `${name}-${value}`,
        guest(0, "WATCH", "x\0t\0"),
        word(0, which, value),
        guest(0, "WRITE", "x\0v"),
        takes(0),
      );
for (const place of [0, 1, 2, 3, 4])
  seed(
    "rings",
    `scribble-${place}`,
    scribble(0, 1 | 2 | 4 | 8, place, place % 2 ? 17 : 0xfffffff0),
    guest(0, "WRITE", "x\0v"),
    scribble(0, 1 | 2, place, 1),
    scribble(0, 1 | 2, place, 0),
    guest(0, "READ", "x\0"),
  );
seed(
  "rings",
  "header",
  scribble(0, 0, 0, 11),
  scribble(0, 0, 12, 255),
  scribble(0, 0, 13, 255),
  guest(0, "READ", "/\0"),
);
seed("rings", "thread", Array(46).fill(step(9, 0, 1)), scribble(0, 11, 1, 9), guest(0, "READ", "/\0"));
seed(
  "rings",
  "reconnect",
  guest(0, "READ", "/\0"),
  [step(14, 0)],
  guest(0, "READ", "/\0"),
  introduce(1, 5),
  introduce(1, 6),
  introduce(0, 128),
);

// --- state streams ---

const record = (type, body) => [type, ...counted(body)];
const node = (path, value, ...perms) =>
  record(
    5,
    bytes(
      u32(0),
      u32(0),
      u16(path.length + 1),
      u16(value.length),
      u16(0),
      u16(perms.length),
      ...perms,
      path,
      0,
      value,
    ).toString("latin1"),
  );
const may = (letter, domid) => [letter.charCodeAt(0), 0, ...u16(domid)];
const tree = [
  ...node("/", "", may("n", 0)),
  ...node("/a", "v", may("n", 0), may("r", 1)),
  ...node("/a/b", "w", may("b", 1)),
  ...node("@introduceDomain", "", may("n", 0)),
  ...node("@releaseDomain", "", may("n", 0)),
];
const own = (state) => record(15, JSON.stringify(state));
seed("state", "empty", 0);
seed("state", "tree", 1, tree, record(0, ""));
seed("state", "pieces", 2 | (7 << 2), tree, record(0, ""));
seed(
  "state",
  "quota",
  1,
  tree,
  record(6, bytes(u16(1), u16(1), u32(5), u32(7), "nodes\0watches\0").toString("latin1")),
  record(0, ""),
);
seed(
  "state",
  "own",
  0,
  tree,
  own({ kind: "totals", nodes: 5 }),
  own({ kind: "options", changed: [["log-level", "warn"]] }),
  record(0, ""),
);
seed(
  "state",
  "domain",
  1,
  tree,
  own({ kind: "domain", domid: 1, uniqueId: "", connection: 0 }),
  own({ kind: "reply" }),
  record(0, ""),
);
// Each of these was an exception once, at the start or in the first turn.
const wrong = [
  null,
  5,
  { kind: "options" },
  { kind: "options", changed: [5] },
  { kind: "options", changed: [["a", 5]] },
];
for (const [n, state] of wrong.entries()) seed("state", `own-wrong-${n}`, 1, tree, own(state), record(0, ""));
seed("state", "own-reply", 1, tree, own({ kind: "reply", link: "length", type: 0, reqId: 0, txId: 0 }), record(0, ""));
seed("state", "raw", 0x81, "xenstore\0\0\0\x02\0\0\0\0", u32(0), u32(0));

// --- program files ---

const table = "@src/main.ts\n1 1\n1 3\n2 -1\n@src/host.ts\n17 5\n";
seed("program", "little", 4, 0, table);
seed("program", "runs", 2 | 4, 0, table);
seed("program", "damaged", 0, 0, table);
seed("program", "length", 4, 1, 75, 255, table);
seed("program", "raw", 1, "XSTSPROG");
// An image, which is unpacked: in a block of its own code, and in one of the code that needs no table.
seed("program", "packed", 1, gzipSync(Buffer.from(table.repeat(20))).toString("latin1"));
seed("program", "packed-little", 1, gzipSync(Buffer.from("aaaaaaaaaa")).toString("latin1"));
seed("program", "numbers", 4, 0, "@a\n9223372036854775807 9223372036854775807\n1 -99999999999999999999\n@\n");

// --- options ---

const words = (how, given, file) => [how, given.length, ...given.flatMap((w) => [...counted(w)]), ...bytes(file)];
const file = "# comment\nlog-level = warn\nquota-nodes=5\n no-fork = yes\n\t timeout = 5\r\n=\nkey\n";
seed("options", "file", words(0, ["--config-file=f"], file));
seed("options", "starts", words(1, ["--config-file", "f", "-N"], file));
seed("options", "strict", words(1 | 2, ["--quota-nodes", "5", "--no-such"], ""));
seed("options", "letters", words(1, ["-N", "-Ff", "-t", "-Q", "nodes=5", "-E", "5"], ""));
seed("options", "testing", words(1 | 4, ["--config-file=f", "--trace-file", "t"], file));
seed("options", "missing", words(0, ["--pid-file"], ""));
seed("options", "none", words(32, ["--config-file=f"], ""));

// --- the 9p server ---

const log = (sink, path) => [9, sink, ...counted(path)];
const line = (sink, text) => [11, sink, ...counted(text)];
const answers = (n) => Array(n).fill(0);
seed("ninep", "log", log(0, "log"), answers(6), line(0, "one"), answers(3));
seed(
  "ninep",
  "turns",
  log(1 | (2 << 2) | (2 << 5), "log"),
  answers(6),
  ...Array(9).fill([...line(1, "line"), ...answers(6)]),
);
seed("ninep", "once", answers(2), [12, ...counted("dir/file"), ...counted("bytes")], answers(8));
seed("ninep", "error", log(0, "log"), answers(2), [6, 2], answers(6));
seed("ninep", "lies", log(0, "log"), [0x10, 0, 255], [0x10, 4, 1], [0x10, 5, 9], [0x10, 7, 0]);
seed("ninep", "long", [0x20, 0, 255, 1, 3], [15, ...u16(1100), 0], answers(6));
seed("ninep", "index", answers(2), [8, 1, ...u32(0xffffffff)], answers(2), [8, 2, ...u32(5000)], answers(2));
seed("ninep", "late", log(0, "log"), line(0, "one"), [13, 15], line(0, "two"), [14], answers(6));

// --- control commands, by their place in the target's list ---

const command = (which, text = "") => [which, ...counted(text)];
const commands = [
  ["log", [command(1), command(1, "+obj"), command(1, "on"), command(1, "off")]],
  ["update-long", [command(2, "-b\x0010"), ...Array(3).fill(command(2, "-d\x004\0abcd"))]],
  ["update", [command(2, "-b\x0010"), command(2, "-d\x004\0abcd"), command(2, "-s\0-F"), command(2, "-a")]],
  ["update-file", [command(2, "-f\0file"), command(2, "-c\0--quota-nodes 5"), command(2, "-s\0-t\x005")]],
  ["logfile", [command(3, "file"), command(0)]],
  ["looks", [command(0), command(4), command(5, "text"), command(18), command(8)]],
  [
    "quota",
    [
      command(6),
      command(6, "set\0nodes\x005"),
      command(6, "set\x001\0nodes\x005"),
      command(6, "1"),
      command(6, "max"),
      command(7, "nodes\x001"),
    ],
  ],
  ["config", [command(10), command(10, "log-level\0warn"), command(10, "path-max\x0020"), command(10, "no\0such")]],
  ["dump", [command(11), command(11, "file"), command(11, "0\x00100"), command(12), command(12, "0")]],
  [
    "domains",
    [command(13, "1"), command(17, "1"), command(19, "1"), command(14, "shutdown\x001"), command(14, "destroy\x001")],
  ],
  ["upkeep", [command(9), command(16), command(15), command(15, "file")]],
  ["any", [command(255, "check"), command(255, "no such\0")]],
];
for (const [name, list] of commands) seed("control", name, ...list);
