import { hash } from "node:crypto";
import type { Ladder } from "../pricing/ladder.js";
import type { Outcome } from "../pricing/source.js";
import type { Stock } from "../pricing/stock.js";

/** 48 bits in hexadecimal digits, which a number holds exactly: small in memory, and of 100,000 changes none is overlooked by chance. */
const digestDigits = 12;

/** What an item of the feed shows of a price; null where nothing was learnt. The price list is shown to nobody there. */
export function digestOfPrice(outcome: Outcome<Ladder>): number | null {
  if (outcome.kind !== "found") return outcome.kind === "unknown" ? digestOf(null) : null;
  const { currency, taxBasis, taxRate, unit, priceUnit, minimumQuantity, quantityIncrement } = outcome.answer;
  const { unitPrice, tiers, validUntil } = outcome.answer;
  const terms = [currency, taxBasis, taxRate, unit, priceUnit, minimumQuantity, quantityIncrement, validUntil];
  return digestOf([...terms, unitPrice, tiers.map((tier) => [tier.from, tier.unitPrice])]);
}

/** Likewise of a stock. */
export function digestOfStock(outcome: Outcome<Stock>): number | null {
  if (outcome.kind !== "found") return outcome.kind === "unknown" ? digestOf(null) : null;
  const { warehouses, backorder, restockDate, leadTimeDays } = outcome.answer;
  const counts = warehouses.map(({ code, available }) => [code, available]);
  return digestOf([backorder, restockDate, leadTimeDays, counts]);
}

function digestOf(said: unknown): number {
  return Number.parseInt(hash("sha1", JSON.stringify(said), "hex").slice(0, digestDigits), 16);
}
