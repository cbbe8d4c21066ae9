import * as assert from "uvu/assert";
import { type Logged, Watches, type Watching } from "./events.ts";
import { Naive, parent, type Who } from "./naive.ts";
import { isPath, noPath } from "./path-text.ts";

interface Answer {
  reply: string;
  events: string[];
}

/** A daemon, and its clients: the fake host's, or those of a real one. */
export interface Daemon {
  request(who: string, request: string): Answer | Promise<Answer>;
  /** Time passes, so that nobody owes credit for conflicts (src/server/credit.ts). */
  tick(): void;
  /** A live update; "", or why it failed. */
  exchange(): string | Promise<string>;
  /** The program fails, and starts anew on its journal. */
  fail(): void | Promise<void>;
  exist(domid: number): void | Promise<void>;
  /** The name of a domain's ring is its domid. */
  name(domid: number): void | Promise<void>;
  kill(domid: number): void | Promise<void>;
  /** What came until now is of no interest. */
  clear(): void | Promise<void>;
  /** Everything in the store as Dom0 reads it. */
  dump(): string[] | Promise<string[]>;
  /** What it logged that it must not. */
  bugs(): string[];
  stop(): void | Promise<void>;
}

/** Its options: nobody meets a quota. */
export const UNBOUND = ["nodes", "transactions", "watches", "transaction-nodes"].flatMap((quota) => [
  "-Q",
  `${quota}=0`,
]);

/** One step in so many is preceded by a live update, one by a failure of the program. */
const EXCHANGE = 100;
const FAILURE = 100;
/** Steps of one world, so that a failure replays quickly and worlds stay small. */
const EPOCH = 500;

function generator(seed: number): (n: number) => number {
  let a = seed;
  return (n) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

interface Open {
  who: string;
  label: string;
  view: Naive;
  log: Logged[];
}

interface Tally {
  commits: number;
  again: number;
  needless: number;
}

class Run {
  readonly live = new Naive();
  readonly alive = new Set<number>();
  readonly open: Open[] = [];
  readonly watches = new Watches();
  private label = 0;
  readonly trace: string[] = [];
  /** What was done in the transaction that ended last. */
  told: string[] = [];

  constructor(
    readonly daemon: Daemon,
    private readonly random: (n: number) => number,
    private readonly tally: Tally,
  ) {}

  async begin(): Promise<void> {
    await this.request("0", "RM /tool|");
    for (const domid of [1, 2, 3]) await this.introduce(domid);
    await this.both("0", "MKDIR", "/a", "");
    await this.both("0", "SET_PERMS", "/a", "b0|");
  }

  async step(): Promise<void> {
    this.daemon.tick();
    if (this.random(EXCHANGE) === 0) assert.is(await this.daemon.exchange(), "", "a live update");
    if (this.random(FAILURE) === 0) await this.fail();
    const r = this.random(100);
    if (this.random(10) === 0) await this.invalid();
    if (r < 8 && this.open.length < 6) await this.start();
    else if (r < 14 && this.open.length > 0) await this.end();
    else if (r < 60 && this.open.length > 0) await this.inside();
    else if (r < 96) await this.outside();
    else if (r < 98) await this.watch();
    else if (this.random(6) === 0) await this.death();
    else await this.outside();
  }

  /** Everything is still there, but for the transactions. */
  private async fail(): Promise<void> {
    await this.daemon.fail();
    this.trace.push("host fails");
    for (const t of this.open.splice(0)) {
      const { reply, events } = await this.request(`${t.who}.${t.label}`, "TRANSACTION_END T|");
      assert.is(reply, "!EAGAIN", "a transaction of before");
      assert.equal(events, []);
    }
    await this.compare();
  }

  async compare(): Promise<void> {
    assert.is((await this.daemon.request("0", "CONTROL check|")).reply, "OK|", "the store is sound");
    assert.equal(await this.daemon.dump(), this.live.dump(), "the stores differ");
  }

  private who(name: string): Who {
    return { domid: Number(name), privileged: name === "0" };
  }

  private readonly exists = (domid: number): boolean => domid === 0 || domid === 32757 || this.alive.has(domid);

  private async introduce(domid: number): Promise<void> {
    await this.daemon.exist(domid);
    this.alive.add(domid);
    const { reply } = await this.request("0", `INTRODUCE ${domid}|1|${domid + 1}|`);
    assert.is(reply, "OK|");
    await this.daemon.name(domid);
  }

  private async request(who: string, text: string): Promise<Answer> {
    this.trace.push(`${who} ${text}`);
    return this.daemon.request(who, text);
  }

  private client(): string {
    const names = ["0", "0", ...[...this.alive].map(String)];
    return names[this.random(names.length)] as string;
  }

  private path(): string {
    const path = this.anyPath();
    assert.ok(isPath(path));
    return path;
  }

  private anyPath(): string {
    let path = "";
    const depth = 1 + this.random(4);
    for (let i = 0; i < depth; i++) path += `/${"abc"[this.random(i === 0 ? 2 : 3)]}`;
    return path;
  }

  private operation(): [string, string, string] {
    const r = this.random(20);
    const path = this.path();
    if (r < 5) return ["READ", path, ""];
    if (r < 7) return ["DIRECTORY", path, ""];
    if (r < 8) return ["GET_PERMS", path, ""];
    if (r < 13) return ["WRITE", path, "xyz"[this.random(3)] as string];
    if (r < 15) return ["MKDIR", path, ""];
    if (r < 18) return ["RM", path, ""];
    let perms = "";
    const count = 1 + this.random(3);
    for (let i = 0; i < count; i++) perms += `${"nrwb"[this.random(4)]}${this.random(5)}|`;
    return ["SET_PERMS", path, perms];
  }

  private send(who: string, op: string, path: string, arg: string): Promise<Answer> {
    return this.request(who, `${op} ${path}|${arg}`);
  }

  private async both(who: string, op: string, path: string, arg: string): Promise<void> {
    const before = this.live.copy();
    const expected = this.live.run(this.who(who), op, path, arg, this.exists);
    const got = await this.send(who, op, path, arg);
    assert.is(got.reply, expected, "reply");
    const events = expected.startsWith("!") ? [] : this.watches.eventsOf(before, op, path);
    assert.equal(got.events, events, "events");
  }

  /** A text that is no path, in any operation, inside of a transaction or not: EINVAL, and nothing happens. */
  private async invalid(): Promise<void> {
    const ops = [
      "READ",
      "DIRECTORY",
      "GET_PERMS",
      "WRITE",
      "MKDIR",
      "RM",
      "SET_PERMS",
      "DIRECTORY_PART",
      "WATCH",
      "UNWATCH",
    ];
    const rest: Record<string, string> = {
      WRITE: "x",
      SET_PERMS: "b0|",
      DIRECTORY_PART: "0|",
      WATCH: "t|",
      UNWATCH: "t|",
    };
    const op = ops[this.random(ops.length)] as string;
    let text = noPath(this.random, this.path());
    // Watches and permissions have special paths besides.
    while (text.startsWith("@") && /PERMS|WATCH/.test(op)) text = noPath(this.random, this.path());
    const t = this.random(2) === 0 ? undefined : this.open[this.random(this.open.length)];
    const who = t === undefined ? this.client() : `${t.who}.${t.label}`;
    const { reply, events } = await this.request(who, `${op} ${text}|${rest[op] ?? ""}`);
    assert.is(reply, "!EINVAL", `${op} of a text that is no path: ${JSON.stringify(text)}`);
    assert.equal(events, []);
  }

  private async outside(): Promise<void> {
    await this.both(this.client(), ...this.operation());
  }

  private async start(): Promise<void> {
    const who = this.client();
    const label = `t${++this.label}`;
    const { reply } = await this.request(`${who}.${label}`, "TRANSACTION_START |");
    assert.not(reply.startsWith("!"), "START");
    this.open.push({ who, label, view: this.live.copy(), log: [] });
  }

  private async inside(): Promise<void> {
    const t = this.open[this.random(this.open.length)] as Open;
    const [op, path, arg] = this.operation();
    const had = t.view.find(path) !== null;
    const made: string[] = [];
    if (!had) for (let p = parent(path); t.view.find(p) === null; p = parent(p)) made.unshift(p);
    const expected = t.view.run(this.who(t.who), op, path, arg, this.exists);
    const { reply, events } = await this.send(`${t.who}.${t.label}`, op, path, arg);
    assert.is(reply, expected, "reply in a transaction");
    assert.equal(events, [], "no events before the end");
    const writes = op === "WRITE" || op === "SET_PERMS" || (op === "MKDIR" && !had) || (op === "RM" && had);
    t.log.push({ op, path, arg, reply, wrote: writes && !reply.startsWith("!"), made });
  }

  private async end(): Promise<void> {
    const [t] = this.open.splice(this.random(this.open.length), 1) as [Open];
    if (this.random(5) === 0) {
      const { reply, events } = await this.request(`${t.who}.${t.label}`, "TRANSACTION_END F|");
      assert.is(reply, "OK|");
      assert.equal(events, []);
      return;
    }
    const { reply, events } = await this.request(`${t.who}.${t.label}`, "TRANSACTION_END T|");
    const after = this.live.copy();
    const same = t.log.every((l) => after.run(this.who(t.who), l.op, l.path, l.arg, this.exists) === l.reply);
    const writes = t.log.some((l) => l.wrote);
    if (reply === "!EAGAIN") {
      assert.ok(writes, "a transaction that only read must succeed");
      assert.equal(events, []);
      this.tally.again++;
      if (same) this.tally.needless++;
      return;
    }
    assert.is(reply, "OK|");
    this.tally.commits++;
    if (!writes) {
      assert.equal(events, []);
      return;
    }
    this.told = t.log.map((l) => `  ${l.op} ${l.path} ${l.arg} -> ${l.reply}`);
    assert.ok(same, "committed, but not serialisable");
    assert.equal(events, this.watches.eventsOfCommit(t.log, this.live, after), "events of a commit");
    this.live.root = after.root;
  }

  private async watch(): Promise<void> {
    const { list } = this.watches;
    if (list.length > 0 && this.random(3) === 0) {
      const [w] = list.splice(this.random(list.length), 1) as [Watching];
      assert.is((await this.request("0", `UNWATCH ${w.path}|${w.token}|`)).reply, "OK|");
      return;
    }
    if (list.length > 12) return;
    const path = this.random(8) === 0 ? "/" : this.path();
    const token = `k${++this.label}`;
    const depth = this.random(3) === 0 ? this.random(3) : -1;
    const got = await this.request("0", `WATCH ${path}|${token}|${depth < 0 ? "" : `${depth}|`}`);
    assert.is(got.reply, "OK|");
    assert.equal(got.events, [`0 ${path}|${token}|`]);
    list.push({ path, token, depth });
  }

  private async death(): Promise<void> {
    const domid = 1 + this.random(3);
    this.trace.push(`kill ${domid}`);
    await this.daemon.kill(domid);
    this.alive.delete(domid);
    for (let i = this.open.length - 1; i >= 0; i--) if (this.open[i]?.who === String(domid)) this.open.splice(i, 1);
    this.live.bury(domid, true);
    // A list in a snapshot loses the dead as well: nobody may act in the name of what is gone.
    for (const t of this.open) {
      t.view.bury(domid, false);
      for (const l of t.log) {
        if (l.op === "SET_PERMS") l.arg = without(domid, l.arg);
        if (l.op === "GET_PERMS" && !l.reply.startsWith("!")) l.reply = without(domid, l.reply).replace("!", "");
      }
    }
    await this.daemon.clear();
    await this.introduce(domid);
    await this.daemon.clear();
  }
}

/** A list as it is after the death of a domain; `!` marks an owner that is nobody any more. */
function without(domid: number, perms: string): string {
  const list = perms.split("|").slice(0, -1);
  return list
    .map((e, i) => (e.replace("!", "").slice(1) !== String(domid) ? `${e}|` : i === 0 ? `!${e.replace("!", "")}|` : ""))
    .join("");
}

/** So many steps from a seed, on a daemon for each EPOCH of them. Returns what became of the commits. */
export async function play(steps: number, from: number, begin: () => Daemon | Promise<Daemon>): Promise<Tally> {
  const tally: Tally = { commits: 0, again: 0, needless: 0 };
  for (let done = 0, seed = from; done < steps; done += EPOCH, seed++) {
    const run = new Run(await begin(), generator(seed), tally);
    try {
      await run.begin();
      for (let i = 0; i < Math.min(EPOCH, steps); i++) {
        await run.step();
        if (process.env.DUMP !== undefined) await run.compare();
      }
      await run.compare();
      assert.equal(run.daemon.bugs(), []);
    } catch (error) {
      console.log(
        `\nSEED=${seed} STEPS=${EPOCH} fails after:\n${run.trace.slice(-40).join("\n")}\n${run.told.join("\n")}\n`,
      );
      throw error;
    } finally {
      await run.daemon.stop();
    }
  }
  console.log(`\n  ${tally.commits} commits, ${tally.again} conflicts, ${tally.needless} of them needless`);
  assert.ok(tally.commits > Math.floor(steps / 400), "too few commits to mean anything");
  return tally;
}
