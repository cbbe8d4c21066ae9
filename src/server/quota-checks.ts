import type { Log } from "../observe/log.ts";
import { Quota, type Quotas, quotaTable } from "../quota/quotas.ts";
import type { Transaction } from "../store/transaction.ts";
import type { Tree } from "../store/tree.ts";
import { Errno } from "../wire/errno.ts";
import type { Connection } from "./connection.ts";

/** What node-size counts besides a node's value and children's names: bytes of the node, and of each permission. */
const NODE_BYTES = 16;
const ENTRY_BYTES = 8;

/** The size of a node in bytes, as `node-size` counts it. `bytes`: those of its value and of its children's names. */
export function nodeSize(tree: Tree, perms: number, bytes: number): number {
  return NODE_BYTES + ENTRY_BYTES * tree.perms.get(perms).entries.length + bytes;
}

/** What every operation does that meets a quota. */
export class QuotaChecks {
  constructor(
    private readonly quotas: Quotas,
    private readonly log: Log,
  ) {}

  /**
   * Refuses a request that would exceed a quota with `value`: counts and logs it, and makes the
   * transaction, if any, fail. Returns the error, ENOMEM for `memory` or else ENOSPC.
   */
  exceeded(c: Connection, t: Transaction | null, quota: Quota, value: number): Errno {
    const error = quota === Quota.memory ? Errno.ENOMEM : Errno.ENOSPC;
    if (t !== null) {
      t.failed = error;
      t.lose();
    }
    c.refusals.count(quota);
    this.log.limited(
      `quota ${quota} ${c.domid}`,
      `domain ${c.domid} exceeds its quota of ${quotaTable[quota]?.name}: ${value} of ${this.quotas.get(c.domid, quota)}`,
    );
    return error;
  }

  /** A connection made a node of a new largest size, in bytes as `node-size` counts them. */
  sizeSeen(c: Connection, size: number): void {
    c.nodeSizeSeen = size;
    c.peaks.see(Quota.nodeSize, size);
  }
}
