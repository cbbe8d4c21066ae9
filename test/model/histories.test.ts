import { suite } from "uvu";
import { CONFLICT_TICK, CONFLICT_WAIT } from "../../src/limits.ts";
import { World } from "../support/world.ts";
import { type Daemon, play, UNBOUND } from "./histories.ts";

const test = suite("model");

const STEPS = Number(process.env.STEPS ?? 100_000);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000);

class OnFakeHost extends World implements Daemon {
  constructor() {
    super({ args: UNBOUND, domains: [] });
  }

  tick(): void {
    this.host.clock += CONFLICT_WAIT + 2 * CONFLICT_TICK;
  }

  fail(): void {
    this.recover();
  }

  bugs(): string[] {
    return this.host.lines.filter((line) => line.includes("Error"));
  }

  stop(): void {}
}

test(`${STEPS} steps from seed ${SEED}`, async () => {
  await play(STEPS, SEED, () => new OnFakeHost());
});

test.run();
