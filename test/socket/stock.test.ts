import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("Xen's own clients");
const DEBIAN = resolve("build/out/trixie");

/** A program of Debian's Xen packages, with the libraries of the same release. */
function stock(socket: string, name: string, ...args: string[]): { status: number | null; out: string; err: string } {
  const program =
    name === "xenstore-control" ? join(DEBIAN, "usr/lib/xen-4.20/bin", name) : join(DEBIAN, "usr/bin", name);
  const loader = join(DEBIAN, "usr/lib64/ld-linux-x86-64.so.2");
  const libraries = join(DEBIAN, "usr/lib/x86_64-linux-gnu");
  // What it is called says what a program that is several does.
  const words = ["--argv0", name, "--library-path", libraries, program, ...args];
  const { status, stdout, stderr } = spawnSync(loader, words, {
    encoding: "utf8",
    timeout: 20_000,
    env: { ...process.env, XENSTORED_PATH: socket },
  });
  return { status, out: stdout, err: stderr };
}

test("xenstore-control knows every command", async () => {
  const w = await SocketWorld.start();
  const socket = join(w.directory, "socket");
  const control = (...args: string[]) => stock(socket, "xenstore-control", ...args);
  const says = (pattern: RegExp, ...args: string[]): void => {
    const { status, out, err } = control(...args);
    assert.match(out, pattern, `${args.join(" ")}: ${err}`);
    assert.is(status, 0, args.join(" "));
  };
  try {
    await w.request("1", "WATCH data|t|");
    await w.request("1.t", "TRANSACTION_START |");
    says(/^check +\n[\s\S]*\nxenbus +<domid>\n/, "help");
    says(/^OK\n$/, "check");
    says(/^Log switch settings:\nobj {5}: on\n/, "log");
    says(/^OK\n$/, "log", "+wrl");
    says(/^OK\n$/, "logfile", join(w.directory, "trace"));
    says(/^OK\n$/, "memreport");
    says(/^OK\n$/, "memreport", join(w.directory, "report"));
    says(/^OK\n$/, "print", "several words");
    says(/^Quota settings:\nnodes/, "quota");
    says(/^Domain 1:\nnodes {12}: {8}1 \(max {8}1\)\n/, "quota", "1");
    says(/^OK\n$/, "quota", "set", "nodes", "999");
    says(/^Max\. seen accounting values:\n/, "quota", "max", "-r");
    says(/^Quota settings:\nmemory/, "quota-soft");
    says(/^watch D1: \/local\/domain\/1\/data t None\n/, "watches");
    says(/^0\n$/, "mfn", "1");
    says(/^paths: 0, operations: 0, quota_reached: false\n/, "txn", "1");
    says(/^xenbus: XenBus state: /, "xenbus", "1");
    says(/^Compacted\n$/, "compact");
    says(/^trimmed\n$/, "trim");
    says(/^# HELP xenstored_nodes /, "metrics");
    says(/^# HELP xenstored_domain_usage /, "metrics", "1");
    says(/^entry-nb = 999\n/, "config");
    says(/^OK\n$/, "config", "keep-orphans", "true");
    says(/^OK\n$/, "trace-dump");
    says(/^OK\n$/, "dump", join(w.directory, "state"));
    says(/^(OK\n)?$/, "live-update", "-t", "5", resolve("build/out/xenstored.prog"));
    says(/^true\n$/, "config", "keep-orphans");

    const unknown = control("nonsense");
    assert.is(unknown.status, 3);
    assert.match(unknown.err, /^Command not supported\. Valid commands are:\ncheck/);
    const nobody = control("txn", "77");
    assert.is(nobody.status, 3);
    assert.match(nobody.err, /^Error 2 when trying to execute command\./);
  } finally {
    assert.match(await w.stop(), /control: several words/);
  }
});

test("xenstore-ls shows what goes on", async () => {
  const w = await SocketWorld.start();
  const socket = join(w.directory, "socket");
  try {
    const { status, out } = stock(socket, "xenstore-ls", "-fp", "/tool/xenstored");
    assert.is(status, 0);
    assert.match(out, /^\/tool\/xenstored\/version = "\S+ \(\S+\)" {3}\(n0\)$/m);
    assert.match(out, /^\/tool\/xenstored\/domain\/1\/nodes = "1 1 1000" {3}\(n0,r1\)$/m);
    assert.match(out, /^\/tool\/xenstored\/memory\/engine-bytes = "\d+" {3}\(n0\)$/m);
    assert.ok(out.trim().split("\n").length > 80, out);
    const write = stock(socket, "xenstore-write", "/tool/xenstored/uptime", "0");
    assert.is(write.status, 1);
    assert.match(write.err, /could not write path \/tool\/xenstored\/uptime/);
    assert.is(stock(socket, "xenstore-read", "/tool/xenstored/domain/2/watches").out, "0 0 128\n");
  } finally {
    await w.stop();
  }
});

test.run();
