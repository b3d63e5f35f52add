import { compareDecimals, type Decimal, grossFromNet, isMultipleOf, ratioOf } from "../decimal.js";
import type { Ladder } from "../ladder.js";
import { priceAt } from "../price.js";
import type { QuoteCheck, QuotedLine } from "../quotes.js";
import type { Found } from "../source.js";
import type { CartLine, JudgedPrice, LineReading, UnitCharge } from "./cart.js";
import type { ReasonCode } from "./reasons.js";

export interface PriceTerms {
  /** The one currency of the cart, ISO 4217; null where no price tells one. */
  readonly currency: string | null;
  /** Whether a last known price is charged. */
  mayCharge(lastKnown: Found<Ladder>): boolean;
}

type Honoured = Extract<QuoteCheck, { readonly status: "HONOURED" }>;

/** What one line is charged, and what its buyer must be told of it. */
export function judgePrice(reading: LineReading, terms: PriceTerms): JudgedPrice {
  const { line, price, lastKnown, pricedQuantity } = reading;
  const quote = quoteFor(reading, terms);
  const status = quote?.status ?? null;
  const told = quoteReasons(status);
  switch (price.kind) {
    case "unknown":
      return withoutPrice("UNKNOWN_SKU", [...told, "SKU_UNKNOWN"], status);
    case "found":
      if (price.answer.currency !== terms.currency) {
        return withoutPrice("UNVERIFIED", [...told, "CURRENCY_MISMATCH"], status);
      }
      return withReasons(told, judgeFound(line, price, pricedQuantity, quote));
    case "failed":
      if (quote?.status === "HONOURED") {
        return { ...quoted(quote, chargeOfQuote(quote)), freshness: null };
      }
      return withReasons(told, { ...judgeLastKnown(reading, lastKnown, terms), quoteStatus: status });
  }
}

/** The quote as it holds for this cart: one for another unit of measure promises nothing of this quantity. */
function quoteFor({ quote, price, lastKnown }: LineReading, { currency }: PriceTerms): QuoteCheck | null {
  if (quote?.status !== "HONOURED") return quote;
  const unit = price.kind === "found" ? price.answer.unit : lastKnown?.answer.unit;
  const isOtherUnit = unit !== undefined && unit !== quote.line.unit;
  return isOtherUnit || (currency !== null && quote.currency !== currency) ? { status: "OTHER_LINE" } : quote;
}

function quoteReasons(status: QuoteCheck["status"] | null): ReasonCode[] {
  return status === null || status === "HONOURED" ? [] : [`QUOTE_${status}`];
}

function withoutPrice(
  verdict: JudgedPrice["verdict"],
  reasons: readonly ReasonCode[],
  quoteStatus: JudgedPrice["quoteStatus"],
): JudgedPrice {
  return { verdict, reasons, charge: null, freshness: null, quoteStatus, promisedUntil: null };
}

function quoted({ expiresAt }: Honoured, charge: UnitCharge): Omit<JudgedPrice, "freshness"> {
  return { verdict: "QUOTED", reasons: [], charge, quoteStatus: "HONOURED", promisedUntil: expiresAt };
}

function withReasons(before: readonly ReasonCode[], judged: JudgedPrice): JudgedPrice {
  return { ...judged, reasons: [...before, ...judged.reasons] };
}

function judgeFound(
  line: CartLine,
  { answer: ladder, freshness }: Pick<Found<Ladder>, "answer" | "freshness">,
  pricedQuantity: Decimal,
  quote: QuoteCheck | null,
): JudgedPrice {
  const charge = chargeOfLadder(ladder, pricedQuantity);
  const live = { charge, freshness, quoteStatus: quote?.status ?? null, promisedUntil: null };
  const refusal = refuseQuantity(line.quantity, ladder);
  if (refusal !== null) return { ...live, verdict: "QUANTITY_NOT_ALLOWED", reasons: [refusal] };
  if (quote?.status !== "HONOURED") return { ...live, ...compareWithShown(line.shownNet, charge.net) };
  const promised = chargeOfQuote(quote);
  if (!isLower(promised, charge)) return { ...live, verdict: "QUOTED", reasons: [] };
  return { ...quoted(quote, withTaxOf(charge, promised)), freshness };
}

function refuseQuantity(quantity: Decimal, ladder: Ladder): ReasonCode | null {
  if (compareDecimals(quantity, ladder.minimumQuantity) < 0) return "QUANTITY_BELOW_MINIMUM";
  return isMultipleOf(quantity, ladder.quantityIncrement) ? null : "QUANTITY_OFF_INCREMENT";
}

function compareWithShown(shownNet: Decimal | null, net: Decimal): Pick<JudgedPrice, "verdict" | "reasons"> {
  const change = shownNet === null ? 0 : compareDecimals(net, shownNet);
  if (change === 0) return { verdict: "UNCHANGED", reasons: [] };
  return change > 0
    ? { verdict: "RAISED", reasons: ["PRICE_RAISED"] }
    : { verdict: "DROPPED", reasons: ["PRICE_DROPPED"] };
}

/** Within the bounds that the merchant set a last known price is charged, and says so; else it is only told. */
function judgeLastKnown(
  { line, pricedQuantity }: LineReading,
  lastKnown: Found<Ladder> | null,
  { currency, mayCharge }: PriceTerms,
): JudgedPrice {
  if (lastKnown === null || (currency !== null && lastKnown.answer.currency !== currency)) {
    return withoutPrice("UNVERIFIED", ["PRICE_UNVERIFIED"], null);
  }
  if (mayCharge(lastKnown)) {
    return withReasons(["PRICE_LAST_KNOWN"], judgeFound(line, lastKnown, pricedQuantity, null));
  }
  const charge = chargeOfLadder(lastKnown.answer, pricedQuantity);
  return { ...withoutPrice("UNVERIFIED", ["PRICE_UNVERIFIED"], null), charge, freshness: lastKnown.freshness };
}

function chargeOfLadder(ladder: Ladder, quantity: Decimal): UnitCharge {
  const { currency, taxBasis, taxRate, taxes, priceUnit, unit } = ladder;
  const charge = { ...priceAt(ladder, quantity), currency, taxBasis, taxRate, priceUnit, unit };
  return taxes === undefined ? charge : { ...charge, taxes };
}

function chargeOfQuote({ line, currency }: Honoured): UnitCharge {
  const { net, taxBasis, taxRate, priceUnit, unit } = line;
  return { net, gross: grossOf(line), currency, taxBasis, taxRate, priceUnit, unit };
}

function grossOf({ net, taxRate }: QuotedLine): Decimal | null {
  return taxRate === null ? null : grossFromNet(net, taxRate);
}

/** Prices for different numbers of units compare by what one of them costs: a ÷ x < b ÷ y as a × y < b × x. */
function isLower(a: UnitCharge, b: UnitCharge): boolean {
  return compareDecimals(ratioOf([a.net, b.priceUnit]).over, ratioOf([b.net, a.priceUnit]).over) < 0;
}

/** What was promised is the price before tax; the tax is what it is by now. */
function withTaxOf(live: UnitCharge, { net, priceUnit }: UnitCharge): UnitCharge {
  return { ...live, net, priceUnit, gross: live.taxRate === null ? null : grossFromNet(net, live.taxRate) };
}
