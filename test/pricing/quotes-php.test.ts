import { execFileSync } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { CompactSign } from "jose";
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
const { kid } = keys.signing;
const typ = "pricelane-quote+jwt";

/** Signs by hand what the quote says, but for the claims given. */
function signed(claims: object, key: KeyObject = keys.signing.privateKey, named: object = { kid }): Promise<string> {
  const said = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as object;
  return new CompactSign(Buffer.from(JSON.stringify({ ...said, ...claims })))
    .setProtectedHeader({ alg: "EdDSA", typ, ...named })
    .sign(key);
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
const stranger = generateKeyPairSync("ed25519");
const strangerJwk = stranger.publicKey.export({ format: "jwk" });
const [own] = keys.jwks.keys;
const byHand = {
  like: await signed({}),
  ofOther: await signed({ iss: "other" }),
  ofFormat2: await signed({ v: 2 }),
  ofFormatText: await signed({ v: "1" }),
  byStranger: await signed({}, stranger.privateKey),
  nameless: await signed({}, keys.signing.privateKey, {}),
};

interface Claim {
  readonly token?: string;
  readonly customer?: string | null;
  readonly sku?: string;
  readonly quantity?: string;
  readonly currency?: string;
  readonly at?: number;
  readonly company?: string;
  readonly keys?: readonly unknown[];
}

/** What the function of the page makes of a claim that holds but for the parts given; a warning of PHP's spoils the JSON. */
function promised(parts: Claim): unknown {
  const page = readFileSync("docs/quotes.md", "utf8");
  const [, code] = /```php\n<\?php\n(.*?)```/s.exec(page) ?? [];
  const claim = { token, customer: "C1", sku: "Ä-1", quantity: "2.00", currency: "EUR", at: now, ...parts };
  const jwks = JSON.stringify({ keys: parts.keys ?? keys.jwks.keys });
  const texts = [claim.token, jwks, claim.customer, claim.sku, claim.quantity, claim.currency];
  const args = texts.map((text) => (text === null ? "null" : `'${text}'`)).join(", ");
  const call = `echo json_encode(pricelane_promised(${args}, '${parts.company ?? "pricelane"}', ${Math.floor(claim.at / 1000)}));`;
  return JSON.parse(
    execFileSync("php", ["-d", "display_errors=1", "-d", "error_reporting=-1", "-r", `${code}\n${call}`], {
      encoding: "utf8",
    }),
  );
}

const withHeader = (header: object) =>
  [Buffer.from(JSON.stringify(header)).toString("base64url"), ...token.split(".").slice(1)].join(".");

describeWith("php", "the PHP of docs/quotes.md", () => {
  test("finds what was promised to this customer for this line, the quantity by its value", () => {
    const expected = { sku: "Ä-1", qty: "2", net: "10.5", per: "100", unit: "pc", basis: "NET", tax: "20" };
    expect(promised({})).toEqual(expected);
    expect(promised({ quantity: "002" })).toEqual(expected);
    expect(promised({ quantity: "000000000000002.000000" })).toEqual(expected);
    expect(promised({ at: now + 899_999 })).toEqual(expected);
  });

  test("finds it by a quote that was signed by hand, so that those below fail for what they change alone", () => {
    expect(promised({ token: byHand.like })).toMatchObject({ net: "10.5" });
    expect(promised({ token: byHand.ofOther, company: "other" })).toMatchObject({ net: "10.5" });
  });

  test.each<[string, readonly unknown[]]>([
    ["an RSA key before ours", [rsa, own]],
    ["an RSA key of our kid before ours", [{ ...rsa, kid }, own]],
    [
      "a key without a kid, and one without its x, before ours",
      [strangerJwk, { kty: "OKP", crv: "Ed25519", kid }, own],
    ],
    ["what is no key before ours", ["key", 1, null, own]],
  ])("finds it with %s", (_what, keys) => {
    expect(promised({ keys })).toMatchObject({ net: "10.5" });
  });

  test.each<[string, Claim]>([
    ["another customer", { customer: "C2" }],
    ["an order at public prices", { customer: null }],
    ["another SKU", { sku: "A-1" }],
    ["another quantity", { quantity: "20" }],
    ["a quantity that is none", { quantity: "1e1" }],
    ["a quantity with a line break", { quantity: "2\n" }],
    ["a quantity with a point and nothing behind it", { quantity: "2." }],
    ["a quantity of seven decimals", { quantity: "2.0000000" }],
    ["a quantity of sixteen digits", { quantity: "0000000000000002" }],
    ["a quantity with a sign", { quantity: "+2" }],
    ["an empty quantity", { quantity: "" }],
    ["a quote of another company", { token: byHand.ofOther }],
    ["another company", { company: "other" }],
    ["a quote of another format", { token: byHand.ofFormat2 }],
    ["a quote whose format is a text", { token: byHand.ofFormatText }],
    ["a quote signed by another key under our kid", { token: byHand.byStranger }],
    ["no keys", { keys: [] }],
    ["our key as if it were X25519", { keys: [{ ...own, crv: "X25519" }] }],
    ["our key without its kid", { keys: [{ ...own, kid: undefined }] }],
    ["neither key nor quote naming its key", { keys: [{ ...own, kid: undefined }], token: byHand.nameless }],
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
