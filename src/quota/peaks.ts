import { type Quota, quotaTable } from "./quotas.ts";

/** The highest values seen, by quota; those of a domain are seen for all domains as well. */
export class Peaks {
  private readonly values: number[] = quotaTable.map(() => 0);

  constructor(private readonly all: Peaks | null) {}

  see(quota: Quota, value: number): void {
    if (value > (this.values[quota] as number)) this.values[quota] = value;
    if (this.all !== null && value > (this.all.values[quota] as number)) this.all.values[quota] = value;
  }

  get(quota: Quota): number {
    return this.values[quota] as number;
  }

  reset(): void {
    this.values.fill(0);
  }
}
