import { PATH_MAX } from "../limits.ts";

/** Indexes in quotaTable. */
export const enum Quota {
  nodes,
  watches,
  outstanding,
  memory,
  softMemory,
  transactions,
  transactionNodes,
  nodePermissions,
  pathMax,
  nodeSize,
}

interface Row {
  /** Name in GET_QUOTA and `--quota`. */
  readonly name: string;
  /** Value at the start. */
  readonly standard: number;
  readonly help: string;
  /** The largest value that it can be set to; undefined: any. */
  readonly cap?: number;
}

/**
 * The quotas with the names and values of C xenstored. A quota of n allows n; 0 is unlimited. Privileged
 * domains have none.
 */
export const quotaTable: readonly Row[] = [
  { name: "nodes", standard: 1000, help: "Nodes per domain" },
  { name: "watches", standard: 128, help: "Watches per domain" },
  { name: "outstanding", standard: 20, help: "Outstanding requests per domain" },
  { name: "memory", standard: 2_621_440, help: "Total Xenstore memory per domain" },
  { name: "soft-memory", standard: 2_097_152, help: "Total Xenstore memory per domain" },
  { name: "transactions", standard: 10, help: "Active transactions per domain" },
  { name: "transaction-nodes", standard: 1024, help: "Max. number of accessed nodes per transaction" },
  { name: "node-permissions", standard: 5, help: "Max. number of permissions per node" },
  { name: "path-max", standard: PATH_MAX, help: "Max. length of a node path", cap: PATH_MAX },
  { name: "node-size", standard: 2048, help: "Max. size of a node" },
];

/** The index of a quota; -1: there is none of that name. */
export function quotaByName(name: string): number {
  return quotaTable.findIndex((row) => row.name === name);
}

/** The values in force. A change of a global value applies at once to each domain without a value of its own. */
export class Quotas {
  private readonly values: number[] = quotaTable.map((row) => row.standard);
  private readonly owned = new Map<number, number[]>();

  /** The limit of a domain; Infinity: unlimited. */
  limit(domid: number, quota: Quota): number {
    const value = this.get(domid, quota);
    return value === 0 ? Number.POSITIVE_INFINITY : value;
  }

  /** The value of a domain, or the global value for domid -1; 0: unlimited. */
  get(domid: number, quota: number): number {
    if (this.owned.size > 0) {
      const value = this.owned.get(domid)?.[quota];
      if (value !== undefined && value >= 0) return value;
    }
    return this.values[quota] as number;
  }

  /** The value that `set` set for a domain, or for all with domid -1; -1: the global value applies to the domain. */
  own(domid: number, quota: number): number {
    return domid < 0 ? (this.values[quota] as number) : (this.owned.get(domid)?.[quota] ?? -1);
  }

  /** Sets the value of a domain, or the global value for domid -1. A value above the cap becomes the cap, as does 0. */
  set(domid: number, quota: number, value: number): void {
    const cap = quotaTable[quota]?.cap;
    const set = cap !== undefined && (value > cap || value === 0) ? cap : value;
    if (domid < 0) {
      this.values[quota] = set;
      return;
    }
    let own = this.owned.get(domid);
    if (own === undefined) {
      own = quotaTable.map(() => -1);
      this.owned.set(domid, own);
    }
    own[quota] = set;
  }

  /** Drops the values of a dead domain. Returns whether it had any. */
  forget(domid: number): boolean {
    return this.owned.delete(domid);
  }

  /** The domains with values of their own; -1 where the global value applies. */
  all(): Iterable<[number, readonly number[]]> {
    return this.owned;
  }
}
