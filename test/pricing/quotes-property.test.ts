import fc from "fast-check";
import { expect, test } from "vitest";
import { verifiedCustomer } from "../../src/pricing/keys.js";
import { generateQuoteJwk, parseQuoteKey, toQuoteKeys } from "../../src/pricing/quote-keys.js";
import { createQuotes } from "../../src/pricing/quote-signing.js";
import type { QuoteClaim, QuotedLine, QuoteTerms } from "../../src/pricing/quotes.js";

const lifetimeMs = 900_000;
const keys = toQuoteKeys(await parseQuoteKey(await generateQuoteJwk()), []);
const quotesOf = (company: string | null) => createQuotes({ keys, company, lifetimeMs, createId: () => "Q" });
const quotes = quotesOf("acme");

/** In millionths; written without a float, and not as the product does it. */
function millionthsOf(decimal: string): bigint {
  const [whole = "", decimals = ""] = decimal.replace("-", "").split(".");
  const value = BigInt(whole + decimals.padEnd(6, "0"));
  return decimal.startsWith("-") ? -value : value;
}

/** Any decimal, in any spelling that is taken: zeros before it and behind it. */
const decimal = fc
  .tuple(fc.stringMatching(/^[0-9]{1,15}$/), fc.option(fc.stringMatching(/^[0-9]{1,6}$/), { nil: null }))
  .map(([whole, decimals]) => (decimals === null ? whole : `${whole}.${decimals}`));
const awkward = fc.constantFrom("1 A", "A", "2 1 A", "Ä", "\ud800", '"', "\\u0000", "\u0000", "🧰", " ", "__proto__");
const text = fc.oneof(awkward, fc.string({ minLength: 1, unit: "binary" }));
const customerCode = fc.option(text.map(verifiedCustomer));

const anyLine: fc.Arbitrary<QuotedLine> = fc.record({
  sku: text,
  quantity: decimal,
  net: fc.tuple(fc.constantFrom("", "-"), decimal).map((parts) => parts.join("")),
  priceUnit: decimal,
  unit: fc.option(fc.string({ unit: "binary" })),
  taxBasis: fc.constantFrom("NET", "GROSS"),
  taxRate: fc.option(decimal),
});
const anyTerms: fc.Arbitrary<QuoteTerms> = fc.record({
  customer: customerCode,
  currency: fc.stringMatching(/^[A-Z]{3}$/),
  lines: fc.array(anyLine, { minLength: 1, maxLength: 6 }),
});
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });

/** Another spelling of the same value. */
function respelled(quantity: string): string {
  const [whole = "", decimals = ""] = quantity.split(".");
  return `${whole.padStart(15, "0")}.${decimals.padEnd(6, "0")}`;
}

test("whatever was promised is read back to the letter by its own claim, from its second until its end", async () => {
  await fc.assert(
    fc.asyncProperty(anyTerms, instant, fc.nat(lifetimeMs - 1_000), async (terms, now, later) => {
      const { token, expiresAt } = await quotes.sign(terms, now);
      expect(expiresAt).toBe(now - (now % 1000) + lifetimeMs);
      for (const { sku, quantity } of terms.lines) {
        const promised = terms.lines.find(
          (line) => line.sku === sku && millionthsOf(line.quantity) === millionthsOf(quantity),
        );
        for (const spelling of [quantity, respelled(quantity)]) {
          const claim = { customer: terms.customer, currency: terms.currency, sku, quantity: spelling };
          expect(await quotes.check(token, claim, now + later)).toEqual({
            status: "HONOURED",
            currency: terms.currency,
            expiresAt,
            line: promised,
          });
        }
      }
    }),
    { numRuns: 200 },
  );
});

// A small world, so that what was changed is often the same after all.
const sku = fc.constantFrom("A", "a", "A ", "1 A");
const quantity = fc.constantFrom("1", "1.0", "01", "1.000001", "-1", "2", "10");
const who = fc.constantFrom(null, verifiedCustomer("C1"), verifiedCustomer("c1"));
const company = fc.constantFrom(null, "acme", "pricelane", "ACME");
const smallTerms: fc.Arbitrary<QuoteTerms> = fc.record({
  customer: who,
  currency: fc.constantFrom("EUR", "USD"),
  lines: fc.array(
    fc
      .tuple(anyLine, sku, quantity)
      .map(([line, ofSku, ofQuantity]) => ({ ...line, sku: ofSku, quantity: ofQuantity })),
    { minLength: 1, maxLength: 3 },
  ),
});
/** Mostly nothing, which leaves the quote's own: so a claim often misses by one thing alone, and often by none. */
const seldom = <T>(changed: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: changed });
const changes = fc.record({
  customer: seldom(who),
  currency: seldom(fc.constantFrom("EUR", "USD", "eur", null)),
  sku: seldom(sku),
  quantity: seldom(fc.oneof(quantity, fc.constantFrom("", "1.", "1\n", "+1", "1e0", "NaN"))),
  company: seldom(company),
  after: seldom(fc.constantFrom(1, lifetimeMs - 1, lifetimeMs, lifetimeMs + 1, 10 * lifetimeMs)),
});

/** What a claim is worth, by the words of docs/quotes.md alone. */
function expected({ customer, currency, lines }: QuoteTerms, claim: QuoteClaim, isOver: boolean): string {
  if (claim.customer !== customer) return "FOREIGN";
  if (isOver) return "EXPIRED";
  if (claim.currency !== null && claim.currency !== currency) return "OTHER_LINE";
  if (!/^-?\d+(\.\d+)?$/.test(claim.quantity)) return "OTHER_LINE";
  const isPromised = lines.some(
    (line) => line.sku === claim.sku && millionthsOf(line.quantity) === millionthsOf(claim.quantity),
  );
  return isPromised ? "HONOURED" : "OTHER_LINE";
}

test("no claim but its own is honoured: another customer, company, SKU, quantity, currency or time is told as such", async () => {
  const told: Record<string, number> = {};
  const issuedAt = Date.UTC(2026, 2, 1);
  await fc.assert(
    fc.asyncProperty(smallTerms, company, changes, fc.nat(2), async (terms, ours, changed, nth) => {
      const line = terms.lines[nth % terms.lines.length] as QuotedLine;
      const { company: theirs = ours, after = 0, ...parts } = changed;
      const { customer = terms.customer, currency = terms.currency, sku = line.sku, quantity = line.quantity } = parts;
      const claim: QuoteClaim = { customer, currency, sku, quantity };
      const { token } = await quotesOf(ours).sign(terms, issuedAt);
      const { status } = await quotesOf(theirs).check(token, claim, issuedAt + after);
      const isOfOther = (ours ?? "pricelane") !== (theirs ?? "pricelane");
      expect(status).toBe(isOfOther ? "INVALID" : expected(terms, claim, after >= lifetimeMs));
      told[status] = (told[status] ?? 0) + 1;
    }),
    { numRuns: 1_000 },
  );
  for (const status of ["EXPIRED", "FOREIGN", "HONOURED", "INVALID", "OTHER_LINE"]) {
    expect([status, (told[status] ?? 0) > 20]).toEqual([status, true]);
  }
});
