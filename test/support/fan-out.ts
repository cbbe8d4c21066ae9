import { Op } from "../../src/wire/ops.ts";
import type { Client } from "./client.ts";
import type { Message } from "./link.ts";
import { ask, begin, list } from "./pipeline.ts";

/** Watches, and changes of one commit: more events than go out in some slices. */
const WATCHES = 64;
const CHANGES = 300;
export const FAN_OUT = WATCHES * CHANGES;

/** Numbers of the commit, and of what its client asks for behind it. */
const COMMIT = 4711;
const BEHIND = 4712;

const isEvent = (m: Message): boolean => m.type === Op.WATCH_EVENT;

/** A commit of many changes beside many watches, on a real daemon. */
export class FanOut {
  private txId = 0;

  constructor(
    private readonly committer: Client,
    private readonly watcher: Client,
    private readonly signal: (signal: NodeJS.Signals) => void,
  ) {}

  /** Everything up to the commit. */
  async prepare(): Promise<void> {
    const { committer, watcher } = this;
    await ask(
      committer,
      list(CHANGES, (n) => [Op.WRITE, `/a/${n}\0`]),
    );
    for (let n = 0; n < WATCHES; n++) watcher.write({ type: Op.WATCH, reqId: 1, txId: 0, payload: `/a\0${n}\0` });
    await watcher.until(() => watcher.messages.length === 2 * WATCHES);
    watcher.messages = [];
    this.txId = await begin(committer);
    await ask(
      committer,
      list(CHANGES, (n) => [Op.WRITE, `/a/${n}\0x`, this.txId]),
    );
  }

  /**
   * The commit, a READ behind it, and CONTROL requests of another, which the daemon finds all at once: it takes one
   * message of each client in turn, so these are served while the events are on their way. Returns the answers to them.
   */
  async commit(other: Client, requests: readonly string[]): Promise<string[]> {
    const { committer, txId } = this;
    const all = ["print\0first\0", "print\0second\0", ...requests];
    this.signal("SIGSTOP");
    committer.write({ type: Op.TRANSACTION_END, reqId: COMMIT, txId, payload: "T\0" });
    committer.write({ type: Op.READ, reqId: BEHIND, txId: 0, payload: "/a/0\0" });
    for (const payload of all) other.write({ type: Op.CONTROL, reqId: 1, txId: 0, payload });
    this.signal("SIGCONT");
    await other.until(() => other.messages.length === all.length);
    return other.messages
      .splice(0)
      .map((m) => m.payload.slice(0, -1))
      .slice(2);
  }

  /** What the committer is answered. */
  answer(): Promise<string> {
    return this.replyTo(COMMIT);
  }

  /** And to what it asked for behind that. */
  answerBehind(): Promise<string> {
    return this.replyTo(BEHIND);
  }

  private async replyTo(reqId: number): Promise<string> {
    const { committer } = this;
    const reply = (): Message | undefined => committer.messages.find((m) => m.reqId === reqId);
    await committer.until(() => reply() !== undefined);
    return reply()?.payload ?? "";
  }

  /** What the watcher has heard, once it is answered. */
  async events(): Promise<string[]> {
    const { watcher } = this;
    watcher.write({ type: Op.READ, reqId: 1, txId: 0, payload: "/a\0" });
    await watcher.until(() => watcher.messages.some((m) => !isEvent(m)));
    return watcher.messages.filter(isEvent).map((m) => m.payload);
  }
}
