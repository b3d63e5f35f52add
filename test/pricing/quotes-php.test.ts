import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { verifiedCustomer } from "../../src/pricing/keys.js";
import { generateQuoteJwk, parseQuoteKey, toQuoteKeys } from "../../src/pricing/quote-keys.js";
import { createQuotes } from "../../src/pricing/quote-signing.js";
import { describeWith } from "../support/parts.js";

const now = Date.UTC(2026, 10, 24, 9, 30);
const keys = toQuoteKeys(await parseQuoteKey(await generateQuoteJwk()), []);
const quotes = createQuotes({ keys, company: null, lifetimeMs: 900_000, createId: () => "Q1" });
const line = { sku: "Ä-1", quantity: "2", net: "10.5", priceUnit: "100", unit: "pc", taxBasis: "NET", taxRate: "20" };
const terms = { customer: verifiedCustomer("C1"), currency: "EUR", lines: [{ ...line, taxBasis: "NET" as const }] };
const { token } = await quotes.sign(terms, now);

interface Claim {
  readonly token?: string;
  readonly customer?: string | null;
  readonly sku?: string;
  readonly quantity?: string;
  readonly currency?: string;
  readonly at?: number;
}

/** What the function of the page makes of a claim that holds but for the parts given. */
function promised(parts: Claim): unknown {
  const page = readFileSync("docs/quotes.md", "utf8");
  const [, code] = /```php\n<\?php\n(.*?)```/s.exec(page) ?? [];
  const claim = { token, customer: "C1", sku: "Ä-1", quantity: "2.00", currency: "EUR", at: now, ...parts };
  const texts = [claim.token, JSON.stringify(keys.jwks), claim.customer, claim.sku, claim.quantity, claim.currency];
  const args = texts.map((text) => (text === null ? "null" : `'${text}'`)).join(", ");
  const call = `echo json_encode(pricelane_promised(${args}, 'pricelane', ${Math.floor(claim.at / 1000)}));`;
  return JSON.parse(execFileSync("php", ["-r", `${code}\n${call}`], { encoding: "utf8" }));
}

const withHeader = (header: object) =>
  [Buffer.from(JSON.stringify(header)).toString("base64url"), ...token.split(".").slice(1)].join(".");
const kid = keys.signing.kid;
const typ = "pricelane-quote+jwt";

describeWith("php", "the PHP of docs/quotes.md", () => {
  test("finds what was promised to this customer for this line, the quantity by its value", () => {
    const expected = { sku: "Ä-1", qty: "2", net: "10.5", per: "100", unit: "pc", basis: "NET", tax: "20" };
    expect(promised({})).toEqual(expected);
    expect(promised({ quantity: "002" })).toEqual(expected);
    expect(promised({ at: now + 899_999 })).toEqual(expected);
  });

  test.each<[string, Claim]>([
    ["another customer", { customer: "C2" }],
    ["an order at public prices", { customer: null }],
    ["another SKU", { sku: "A-1" }],
    ["another quantity", { quantity: "20" }],
    ["a quantity that is none", { quantity: "1e1" }],
    ["another currency", { currency: "USD" }],
    ["its last instant", { at: now + 900_000 }],
    ["a changed body", { token: token.replace(/\.(.)/, (_all, first) => (first === "a" ? ".b" : ".a")) }],
    ["a changed signature", { token: `${token.slice(0, -10)}AAAAAAAAAA` }],
    ["alg none", { token: withHeader({ alg: "none", typ, kid }) }],
    ["HS256", { token: withHeader({ alg: "HS256", typ, kid }) }],
    ["another key's name", { token: withHeader({ alg: "EdDSA", typ, kid: "other" }) }],
    ["another typ", { token: withHeader({ alg: "EdDSA", typ: "JWT", kid }) }],
    ["no token at all", { token: "none" }],
    ["an empty one", { token: "" }],
  ])("finds nothing for %s", (_what, parts) => {
    expect(promised(parts)).toBeNull();
  });
});
