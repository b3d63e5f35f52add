import fc from "fast-check";
import { expect, test } from "vitest";
import { ErpUnavailable } from "../../../src/errors.js";
import { usualCharges } from "../../../src/pricing/cart/cart.js";
import { judgeCart } from "../../../src/pricing/cart/judge-cart.js";
import { failed } from "../../../src/pricing/source.js";
import { customerOf, foundAt, ladderOf, stockOf, unknownAt } from "../../support/samples.js";
import { cartOf, honoured, now, readingOf } from "./cart-samples.js";

/** A line in whole cents and whole units, so that the oracle can do with integers. */
interface Drawn {
  readonly sku: "A" | "B";
  readonly quantity: number;
  readonly shown: number | null;
  readonly quoted: number | null;
}
/** What the ERP says of one SKU by the time of the order. */
interface Word {
  readonly price: "unknown" | "down" | number;
  readonly least: number;
  readonly step: number;
  readonly stock: "unknown" | "down" | number;
  readonly backorder: boolean;
}

const cents = fc.integer({ min: 1, max: 5 });
const drawn: fc.Arbitrary<Drawn> = fc.record({
  sku: fc.constantFrom("A" as const, "B" as const),
  quantity: fc.integer({ min: 1, max: 6 }),
  shown: fc.option(cents),
  quoted: fc.option(cents),
});
const word: fc.Arbitrary<Word> = fc.record({
  price: fc.oneof(
    { weight: 8, arbitrary: cents },
    { weight: 1, arbitrary: fc.constantFrom("unknown" as const, "down" as const) },
  ),
  least: fc.integer({ min: 1, max: 2 }),
  step: fc.integer({ min: 1, max: 2 }),
  stock: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }) },
    { weight: 1, arbitrary: fc.constantFrom("unknown" as const, "down" as const) },
  ),
  backorder: fc.boolean(),
});
const down = failed(new ErpUnavailable("gone"));
const toDecimal = (amount: number) => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, "0")}`;

/** The contract, read out naively. */
function oracle(lines: readonly Drawn[], words: Record<string, Word>, credit: number | null, isBlocked: boolean) {
  const left: Record<string, number> = {};
  const prices: string[] = [];
  const stocks: string[] = [];
  let total: number | null = 0;
  for (const { sku, quantity, shown, quoted } of lines) {
    const { price, least, step, stock, backorder } = words[sku]!;
    let charged: number | null = null;
    if (price === "unknown") prices.push("UNKNOWN_SKU");
    else if (price === "down") {
      prices.push(quoted === null ? "UNVERIFIED" : "QUOTED");
      charged = quoted;
    } else {
      charged = price;
      if (quantity < least || quantity % step !== 0) prices.push("QUANTITY_NOT_ALLOWED");
      else if (quoted !== null) {
        prices.push("QUOTED");
        charged = Math.min(price, quoted);
      } else if (shown === null || shown === price) prices.push("UNCHANGED");
      else prices.push(price > shown ? "RAISED" : "DROPPED");
    }
    total = total === null || charged === null ? null : total + charged * quantity;
    if (typeof stock === "string") stocks.push(stock === "unknown" ? "UNKNOWN_SKU" : "UNVERIFIED");
    else {
      const there: number = left[sku] ?? stock;
      left[sku] = Math.max(0, there - quantity);
      if (there >= quantity) stocks.push("AVAILABLE");
      else if (backorder) stocks.push("BACKORDER");
      else stocks.push(there > 0 ? "PARTIAL" : "OUT_OF_STOCK");
    }
  }
  const said = new Set([...prices, ...stocks]);
  const has = (...verdicts: string[]) => verdicts.some((verdict) => said.has(verdict));
  let verdict = "ACCEPT";
  if (has("RAISED", "PARTIAL")) verdict = "NEEDS_CONSENT";
  if (has("UNVERIFIED")) verdict = "UNVERIFIED";
  const isOver = total !== null && credit !== null && total > credit;
  if (has("UNKNOWN_SKU", "QUANTITY_NOT_ALLOWED", "OUT_OF_STOCK") || isBlocked || isOver) verdict = "REJECT";
  return { verdict, prices, stocks, total: total === null ? null : toDecimal(total) };
}

test("for random carts and price moves the verdicts and the total are what a naive oracle says", () => {
  fc.assert(
    fc.property(
      fc.array(drawn, { minLength: 1, maxLength: 5 }),
      fc.record({ A: word, B: word }),
      fc.option(fc.integer({ min: 0, max: 40 })),
      fc.boolean(),
      (lines, words, credit, isBlocked) => {
        const readings = lines.map(({ sku, quantity, shown, quoted }, n) => {
          const { price, least, step, stock, backorder } = words[sku];
          const ladder = { sku, taxRate: "0", minimumQuantity: `${least}`, quantityIncrement: `${step}` };
          const counted = { sku, backorder, warehouses: [{ code: "W", available: String(stock) }] };
          const failure = (what: "unknown" | "down") => (what === "unknown" ? unknownAt(now) : down);
          return readingOf({
            line: { key: `${n}`, sku, quantity: `${quantity}`, shownNet: shown === null ? null : toDecimal(shown) },
            price:
              typeof price === "string"
                ? failure(price)
                : foundAt(ladderOf({ ...ladder, unitPrice: toDecimal(price) }), now),
            stock: typeof stock === "string" ? failure(stock) : foundAt(stockOf(counted), now),
            quote: quoted === null ? null : honoured({ sku, net: toDecimal(quoted), taxRate: "0" }),
          });
        });
        const creditAvailable = credit === null ? null : toDecimal(credit);
        const customer = foundAt(customerOf({ currency: "EUR", creditAvailable, blocked: isBlocked }), now);
        const reading = cartOf(readings, { customer, currency: "EUR" });
        const judged = judgeCart(reading, { charges: usualCharges, lastKnown: null });
        expect({
          verdict: judged.verdict,
          prices: judged.lines.map(({ price }) => price.verdict),
          stocks: judged.lines.map(({ stock }) => stock.verdict),
          total: judged.grossTotal,
        }).toEqual(oracle(lines, words, credit, isBlocked));
      },
    ),
    { numRuns: 2_000 },
  );
});
