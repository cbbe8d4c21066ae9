import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Op } from "../../src/wire/ops.ts";
import { good, look, noise, unlimited } from "../support/account.ts";
import { list } from "../support/pipeline.ts";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("what others do is on nobody else's account");

test("a domain's nodes cost the same whatever others store", async () => {
  const domids = [1, 2, 3];
  const w = await SocketWorld.start({ domains: domids });
  try {
    for (const domid of domids) await unlimited(w, domid);
    // Values that begin alike, then those of others between them, then many that have nothing in common.
    const alike = (n: number): [Op, string] => [Op.WRITE, `data/${n}\0${"alike".repeat(60)}${n}`];
    await good(w.client("1"), list(500, alike));
    const before = (await look(w, [1])).account;
    for (const who of ["2", "3"])
      await good(
        w.client(who),
        list(700, (n) => [Op.WRITE, `data/${n}\0${noise(600)}`]),
      );
    assert.is((await look(w, [1])).account, before);
    await good(w.client("1"), list(500, alike));
    assert.is((await look(w, [1])).account, before);
    for (const who of ["2", "3"])
      await good(
        w.client(who),
        list(700, (n) => [Op.WRITE, `data/${n}\0`]),
      );
    assert.is((await look(w, [1])).account, before);
  } finally {
    await w.stop();
  }
});

test.run();
