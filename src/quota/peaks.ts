import { type Quota, quotaTable } from "./quotas.ts";

const NOTHING = quotaTable.map(() => 0);

/** The highest values seen, by quota; those of a domain are seen for all domains as well. */
export class Peaks {
  private readonly values: number[] = NOTHING.slice();

  constructor(private readonly all: Peaks | null) {}

  see(quota: Quota, value: number): void {
    if (value > (this.values[quota] as number)) this.values[quota] = value;
    if (this.all !== null && value > (this.all.values[quota] as number)) this.all.values[quota] = value;
  }

  get(quota: Quota): number {
    return this.values[quota] as number;
  }

  /** All of them, by quota. */
  list(): readonly number[] {
    return this.values;
  }

  restore(values: readonly number[]): void {
    for (const [quota, value] of values.entries()) if (quota < this.values.length) this.see(quota, value);
  }

  reset(): void {
    this.values.fill(0);
  }
}
