import { quotaTable } from "./quotas.ts";

/** Index behind the quotas: refused because the daemon had no memory. */
export const OUT_OF_MEMORY = quotaTable.length;

/** Names of what a request can be refused for: the quotas, and OUT_OF_MEMORY. */
const refusalNames: readonly string[] = [...quotaTable.map(({ name }) => name), "out-of-memory"];

/** How often requests were refused, by quota. The refusals of a domain also count for `all`. */
export class Refusals {
  // Allocated at the start, because `count` must work without memory.
  private readonly counts: number[] = refusalNames.map(() => 0);
  private sum = 0;

  constructor(private readonly all: Refusals | null) {}

  /** Counts a refusal for a quota or OUT_OF_MEMORY. It allocates nothing. */
  count(quota: number): void {
    this.counts[quota] = (this.counts[quota] as number) + 1;
    this.sum++;
    this.all?.count(quota);
  }

  /** The number of all refusals. */
  get total(): number {
    return this.sum;
  }

  /** All counts, by quota. */
  list(): readonly number[] {
    return this.counts;
  }

  /** The counts that are not 0, by name. */
  named(): [name: string, count: number][] {
    const found: [string, number][] = [];
    for (const [quota, count] of this.counts.entries())
      if (count > 0) found.push([refusalNames[quota] as string, count]);
    return found;
  }

  /** Takes over the counts of list() of another program. `all` is restored separately. */
  restore(counts: readonly number[]): void {
    for (const [quota, count] of counts.entries()) {
      if (quota >= this.counts.length) return;
      this.counts[quota] = count;
      this.sum += count;
    }
  }
}
