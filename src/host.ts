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

import type { Insight, LogFiles } from "./host/insight.ts";
import type { Claim, Journal, Shed } from "./host/journal.ts";
import type { PathIndex, Update } from "./host/state.ts";

export * from "./host/insight.ts";
export * from "./host/journal.ts";
export * from "./host/state.ts";

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
  deferredWork,
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
   * The host keeps the links with news in a ready queue. This takes the next: the payload
   * of a message (of PATH_TYPES the path alone), with its header in `header`, after which
   * the link stands at the end of the queue; or undefined for a flow-controlled link, which is out of the queue and was not
   * read. Null: there is none now, or events must be taken first.
   */
  next(): string | null | undefined;
  /** Whether next() leaves a link unread: whoever drives it decides, and reads it with receive(). */
  setFlowControl(link: Link, on: boolean): void;
  /** Puts a link into the ready queue. */
  wake(link: Link): void;
  /** Of a message of PATH_TYPES, what follows the path's NUL. It may be called without the host. */
  readonly rest: () => string;
  /** As send(), to the message that was handed over last, with its own type. */
  reply(payload: string): boolean;
  /** The payload of the link's next whole message, as by next(); null: none now, it enters the ready queue with the next bytes. */
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
   * Serves one message as it was handed over by next(), while there are neither events nor HeaderField.deferredWork: for most
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
