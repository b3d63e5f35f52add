import { compareDecimals, type Decimal, isPositive, sumDecimals } from "./decimal.js";

/** What can still be promised of one SKU, over all warehouses that the ERP told. */
export interface Stock {
  readonly sku: string;
  readonly warehouses: readonly WarehouseStock[];
  /** Orders are taken beyond what is available. */
  readonly backorder: boolean;
  /** A calendar day, such as "2026-12-01". */
  readonly restockDate: string | null;
  readonly leadTimeDays: number | null;
}

export interface WarehouseStock {
  readonly code: string;
  readonly available: Decimal;
}

export type StockStatus = "IN_STOCK" | "LOW_STOCK" | "BACKORDER" | "OUT_OF_STOCK";

/** @param lowAt at this quantity and below, what is left is called low */
export function stockStatus(available: Decimal, backorder: boolean, lowAt: Decimal): StockStatus {
  if (!isPositive(available)) return backorder ? "BACKORDER" : "OUT_OF_STOCK";
  return compareDecimals(available, lowAt) > 0 ? "IN_STOCK" : "LOW_STOCK";
}

/** The warehouses named, in the order named and once each; all of them where none is. */
export function selectWarehouses(stock: Stock, codes: readonly string[] | null): readonly WarehouseStock[] {
  if (codes === null) return stock.warehouses;
  const byCode = new Map(stock.warehouses.map((warehouse) => [warehouse.code, warehouse]));
  return [...new Set(codes)].flatMap((code) => byCode.get(code) ?? []);
}

export function totalAvailable(warehouses: readonly WarehouseStock[]): Decimal {
  return sumDecimals(warehouses.map(({ available }) => available));
}
