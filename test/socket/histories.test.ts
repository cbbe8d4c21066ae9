import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Daemon, play, UNBOUND } from "../model/histories.ts";
import { SocketWorld } from "../support/socket-world.ts";

const test = suite("the model on the engine that ships");

const STEPS = Number(process.env.STEPS ?? 400);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
const PROGRAM = resolve("build/out/xenstored.prog");
const RECOVERIES = "/tool/xenstored/recoveries";

/** Nobody owes credit for long: the daemon's clock cannot be moved. */
const ARGS = [...UNBOUND, "--conflict-burst-limit", "1000000"];

class OnSockets implements Daemon {
  private constructor(private readonly world: SocketWorld) {}

  static async start(): Promise<OnSockets> {
    return new OnSockets(await SocketWorld.start({ args: ARGS, domains: [] }));
  }

  request(who: string, request: string): Promise<{ reply: string; events: string[] }> {
    return this.world.request(who, request);
  }

  tick(): void {}

  private async control(command: string): Promise<string> {
    return (await this.request("0", `CONTROL ${command}|`)).reply;
  }

  async exchange(): Promise<string> {
    assert.is(await this.control(`live-update|-f|${PROGRAM}`), "OK|");
    const reply = await this.control("live-update|-s");
    return reply === "OK|" ? "" : reply;
  }

  /** Programs that failed so far. */
  private async failures(): Promise<number> {
    return Number((await this.request("0", `READ ${RECOVERIES}|`)).reply);
  }

  private async setFaults(every: number): Promise<void> {
    // It can meet one itself.
    while ((await this.control(`config|inject-faults|${every}`)) !== "OK|");
  }

  async fail(): Promise<void> {
    const before = await this.failures();
    // A failure of memory is a refusal, most often: the program goes on.
    do {
      await this.setFaults(1);
      await this.request("0", "READ /|");
      await this.setFaults(0);
    } while ((await this.failures()) === before);
  }

  exist(domid: number): Promise<void> {
    return this.world.happen(`exist ${domid}`);
  }

  name(domid: number): Promise<void> {
    return this.world.happen(`name ${domid}`);
  }

  kill(domid: number): Promise<void> {
    return this.world.happen(`kill ${domid}`);
  }

  async clear(): Promise<void> {
    await this.request("0", "READ /|");
  }

  dump(): Promise<string[]> {
    return this.world.dump();
  }

  bugs(): string[] {
    return [];
  }

  /** Throws where it did not end as it should. */
  async stop(): Promise<void> {
    await this.world.stop();
  }
}

test(`${STEPS} steps from seed ${SEED}`, async () => {
  await play(STEPS, SEED, () => OnSockets.start());
});

test.run();
