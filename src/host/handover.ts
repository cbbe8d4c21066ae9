import type { Link } from "./link.ts";

/** Numbers of descriptors; -1: none. */
interface Descriptors {
  /** The listening socket. */
  readonly listener: number;
  /** The event channel device. */
  readonly device: number;
}

/** A link as another xenstored in this process goes on with it. */
interface LinkState {
  /** The bound local port of a ring, or the descriptor of a socket. */
  readonly handle: number;
  /** Bytes that were read and not served. */
  readonly input: string;
  /** Bytes that were not sent. */
  readonly output: string;
  /** So many bytes of `output` belong to a message whose first bytes were sent. */
  readonly begun: number;
}

/** Links from and to C xenstored, which is live updated by exec in one process; on Linux only. */
export interface Handover {
  /**
   * Goes on with a link: a domain's ring, or a socket (domid -1); `output`: the rest of a message that was begun.
   * Negative: it is gone.
   */
  adopt(domid: number, handle: number, input: string, output: string): Link;
  /** What a link consists of; null: it is broken. */
  show(link: Link): LinkState | null;
  descriptors(): Descriptors;
}
