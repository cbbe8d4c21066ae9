/**
 * The port to the outside, types only. The program below (stubdom/) gives the
 * daemon a Host and drives the Program that `start` returns.
 *
 * Bytes travel as binary strings: one character per byte, 0 to 255, so that a
 * payload crosses the boundary once and is never decoded.
 *
 * How failures are returned is said once, at the top of stubdom/platform.h.
 *
 * Framing is the host's: it copies bytes out of a ring or a socket once, checks
 * the length in the header and hands over whole messages only.
 */

/** A connection of the host: a small integer, given again after close(). */
export type Link = number;

/** Kinds of `Host.events`. The value that comes with a kind is a Link, but for `domains` and `tree`. */
export const EventKind = {
  /** The link has room again after send() was refused. */
  room: 0,
  /** A client connected to the socket: a new link, privileged, relative to the store's own domain. */
  connected: 1,
  /**
   * The host shut the link off: a socket's peer is gone, ring indexes were
   * nonsense, or a message was longer than the protocol allows. A ring's error
   * field is already set. Nothing more is received or sent until close() or reset().
   */
  broken: 2,
  /** The guest asked for a reconnection: indexes are zero, partial messages dropped, the guest notified. */
  reset: 3,
  /** VIRQ_DOM_EXC: some domain changed its state. Value 0. */
  domains: 4,
  /** Somebody wants the tree as text, in Config.treeFile. Value 0. */
  tree: 5,
} as const;

/** Bits of a domain's state, as XEN_DOMCTL_get_domain_state numbers them; 0: no such domain. */
export const DomainState = { exist: 1, shutdown: 2, dying: 4, dead: 8 } as const;

export interface DomainInfo {
  readonly domid: number;
  /** Bits of DomainState. */
  readonly state: number;
  /** Differs for each instance of a domid; "" where this Xen does not tell. */
  readonly uniqueId: string;
}

/** Why a link is shut off: the ring page's error field (xs_wire.h). */
export const LinkError = { comm: 1, ringIndex: 2, protocol: 3 } as const;

/** Places in Host.header. */
export const enum HeaderField {
  type,
  reqId,
  txId,
  /** The link that next() came to. */
  link,
  /** Of PATH_TYPES: how many bytes follow the path's NUL; -1: there is none, and all of the payload is the path. */
  rest,
  /** Of PATH_TYPES: a PathKind. */
  path,
  /** Of PATH_TYPES: the row that PathIndex has for an absolute path; -1: none, or it is no such path. */
  row,
  /**
   * Of what makes a node, outside transactions, where there is no such row: the row of what stands before the last slash
   * (`/` where that is the first byte); -1: none. It does not say that the whole is a valid path.
   */
  parent,
  /** With it: where what follows the last slash begins. */
  name,
  /** The program's: not 0 while something waits that only a turn sees to. The host sets it for a program that starts. */
  chores,
}

export const enum PathKind {
  absolute,
  relative,
  specialOrEmpty,
}

/** DIRECTORY, READ, GET_PERMS, WRITE, MKDIR, RM, SET_PERMS: their payload begins with a path, which is handed over without the rest. */
export const PATH_TYPES = (1 << 1) | (1 << 2) | (1 << 3) | (1 << 11) | (1 << 12) | (1 << 13) | (1 << 14);

export interface Host {
  /** What HeaderField says of the message that was handed over last; numbers from 2^31 on are negative. */
  readonly header: Int32Array;
  /** The events of a turn, in pairs (kind, value); turn(n) says how many pairs. */
  readonly events: Int32Array;

  /**
   * The host keeps the links with news in a circle. This takes the next: the payload
   * of a message (of PATH_TYPES the path alone), with its header in `header`, after which
   * the link stands at the end of the circle; or undefined for a guarded link, which is out of the circle and was not
   * read. Null: there is none now, or events must be taken first.
   */
  next(): string | null | undefined;
  /** Whether next() leaves a link unread: whoever drives it decides, and reads it with receive(). */
  guard(link: Link, on: boolean): void;
  /** Puts a link into the circle. */
  wake(link: Link): void;
  /** Of a message of PATH_TYPES, what follows the path's NUL. It may be called without the host. */
  readonly rest: () => string;
  /** As send(), to the message that was handed over last, with its own type. */
  reply(payload: string): boolean;
  /** The payload of the link's next whole message, as by next(); null: none now, it comes into the circle with the next bytes. */
  receive(link: Link): string | null;
  /**
   * Hands over one whole message; payload at most 4,096 bytes. False: nothing
   * was taken, keep it and try again on `room`. Peers are notified once a turn.
   */
  send(link: Link, type: number, reqId: number, txId: number, payload: string): boolean;

  /** As send(), a watch event of these two parts. False also: they are too long. */
  event(link: Link, path: string, suffix: string): boolean;

  /**
   * Maps the xenstore page of a domain (grant reference 1; the own page for the
   * own domain) and binds its event channel. Negative: it failed. Indexes are kept.
   */
  open(domid: number, port: number): Link;
  /** Binds another event channel in place of the link's. False: it failed, the old one is kept. */
  rebind(link: Link, port: number): boolean;
  /** Writes the page's server_features field (a socket has none). */
  setFeatures(link: Link, mask: number): void;
  /** Zeroes the indexes, drops partial messages and the error, sets `connection` to 0 and notifies. */
  reset(link: Link): void;
  /** Sets `connection` to 0 and notifies, keeping indexes and what is in the ring. */
  announce(link: Link): void;
  /** Shuts the link off with a reason of LinkError. */
  shut(link: Link, reason: number): void;
  /** Unmaps and unbinds, or closes the socket. The link number may come again. */
  close(link: Link): void;
  /** Says that an unprivileged client makes the program keep little, or not: then it is refused later. A new link's does. */
  modest(link: Link, on: boolean): void;
  /** Bytes of the buffers that a link has for parts of messages, both ways; 0 of the link that is served. */
  held(link: Link): number;
  /** Bytes of messages that a link has in part or that are not read, both ways. */
  waiting(link: Link): number;
  /** How often the client took some of what waited for it in the link's buffer. */
  reads(link: Link): number;

  /** State of one domain. */
  domain(domid: number): DomainInfo;
  /** The domains that changed since the last call; null: this Xen cannot tell, ask for each. */
  changedDomains(): DomainInfo[] | null;

  /**
   * Test mode alone: puts a domain into a state, 0 to destroy it, `exist` for a
   * new instance. False: there is no such number.
   */
  simulate?(domid: number, state: number): boolean;

  /** Whether an allocation failed since the last message or reply: why something was thrown. */
  memoryEnded(): boolean;
  /** Whether so much memory is in use that unprivileged clients are about to be refused. */
  memoryScarce(): boolean;
  /** Whether more is in use than unprivileged clients may make the program use, so that privileged ones are next. */
  memoryCritical(): boolean;
  /** Bytes that the engine and the journal may take together; 0: any number. */
  memoryLimit(): number;

  /** The exchange of the program by another, and what it needs. */
  readonly update: Update;
  /** The rows of the store by their paths. */
  readonly paths: PathIndex;
  /** What outlives a failure of this program. */
  readonly journal: Journal;
  /** For a program that starts anew: whether the link of a domain's ring, or of a socket (-1), is still there. */
  claim(link: Link, domid: number): Claim;

  /** What only the host knows of what goes on. */
  readonly insight: Insight;

  /** Milliseconds on a clock that only goes forward. Not free: ask only when a time is needed. */
  now(): number;
  /** Seconds since 1970, UTC. */
  wallClock(): number;
  /** What is not for the console alone. */
  readonly logs: LogFiles;
  /** One line to the console or the log. Bundle positions of a stack are turned into TypeScript ones. */
  log(line: string): void;
}

/** What went over a link since it was made. */
export interface Traffic {
  readonly requests: number;
  readonly replies: number;
  readonly events: number;
  /** The type of the last request; -1: there was none. */
  readonly lastType: number;
  /** Milliseconds since it came. */
  readonly idle: number;
  /** Bytes that the host holds: of messages that were not handed over, and of such that the peer has not taken. */
  readonly partialIn: number;
  readonly partialOut: number;
  /** The process at the other end of a socket; 0: it is not known, or none. */
  readonly process: number;
}

/** A request whose reply was long in coming. */
export interface SlowRequest {
  readonly link: Link;
  readonly domid: number;
  readonly type: number;
  readonly milliseconds: number;
  /** Seconds since 1970. */
  readonly at: number;
  /** The payload's first bytes. */
  readonly payload: string;
}

/** Counted below without being asked, at next to no cost; put together when asked for. */
export interface Insight {
  /** Of the program that runs. */
  version(): string;
  /** Milliseconds since the host began. */
  uptime(): number;
  /** Null: there is no such link. */
  traffic(link: Link): Traffic | null;
  /** Figures of the host and the engine, with the names that it gives them. */
  figures(): (readonly [name: string, value: number])[];
  /** How many requests took longer than slowAfter, and the latest of them, oldest first. */
  slow(): { readonly count: number; readonly latest: readonly SlowRequest[] };
  slowAfter(milliseconds: number): void;
  /** Of the last packets, from number `from` on, as many as fit in so many bytes, as stubdom/trace/packets.h writes them. */
  packets(from: number, room: number): string;
  /** All of them to a file of the host's; "", or why it cannot be. */
  savePackets(path: string): string;
  /** The last so many to the log, a line each. */
  tellPackets(count: number): void;
  /** One message in so many meets a failure on purpose from now on; 0: none. */
  injectFaults(every: number): void;
  /** Something went wrong: the last packets go to the log, at a bounded rate. */
  failed(): void;
}

/** Kinds of lines that can go to different places. */
export const enum LogSink {
  /** Of Host.log. */
  log,
  trace,
  access,
}

export interface LogFiles {
  /**
   * From here on the lines of a sink go to a file, or to the system's log for `syslog:<facility>`; "": to the log, and
   * those of the log itself to where it began. After `lines` lines (0: never) the file is renamed, and `files` old ones
   * are kept. `mark` stands where the file is opened. Returns why it cannot be, then nothing is changed; or "".
   */
  open(sink: LogSink, path: string, files: number, lines: number, mark: string): string;
  write(sink: LogSink, line: string): void;
}

/**
 * Which row of the store has a path. Beside the engine: a tenth of what it would take there, and paths that all come to
 * the same place of a table cannot be chosen. What leads to a row whose path is changed must be dropped before.
 */
export interface PathIndex {
  /** The rows' paths; none of them leads anywhere yet. */
  begin(paths: readonly string[]): void;
  /** -1: there is none. */
  find(path: string): number;
  /** From now on the row's path leads to it, and to no other. Throws where there is no memory. */
  put(path: string, row: number): void;
  /** Returns whether its path led to the row, which it does no more. */
  drop(row: number): boolean;
  /** Paths that lead somewhere. */
  size(): number;
}

/** Texts are "", or why it cannot be. */
export interface Update {
  /** Makes room for a program file of so many bytes, in place of one that was begun. False: there is none. */
  begin(size: number): boolean;
  /** The next bytes of it. False: more than was announced. */
  data(bytes: string): boolean;
  /** Takes the program file at a path of the host's. */
  file(path: string): string;
  /** Whether what is there is a whole program file for this engine. */
  check(): string;
  abort(): void;
  /**
   * After this turn a fresh engine starts the new program, with these options in place of the present ones (null: the
   * same), on the state that this one's `save` gives. If it cannot, this one goes on and is told by `refused`. Throws
   * where there is no memory; then nothing starts.
   */
  go(options: readonly string[] | null): void;
  /** Keeps a chunk of the state. Throws where there is no memory. */
  save(chunk: string): void;
  /** Writes what was kept to a file of the host's, and lets go of it. */
  write(path: string): string;
  /** What was saved is kept to be read in any order; returns its bytes. */
  keep(): number;
  /** Of what is kept, as much as there is from an offset on, and room for. */
  kept(offset: number, room: number): string;
  /** Lets go of what was saved. */
  discard(): void;
  /** Lets go of what was saved or kept. */
  drop(): void;
  /** The next chunk, which is let go of; null: that was all. */
  restore(): string | null;
}

/** What has become of a link that the program before knew. */
export const enum Claim {
  gone = 0,
  open = 1,
  /** Shut off; `broken` comes again. */
  broken = 2,
}

/** What a program that starts anew gives up, where memory ended whenever it tried. Each has those before it. */
export const enum Shed {
  nothing = 0,
  /** The events that wait for guests; each of their watches gets one later. */
  events = 1,
  /** The guests that have left replies unread, which are cut off. */
  clients = 2,
}

/** Tables of a Journal. */
export const enum Kept {
  nodes,
  states,
  lists,
  /** Texts of the program's own. */
  texts,
}

/**
 * Memory beside the engine's, in which the program keeps what it must not lose. What is told here, and what is
 * sent, counts when the program asks for the next message, or when its turn ends: all of it or, if it fails before,
 * nothing. Every function that tells something throws where there is no memory.
 */
export interface Journal {
  /**
   * Where the nodes are read: `rows` has those that changed, the others the nodes by row: bit 5 of `flags` says
   * that it did not go, with all below it, `parent` is -1 for a root. To be told again when one of them is another.
   */
  columns(columns: {
    readonly rows: readonly number[];
    readonly paths: readonly string[];
    readonly values: readonly string[];
    readonly parent: Int32Array;
    readonly permsOf: Int32Array;
    readonly flags: Uint8Array;
  }): void;
  /** How many of the first of `rows` changed that are to be read when that counts. */
  readonly changed: Int32Array;
  /** The first `count` of `rows` changed: they are read now. */
  changes(count: number): void;
  /** The rows of subtrees that went are free now: `count` of them are in `rows`. */
  readonly rows: Int32Array;
  allGone(count: number): void;
  /** What a number of a permission list stands for. */
  list(id: number, entries: string): void;
  /** Keeps a text under its number, -1: a new one, which is returned. */
  keep(id: number, text: string): number;
  /** As keep(), of a text that is put together there: five whole numbers with a comma each, between the other two. */
  note(id: number, kind: string, a: number, b: number, c: number, d: number, e: number, text: string): number;
  drop(id: number): void;
  /** What was told counts: for a program that reads its state, which is a success or nothing as a whole. */
  commit(): void;

  /** Begins to read a table. Returns one more than the highest number in it. */
  scan(table: Kept): number;
  /**
   * The next: the name of a node, the value of a state, or the text; with number, parent and permission list in the
   * first places of Host.header. Null: that was all. Nodes come in no order, texts in that of their making.
   */
  next(): string | null;
  /** The value of the node that came last. */
  value(): string;
  /** After the last node: their numbers in the order of their making; -1: that was all. */
  row(): number;
  /** Bytes that it takes. */
  memory(): number;
  /** Bytes that a byte of a text takes in it on average, from 0 to 1 or somewhat more. */
  rate(): number;
}

/** Where the state comes from that a program starts with. */
export const enum Origin {
  /** Nowhere: the store is empty. */
  none = 0,
  /** From the program that ran before, on the same links. */
  predecessor = 1,
  /** From a file: there are no links. */
  file = 2,
  /** From the journal, on the same links: the program before has failed. */
  journal = 3,
}

export interface Config {
  /** A state is to be had from Host.update.restore(), or from Host.journal. */
  readonly origin: Origin;
  /** Origin.journal: the message in Host.header made the program fail twice, and is to be refused. */
  readonly refused: boolean;
  /** Origin.journal: what is given up. */
  readonly shed: Shed;
  /** The domain that runs the store; 0 for a daemon in Dom0. */
  readonly ownDomid: number;
  /** The privileged domain, normally 0. */
  readonly privDomid: number;
  /** Dom0's event channel for its xenstore ring (`--event`); -1: there is none to attach. */
  readonly privPort: number;
  /** The own domain's port for its own xenstore page; -1: none. */
  readonly ownPort: number;
  /** Options that the host did not take for itself, unparsed. */
  readonly args: readonly string[];
  /** Those of a file, which come first; what is wrong with them is an error only where `testing`. */
  readonly fileArgs: readonly string[];
  /** Where the tree goes on EventKind.tree; "": nobody asks. */
  readonly treeFile: string;
  /** Dom0's tools have not run yet, and cannot before this program. */
  readonly first: boolean;
  /** The options are looked at, and nothing else (`--config-test`). */
  readonly testing: boolean;
  /** An unknown option is an error (a command line), or only a log line (a stub domain's --param). */
  readonly strict: boolean;
}

export interface Program {
  /**
   * Takes `events` pairs out of host.events, then serves connections for a
   * bounded time. Returns when to be called again: 0 at once, n in at most n
   * milliseconds, -1 only on an event.
   */
  turn(events: number): number;
  /**
   * Serves one message as it was handed over by next(), while there are neither events nor HeaderField.chores: for most
   * requests the host needs no turn. Returns the payload of a reply that the host sends, as by reply(); null: all was
   * sent here.
   */
  serve(payload: string): string | null;
  /** There was no room for the reply that serve() returned: it is kept until there is. */
  unsent(reply: string): void;
  /** Delivers what is on its way, before save(). What it throws is a failure of the program. */
  deliver(): void;
  /** Hands the whole state to Host.update.save(). What it throws leaves the program as it was. */
  save(): void;
  /** The new program could not take over. */
  refused(why: string): void;
}

/** What the bundle's global `xenstored` holds. A string is why it cannot start. */
export interface Bundle {
  start(host: Host, config: Config): Program | string;
}
