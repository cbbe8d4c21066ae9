import type { Log } from "../observe/log.ts";
import { Quota, type Quotas, quotaTable } from "../quota/quotas.ts";
import type { Transaction } from "../store/transaction.ts";
import { Errno } from "../wire/errno.ts";
import type { Connection } from "./connection.ts";

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
