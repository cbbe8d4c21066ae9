import type { Log } from "../observe/log.ts";
import { Quota, type Quotas, quotaTable } from "../quota/quotas.ts";
import type { Transaction } from "../store/transaction.ts";
import { Errno } from "../wire/errno.ts";
import type { Connection } from "./connection.ts";

/** What follows once a value was compared with a quota. */
export class QuotaChecks {
  constructor(
    private readonly quotas: Quotas,
    private readonly log: Log,
  ) {}

  /** A quota stands in the way: the transaction, if any, cannot succeed any more. Returns the error of the reply. */
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

  /** A node of this size, in bytes as `node-size` counts them, is within the quota, and the largest of its maker. */
  sizeSeen(c: Connection, size: number): void {
    c.nodeSizeSeen = size;
    c.peaks.see(Quota.nodeSize, size);
  }
}
