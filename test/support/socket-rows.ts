import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Row } from "./rows.ts";
import { SocketWorld } from "./socket-world.ts";
import type { WorldOptions } from "./world.ts";

/** Rows that a daemon on sockets cannot show, by name, and why. */
const cannot = new Map<string, string>([
  ["CONTROL sim is for the test mode alone", "the daemon is in test mode"],
  ["a port that cannot be bound: the ring stays as it is", "a simulated domain has no port"],
  ["the store's own domain stays for ever", "on Linux it is domain 0, for which other rows show the same"],
  ["a socket's relative paths continue the path of the store's own domain", "on Linux the store's own domain is 0"],
]);

/** Stands for rows.ts where the rows are played against build/out/xenstored. */
export function group(title: string) {
  const test = suite(title);
  const rows = (name: string, list: readonly Row[], options: WorldOptions = {}): void => {
    const why = cannot.get(name);
    if (why === undefined) {
      test(name, () => play(list, options));
      return;
    }
    console.log(`skipped: ${title}: ${name}: ${why}`);
    test.skip(name);
  };
  return { test: inProcess(title, test), rows, run: () => test.run() };
}

/** A test that is no rows holds the daemon's host in its hands. */
function inProcess(title: string, test: { skip: (name: string) => void }) {
  return (name: string): void => {
    console.log(`skipped: ${title}: ${name}: it holds the host in its hands`);
    test.skip(name);
  };
}

async function play(list: readonly Row[], options: WorldOptions): Promise<void> {
  const world = await SocketWorld.start(options);
  try {
    for (const [n, [who, request, reply = "OK|", ...events]] of list.entries()) {
      if (who === "host") {
        await world.happen(request);
        continue;
      }
      const got = await world.request(who, request);
      const where = `row ${n + 1}: ${who} ${request.slice(0, 200)}`;
      if (reply !== "*") assert.is(got.reply, reply, where);
      assert.equal(got.events, events, where);
    }
  } finally {
    const lines = await world.stop();
    assert.not.match(lines, /Error/, "no bug is logged");
    assert.match(lines, /test mode/, "the daemon says that it is in test mode");
  }
}
