/**
 * The interface between the daemon and the program below it (stubdom/), types only. The program below
 * passes a Host to `start` and drives the Program that it returns.
 *
 * Bytes are binary strings: one character for each byte, 0 to 255. A payload crosses the boundary once and
 * is never decoded.
 *
 * stubdom/platform.h says how failures are returned.
 *
 * The host does the framing: it copies bytes out of a ring or socket once, checks the length in the header,
 * and passes whole messages only.
 */

import type { Handover } from "./host/handover.ts";
import type { Insight, LogFiles } from "./host/insight.ts";
import type { Claim, Journal, Shed } from "./host/journal.ts";
import type { Link } from "./host/link.ts";
import type { PathIndex, Update } from "./host/state.ts";

export * from "./host/handover.ts";
export * from "./host/insight.ts";
export * from "./host/journal.ts";
export * from "./host/link.ts";
export * from "./host/state.ts";

/** Kinds of `Host.events`. The value of an event is a Link, except for `domains` and `tree`. */
export const EventKind = {
  /** The link has room again after send() was refused. */
  room: 0,
  /** A client connected to the socket: a new link, privileged. Its relative paths start at the store's own domain. */
  connected: 1,
  /**
   * The host shut the link down: a socket's peer is gone, ring indexes were invalid, or a message was longer
   * than the protocol allows. A ring's error field is set. Nothing is received or sent until close() or
   * reset().
   */
  broken: 2,
  /**
   * The guest asked for a reconnection: the host has zeroed the indexes, dropped partial messages and
   * notified the guest.
   */
  reset: 3,
  /** VIRQ_DOM_EXC: a domain changed its state. Value 0. */
  domains: 4,
  /** A request to write the tree as text to Config.treeFile. Value 0. */
  tree: 5,
} as const;

/** Bits of a domain's state, as in XEN_DOMCTL_get_domain_state; 0: there is no such domain. */
export const DomainState = { exist: 1, shutdown: 2, dying: 4, dead: 8 } as const;

export interface DomainInfo {
  readonly domid: number;
  /** Bits of DomainState. */
  readonly state: number;
  /** Xen's number of this instance of the domid; "" where this Xen does not tell. */
  readonly uniqueId: string;
}

/** Why a link is shut down: values of the ring page's error field (xs_wire.h). */
export const LinkError = { comm: 1, ringIndex: 2, protocol: 3 } as const;

/** Indexes in Host.header. */
export const enum HeaderField {
  type,
  reqId,
  txId,
  /** The link that next() took. */
  link,
  /** For PATH_TYPES: how many bytes follow the path's NUL; -1: there is no NUL, so the whole payload is the path. */
  rest,
  /** For PATH_TYPES: a PathKind. */
  path,
  /** For PATH_TYPES: the row of an absolute path; -1: none, or the path is not absolute. */
  row,
  /**
   * For a request that can make a node, outside transactions, if `row` is -1: the row of the part of the
   * path before the last slash (`/` if that is the first byte); -1: none. It does not say that the whole
   * path is valid.
   */
  parent,
  /** With `parent`: where the part behind the last slash begins. */
  name,
  /** Set by the program: not 0 while there is work that only turn() does. The host sets it when a program starts. */
  deferredWork,
}

/** What a request's path looks like; its characters are not checked. */
export const enum PathKind {
  absolute,
  relative,
  specialOrEmpty,
}

/**
 * Bits of the types whose payload begins with a path, which is passed without the rest: DIRECTORY, READ,
 * GET_PERMS, WRITE, MKDIR, RM, SET_PERMS.
 */
export const PATH_TYPES = (1 << 1) | (1 << 2) | (1 << 3) | (1 << 11) | (1 << 12) | (1 << 13) | (1 << 14);

/** What the program below offers to the daemon. */
export interface Host {
  /** By HeaderField: the message passed last. Numbers from 2^31 on are negative. */
  readonly header: Int32Array;
  /** The events of a turn, in pairs (kind, value); the argument of turn() is the number of pairs. */
  readonly events: Int32Array;

  /**
   * Takes the next link from the ready queue. Returns the payload of a message (for PATH_TYPES the path
   * only), with its header in `header`, and puts the link at the end of the queue; undefined for a
   * flow-controlled link, which leaves the queue unread; null: no link is ready, or events must be taken
   * first.
   */
  next(): string | null | undefined;
  /**
   * Within a request: all that was done so far takes effect, as at a commit point. Where the program fails later, the request
   * is served again. Throws if there is no memory. Undefined: an older host, where it takes effect with the request.
   */
  publish?(): void;
  /** Makes a link flow-controlled or not. next() does not read a flow-controlled link; the program uses receive(). */
  setFlowControl(link: Link, on: boolean): void;
  /** Puts a link into the ready queue. */
  wake(link: Link): void;
  /** For a message of PATH_TYPES: the bytes behind the path's NUL. It can be called as a plain function. */
  readonly rest: () => string;
  /** As send(), as the reply to the message passed last, with its type. */
  reply(payload: string): boolean;
  /**
   * As next(), for one link: the payload of its next whole message; null: there is none, and the link
   * enters the ready queue with its next bytes.
   */
  receive(link: Link): string | null;
  /**
   * Sends one whole message; the payload has at most 4,096 bytes. False: nothing was sent, and `room`
   * reports when to try again. Peers are notified once a turn. Throws if there is no memory.
   */
  send(link: Link, type: number, reqId: number, txId: number, payload: string): boolean;

  /** As send(), for a watch event whose payload is `path` and `suffix`. False also if they are too long. */
  event(link: Link, path: string, suffix: string): boolean;

  /**
   * Maps the xenstore page of a domain (grant reference 1; the own page for the own domain) and binds its
   * event channel. Indexes are kept. Negative: it failed.
   */
  open(domid: number, port: number): Link;
  /** Binds another event channel to a ring. False: it failed, and the old one is kept. */
  rebind(link: Link, port: number): boolean;
  /** Writes the page's server_features field (a socket has none). */
  setFeatures(link: Link, mask: number): void;
  /** Zeroes the indexes, drops partial messages and the error, sets `connection` to 0 and notifies. */
  reset(link: Link): void;
  /** Sets `connection` to 0 and notifies; indexes and ring contents are kept. */
  announce(link: Link): void;
  /** Shuts the link down with a reason of LinkError. */
  shut(link: Link, reason: number): void;
  /** Unmaps and unbinds a ring, or closes a socket. The link number can be reused. */
  close(link: Link): void;
  /**
   * Says whether an unprivileged client uses little memory: a modest one is refused later than others. New
   * links are modest.
   */
  modest(link: Link, on: boolean): void;
  /** Bytes of a link's buffers for partial messages, both ways; 0 for the link that is served. */
  held(link: Link): number;
  /** Bytes of partial and unread messages in a link's buffers, both ways. */
  waiting(link: Link): number;
  /** A number that changes whenever the client has read output, as long as nothing is sent. */
  reads(link: Link): number;

  /** State of one domain. */
  domain(domid: number): DomainInfo;
  /** The domains that changed since the last call; null: this Xen cannot tell, and the caller asks for each. */
  changedDomains(): DomainInfo[] | null;

  /**
   * Only in test mode: sets the state of a domain, 0 to destroy it, `exist` for a new instance. False:
   * there is no such number.
   */
  simulate?(domid: number, state: number): boolean;

  /** Whether an allocation failed since the last message or reply, so that an exception means lack of memory. */
  memoryEnded(): boolean;
  /**
   * For work of the program's own, which begins each turn with all of the reserve of memory: from here on an allocation
   * must leave so many quarters of it, for what frees memory then. 0 ends that; calls nest.
   */
  keepReserve(quarters: number): void;
  /** Whether unprivileged clients are about to be refused for lack of memory. */
  memoryScarce(): boolean;
  /** Whether the memory for unprivileged clients is used up, so that privileged ones are refused next. */
  memoryCritical(): boolean;
  /** The most bytes of engine and journal together; 0: unlimited. */
  memoryLimit(): number;

  /** Live updates, and saved states. */
  readonly update: Update;
  /** Links from and to another xenstored. */
  readonly handover: Handover;
  /** The path index. */
  readonly paths: PathIndex;
  /** The journal, which outlives a failure of this program. */
  readonly journal: Journal;
  /**
   * For a program that starts on the journal: what became of the link of a domain's ring, or of a socket
   * (domid -1).
   */
  claim(link: Link, domid: number): Claim;

  /** Statistics that the host counts. */
  readonly insight: Insight;

  /** Milliseconds on a monotonic clock. The call costs time: ask only when it is needed. */
  now(): number;
  /** Seconds since 1970, UTC. */
  wallClock(): number;
  /** Log files. */
  readonly logs: LogFiles;
  /** Writes a line to the console or the log. Bundle positions in a stack become TypeScript positions. */
  log(line: string): void;
}

/** Where a program's first state comes from. */
export const enum Origin {
  /** The store is empty. */
  none = 0,
  /** A live update: from the program before, on the same links. */
  predecessor = 1,
  /** A file (`--restore`): there are no links. */
  file = 2,
  /** The program before failed: from the journal, on the same links. */
  journal = 3,
  /** A live update of C xenstored: from its state stream, on links that Handover.adopt() makes. */
  cXenstored = 4,
}

/** What `start` gets besides the host. */
export interface Config {
  /** Where to take the state from: Host.update.restore(), or Host.journal. */
  readonly origin: Origin;
  /** With Origin.journal: the message in Host.header made the program fail twice and must be refused. */
  readonly refused: boolean;
  /** With Origin.journal: what to drop, because memory ran out before. */
  readonly shed: Shed;
  /** The domain that runs the daemon; 0 in Dom0. */
  readonly ownDomid: number;
  /** The privileged domain, normally 0. */
  readonly privDomid: number;
  /** Dom0's event channel for its own ring (`--event`); -1: there is no ring to open. */
  readonly privPort: number;
  /** The event channel for the own domain's ring; -1: none. */
  readonly ownPort: number;
  /** Options of the command line that the host did not use, unparsed. */
  readonly args: readonly string[];
  /** Options of the configuration file, which come first; wrong ones are an error only with `testing`. */
  readonly fileArgs: readonly string[];
  /** Where each of those stands, as FILE:LINE; undefined: an older host does not tell. */
  readonly filePlaces?: readonly string[];
  /** The file for EventKind.tree; "": the event does not occur. */
  readonly treeFile: string;
  /** With Origin.predecessor: why another image could not start, so that this one goes on; "" or undefined: it is the next. */
  readonly failedUpdate?: string;
  /** The daemon runs before Dom0's tools, which need it. */
  readonly first: boolean;
  /** Only check the options (`--config-test`). */
  readonly testing: boolean;
  /** An unknown option is an error (a command line); otherwise a log line (a stub domain's --param). */
  readonly strict: boolean;
}

/** The daemon as the host sees it. An exception from any method but `save` is a failure of the program. */
export interface Program {
  /**
   * Handles `events` pairs of Host.events, then serves connections for a bounded time. Returns when to be
   * called again: 0 at once, n within n milliseconds, -1 only on an event.
   */
  turn(events: number): number;
  /**
   * Serves one message from next(), while there are neither events nor HeaderField.deferredWork: most
   * requests need no turn. Returns a reply that the host sends, as by reply(); null: everything is sent or
   * queued.
   */
  serve(payload: string): string | null;
  /** Queues the reply that serve() returned, for which the link had no room. */
  unsent(reply: string): void;
  /** Completes deliveries, before save(). An exception is a failure of the program. */
  deliver(): void;
  /** Passes the whole state to Host.update.save(). An exception leaves the program as it was. */
  save(): void;
  /** A live update failed; `why` says why. This program goes on. */
  refused(why: string): void;
}

/** The bundle's global `xenstored`. `start` returns a string, the reason, if the program cannot start. */
export interface Bundle {
  start(host: Host, config: Config): Program | string;
}
