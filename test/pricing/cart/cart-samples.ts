import type { CartLine, CartReading, LineReading } from "../../../src/pricing/cart/cart.js";
import type { QuoteCheck, QuotedLine } from "../../../src/pricing/quotes.js";
import { foundAt, ladderOf, stockOf } from "../../support/samples.js";

/** When the question came. */
export const now = Date.UTC(2026, 10, 24, 9, 30);

export function lineOf(parts: Partial<CartLine> = {}): CartLine {
  return { key: "1", sku: "A", quantity: "1", shownNet: null, quote: null, warehouse: null, ...parts };
}

/** Of a line that nothing is wrong with, but for what is given. */
export function readingOf(parts: Partial<Omit<LineReading, "line">> & { line?: Partial<CartLine> } = {}): LineReading {
  const line = lineOf(parts.line);
  return {
    pricedQuantity: line.quantity,
    price: foundAt(ladderOf({ sku: line.sku }), now),
    stock: foundAt(stockOf({ sku: line.sku, warehouses: [{ code: "W", available: "1000" }] }), now),
    lastKnown: null,
    quote: null,
    ...parts,
    line,
  };
}

export function cartOf(lines: readonly LineReading[], parts: Partial<CartReading> = {}): CartReading {
  return { currency: null, customer: null, lines, readAt: now, ...parts };
}

export function honoured(parts: Partial<QuotedLine> = {}, currency = "EUR"): QuoteCheck {
  const line: QuotedLine = {
    sku: "A",
    quantity: "1",
    net: "10",
    priceUnit: "1",
    unit: null,
    taxBasis: "NET",
    taxRate: "20",
    ...parts,
  };
  return { status: "HONOURED", currency, line, expiresAt: now + 60_000 };
}
