import { quotaTable } from "./quotas.ts";

/** Beside the quotas: the store's own memory had ended. */
export const OUT_OF_MEMORY = quotaTable.length;

/** What can be refused: the quotas in their order, and OUT_OF_MEMORY. */
const refusalNames: readonly string[] = [...quotaTable.map(({ name }) => name), "out-of-memory"];

/** How often something was refused, by quota; what a domain was refused counts for all domains as well. */
export class Refusals {
  // All are there from the start: one can be due where memory has ended.
  private readonly counts: number[] = refusalNames.map(() => 0);
  private sum = 0;

  constructor(private readonly all: Refusals | null) {}

  /** Needs no memory. */
  count(quota: number): void {
    this.counts[quota] = (this.counts[quota] as number) + 1;
    this.sum++;
    this.all?.count(quota);
  }

  /** Of all quotas together. */
  get total(): number {
    return this.sum;
  }

  /** All of them, by quota. */
  list(): readonly number[] {
    return this.counts;
  }

  /** Those that are not 0, by name. */
  named(): [name: string, count: number][] {
    const found: [string, number][] = [];
    for (const [quota, count] of this.counts.entries())
      if (count > 0) found.push([refusalNames[quota] as string, count]);
    return found;
  }

  /** What was counted before. All domains together have their own. */
  restore(counts: readonly number[]): void {
    for (const [quota, count] of counts.entries()) {
      if (quota >= this.counts.length) return;
      this.counts[quota] = count;
      this.sum += count;
    }
  }
}
