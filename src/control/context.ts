import type { Host } from "../host.ts";
import type { Log } from "../observe/log.ts";
import type { Quotas } from "../quota/quotas.ts";
import type { Tree } from "../store/tree.ts";

/** What a domain uses. */
export interface Usage {
  readonly nodes: number;
  readonly watches: number;
  readonly transactions: number;
  readonly queued: number;
  readonly dropped: number;
}

/** What control commands may look at and change. */
export interface Context {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly log: Log;
  /** Null: the daemon does not know such a domain. */
  usage(domid: number): Usage | null;
  /** Quotas were changed: what was derived from them must be derived again. */
  quotasChanged(): void;
  /** `domid path token depth` of each watch of a domain, or of all for -1. */
  watches(domid: number): string[];
}

/** A command answers with text, or null where its parameters are wrong. */
export interface Command {
  readonly name: string;
  readonly parameters: string;
  readonly run: (context: Context, args: readonly string[]) => string | null;
}
