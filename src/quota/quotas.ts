import { PATH_MAX } from "../limits.ts";

/** Places in the table below. */
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
  /** As GET_QUOTA and `--quota` name it. */
  readonly name: string;
  readonly standard: number;
  readonly help: string;
  /** The largest value it can be set to, where there is one. */
  readonly cap?: number;
}

/** C xenstored's names and values; a quota of n allows n, and 0 any number. Only unprivileged domains are bound. */
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

/** The place of a quota in the table; -1: there is none of that name. */
export function quotaByName(name: string): number {
  return quotaTable.findIndex((row) => row.name === name);
}

/** Values in force: a global one counts at once for every domain without a value of its own. */
export class Quotas {
  private readonly values: number[] = quotaTable.map((row) => row.standard);
  private readonly own = new Map<number, number[]>();

  /** The limit of a domain; Infinity: none. */
  limit(domid: number, quota: Quota): number {
    const value = this.get(domid, quota);
    return value === 0 ? Number.POSITIVE_INFINITY : value;
  }

  /** The value of a domain, or the global one for domid -1; 0 is unlimited. */
  get(domid: number, quota: number): number {
    if (this.own.size > 0) {
      const value = this.own.get(domid)?.[quota];
      if (value !== undefined && value >= 0) return value;
    }
    return this.values[quota] as number;
  }

  /** Sets the value of a domain, or the global one for domid -1. */
  set(domid: number, quota: number, value: number): void {
    const cap = quotaTable[quota]?.cap;
    const set = cap !== undefined && (value > cap || value === 0) ? cap : value;
    if (domid < 0) {
      this.values[quota] = set;
      return;
    }
    let own = this.own.get(domid);
    if (own === undefined) {
      own = quotaTable.map(() => -1);
      this.own.set(domid, own);
    }
    own[quota] = set;
  }

  /** The domain is gone: a later one of the same number starts with the global values. Returns whether it had others. */
  forget(domid: number): boolean {
    return this.own.delete(domid);
  }

  /** The domains with values of their own, -1 where a value is not. */
  all(): Iterable<[number, readonly number[]]> {
    return this.own;
  }
}
