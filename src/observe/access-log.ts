import { type Host, LogSink } from "../host.ts";
import { Op } from "../wire/ops.ts";
import { cut, Sink, stamp } from "./log.ts";
import { elided } from "./values.ts";

/** By type: the name in the second column, and which switch of AccessLog a line needs. */
const enum Group {
  always,
  reads,
  transactions,
  specials,
}
const columns = new Map<number, readonly [string, Group]>([
  [Op.CONTROL, ["debug", Group.always]],
  [Op.DIRECTORY, ["directory", Group.reads]],
  [Op.DIRECTORY_PART, ["directory_partial", Group.reads]],
  [Op.READ, ["read", Group.reads]],
  [Op.GET_PERMS, ["getperms", Group.reads]],
  [Op.WATCH, ["watch", Group.always]],
  [Op.UNWATCH, ["unwatch", Group.always]],
  [Op.TRANSACTION_START, ["t start", Group.transactions]],
  [Op.TRANSACTION_END, ["t end", Group.transactions]],
  [Op.INTRODUCE, ["introduce", Group.specials]],
  [Op.RELEASE, ["release", Group.specials]],
  [Op.GET_DOMAIN_PATH, ["getdomain", Group.specials]],
  [Op.IS_DOMAIN_INTRODUCED, ["is introduced", Group.specials]],
  [Op.RESUME, ["resume", Group.specials]],
  [Op.WRITE, ["write", Group.always]],
  [Op.MKDIR, ["mkdir", Group.always]],
  [Op.RM, ["rm", Group.always]],
  [Op.SET_PERMS, ["setperms", Group.always]],
  [Op.RESET_WATCHES, ["reset watches", Group.always]],
  [Op.SET_TARGET, ["settarget", Group.always]],
]);

/** The connection that a line is about. */
export interface Who {
  readonly domid: number;
  readonly link: number;
  readonly ring: boolean;
}

/** The access log, in oxenstored's format. Lines are limited in rate (Sink.bounded). */
export class AccessLog {
  on = false;
  values = false;
  reads = false;
  transactions = false;
  specials = false;
  /** The longest line in characters; -1: unlimited. */
  chars = 180;
  readonly sink: Sink;

  constructor(private readonly host: Host) {
    this.sink = new Sink(host, LogSink.access);
  }

  /** Logs a request with its whole payload, if its kind is switched on. */
  request(who: Who, txId: number, type: number, payload: string): void {
    const [name, group] = columns.get(type) ?? ["invalid", Group.always];
    if (this.wants(group)) this.line(who, txId, name, elided(type, true, payload, this.values));
  }

  /** Of the replies only errors are logged, and ENOENT only while reads are. */
  error(who: Who, txId: number, name: string): void {
    if (name !== "ENOENT" || this.reads) this.line(who, txId, "error", name);
  }

  event(who: Who, payload: string): void {
    this.line(who, 0, "w event", elided(Op.WATCH_EVENT, false, payload, true));
  }

  /** A commit; `merged`: others have committed since it began. */
  commit(who: Who, txId: number, merged: boolean): void {
    if (this.transactions) this.line(who, txId, merged ? "coalesce" : "commit", "");
  }

  /** A watch that did not fire for lack of permission; `perms` in the form of SET_PERMS. */
  notFired(who: Who, perms: string, path: string): void {
    this.line(who, 0, "w notfired", `EPERM perms=[${perms.replaceAll("\0", " ").trimEnd()}] path=${path}`);
  }

  conflict(who: Who, txId: number): void {
    this.line(who, txId, "conflict", "");
  }

  /** A new connection (`comes`), or one that is closed. */
  connection(who: Who, comes: boolean): void {
    this.line(who, 0, comes ? "newconn" : "endconn", "");
  }

  /** A line of the control command `print`. */
  print(text: string): void {
    this.put("=======>", "debug", text);
  }

  private line(who: Who, txId: number, name: string, data: string): void {
    const of = who.ring ? `DOM${who.domid}` : `DOM0 (ANON CONN #${who.link})`;
    this.put(txId === 0 ? of : `${of}.${txId}`, name, data.replaceAll("\\", "\\\\").replaceAll('"', '\\"').trimEnd());
  }

  private put(who: string, name: string, data: string): void {
    const text = `${who.padEnd(12)} ${name.padEnd(9)} ${data}`;
    const line = this.sink.timed ? `[${stamp(this.host.wallClock())}]  ${text}` : text;
    this.sink.bounded(cut(line, this.chars));
  }

  private wants(group: Group): boolean {
    if (group === Group.reads) return this.reads;
    if (group === Group.transactions) return this.transactions;
    return group === Group.always || this.specials;
  }
}
