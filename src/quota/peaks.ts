import { type Quota, quotaTable } from "./quotas.ts";

const NOTHING = quotaTable.map(() => 0);

/** The highest values seen, by quota. The values of a domain also count for `all`, which covers all domains. */
export class Peaks {
  private readonly values: number[] = NOTHING.slice();

  constructor(private readonly all: Peaks | null) {}

  /** Notes a value. */
  see(quota: Quota, value: number): void {
    if (value > (this.values[quota] as number)) this.values[quota] = value;
    if (this.all !== null && value > (this.all.values[quota] as number)) this.all.values[quota] = value;
  }

  /** The highest value of a quota. */
  get(quota: Quota): number {
    return this.values[quota] as number;
  }

  /** All values, by quota. */
  list(): readonly number[] {
    return this.values;
  }

  /** Takes over the values of list() of another program; quotas unknown here are ignored. */
  restore(values: readonly number[]): void {
    for (const [quota, value] of values.entries()) if (quota < this.values.length) this.see(quota, value);
  }

  /** Sets all values to 0. Those of `all` stay. */
  reset(): void {
    this.values.fill(0);
  }
}
