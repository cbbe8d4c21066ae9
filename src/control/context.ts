import type { Host } from "../host.ts";
import type { Log } from "../observe/log.ts";
import type { Quota, Quotas } from "../quota/quotas.ts";
import type { Tree } from "../store/tree.ts";
import type { Errno } from "../wire/errno.ts";

/** What a domain uses, or used at most, of a quota. */
export interface Usage {
  readonly quota: Quota;
  readonly now: number;
  readonly most: number;
}

/** What control commands may look at and change. */
export interface Context {
  readonly host: Host;
  readonly tree: Tree;
  readonly quotas: Quotas;
  readonly log: Log;
  /** Null: there is no such domain. */
  usage(domid: number): Usage[] | null;
  /** The highest value seen in any domain. */
  peak(quota: Quota): number;
  /** Begins anew to look for the highest values, with those of now. */
  resetPeaks(): void;
  /** Quotas were changed: what was derived from them must be derived again. */
  quotasChanged(): void;
  /** `domid path token depth` of each watch of a domain, or of all for -1. */
  watches(domid: number): string[];
}

/** A command answers with text, an error, or null where its parameters are wrong. */
export interface Command {
  readonly name: string;
  readonly parameters: string;
  readonly run: (context: Context, args: readonly string[]) => string | Errno | null;
}
