export interface SweepOrder {
  /** As many as there are. */
  readonly skus: number;
  readonly pageSize: number;
}

export interface SweepReport {
  readonly seconds: number;
  readonly items: number;
  /** Items with a price and a stock. */
  readonly whole: number;
  /** When a quarter, a half, three quarters and all of the items were told, in s since the start. */
  readonly quarters: readonly number[];
  readonly cpuSeconds: number;
}
