import { compareDecimals, type Decimal, isPositive, leastDecimal, subtractDecimals, sumDecimals } from "../decimal.js";
import { type Stock, totalAvailable } from "../stock.js";
import type { CartLine, JudgedStock, LineReading } from "./cart.js";

/** What is left of one SKU while the lines of a cart take theirs, in the order of the lines. */
interface Remaining {
  /** What is promised over all, with what some warehouses owe taken off. */
  total: Decimal;
  /** What lies in the warehouses that have something. */
  inHand: Decimal;
  readonly byWarehouse: Map<string, Decimal>;
}

/**
 * Lines of one SKU share its stock. A line that names a warehouse takes from that one; a line that names none takes from
 * what is left over all, wherever that lies: of what the lines before were granted, nobody knows from which warehouse. What one
 * warehouse owes is no debt of a line that names another.
 */
export function judgeStock(readings: readonly Pick<LineReading, "line" | "stock">[]): JudgedStock[] {
  const remaining = new Map<string, Remaining>();
  return readings.map(({ line, stock }) => {
    if (stock.kind === "failed") return plain("UNVERIFIED", "STOCK_UNVERIFIED");
    if (stock.kind === "unknown") return plain("UNKNOWN_SKU", "SKU_UNKNOWN");
    const left = remaining.get(line.sku) ?? remainingOf(stock.answer);
    remaining.set(line.sku, left);
    return takeFrom(left, line, stock.answer);
  });
}

function plain(verdict: JudgedStock["verdict"], reason: JudgedStock["reasons"][number]): JudgedStock {
  return { verdict, reasons: [reason], available: null, restockDate: null };
}

function remainingOf({ warehouses }: Stock): Remaining {
  return {
    total: totalAvailable(warehouses),
    inHand: totalAvailable(warehouses.filter(({ available }) => isPositive(available))),
    byWarehouse: new Map(warehouses.map(({ code, available }) => [code, available])),
  };
}

function takeFrom(left: Remaining, { quantity, warehouse }: CartLine, stock: Stock): JudgedStock {
  if (warehouse !== null && !left.byWarehouse.has(warehouse)) {
    return { verdict: "OUT_OF_STOCK", reasons: ["WAREHOUSE_UNKNOWN"], available: "0", restockDate: null };
  }
  const available = availableTo(left, warehouse);
  const taken = leastDecimal(quantity, available);
  left.total = subtractDecimals(left.total, taken);
  left.inHand = subtractDecimals(left.inHand, taken);
  if (warehouse !== null) {
    left.byWarehouse.set(warehouse, subtractDecimals(left.byWarehouse.get(warehouse) ?? "0", taken));
  }
  const { restockDate } = stock;
  if (compareDecimals(available, quantity) >= 0) {
    return { verdict: "AVAILABLE", reasons: [], available, restockDate: null };
  }
  if (stock.backorder) return { verdict: "BACKORDER", reasons: ["STOCK_BACKORDER"], available, restockDate };
  if (isPositive(available)) return { verdict: "PARTIAL", reasons: ["STOCK_PARTIAL"], available, restockDate };
  return { verdict: "OUT_OF_STOCK", reasons: ["STOCK_OUT"], available, restockDate };
}

/** Never below 0: what an ERP owes elsewhere is no stock to hand out, and no debt of this line. */
function availableTo({ total, inHand, byWarehouse }: Remaining, warehouse: string | null): Decimal {
  const available = warehouse === null ? total : leastDecimal(byWarehouse.get(warehouse) ?? "0", inHand);
  return isPositive(available) ? available : "0";
}

/** How much of each SKU a cart holds, over all its lines. */
export function quantitiesBySku(lines: readonly CartLine[]): Map<string, Decimal> {
  const quantities = new Map<string, Decimal>();
  for (const { sku, quantity } of lines) quantities.set(sku, sumDecimals([quantities.get(sku) ?? "0", quantity]));
  return quantities;
}
