import type { FeedRecord, RecordPrice, RecordStock } from "../../../src/feed/formats/feed-record.js";

const freshness = {
  source: "ERP",
  computedAt: "2026-11-24T09:30:00.000Z",
  ageSeconds: 0.5,
  freshUntil: "2026-11-24T09:31:00.000Z",
  staleReason: null,
} as const;

export function priceOf(parts: Partial<RecordPrice> = {}): RecordPrice {
  return {
    audience: "PUBLIC",
    quantity: "1",
    unit: "Unit",
    priceUnit: "1",
    net: { amount: "10.00", currency: "EUR" },
    gross: { amount: "12", currency: "EUR" },
    taxRate: "20",
    taxBasis: "NET",
    tiers: [],
    minimumQuantity: "1",
    quantityIncrement: "1",
    priceList: null,
    validUntil: null,
    lowestNet30Days: null,
    priorLowestNet30Days: null,
    freshness,
    ...parts,
  };
}

export function stockOf(parts: Partial<RecordStock> = {}): RecordStock {
  return {
    status: "IN_STOCK",
    available: "26.5",
    warehouses: [{ code: "LYON", status: "IN_STOCK", available: "26.5" }],
    restockDate: null,
    leadTimeDays: null,
    freshness,
    ...parts,
  };
}

export function recordOf(parts: Partial<FeedRecord> = {}): FeedRecord {
  return { sku: "A", price: priceOf(), stock: stockOf(), removed: false, ...parts };
}
