import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { base64url, CompactSign } from "jose";
import { expect, test } from "vitest";
import { createAuthenticator } from "../../src/http/authentication.js";
import { verifiedCustomer } from "../../src/pricing/keys.js";
import { readQuoteKeys } from "../../src/pricing/quote-key-file.js";
import { generateQuoteJwk, parseQuoteKey, toQuoteKeys } from "../../src/pricing/quote-keys.js";
import { createQuotes } from "../../src/pricing/quote-signing.js";
import type { QuoteClaim, QuoteTerms } from "../../src/pricing/quotes.js";

const now = Date.UTC(2026, 2, 1, 12);
const jwk = await generateQuoteJwk();
const key = await parseQuoteKey(jwk);
const keys = toQuoteKeys(key, []);
const options = { keys, company: "acme", lifetimeMs: 900_000, createId: () => "id-1" };
const quotes = createQuotes(options);
const customer = verifiedCustomer("C0001");
const line = {
  sku: "A-1",
  quantity: "2",
  net: "9.90",
  priceUnit: "1",
  unit: "PCE",
  taxBasis: "NET",
  taxRate: "20",
} as const;
const terms: QuoteTerms = { customer, currency: "EUR", lines: [line] };
const claim: QuoteClaim = { customer, currency: "EUR", sku: "A-1", quantity: "2" };
const signed = await quotes.sign(terms, now);
const other = verifiedCustomer("C0002");

const statusOf = async (token: string, changes: Partial<QuoteClaim> = {}, at = now) =>
  (await quotes.check(token, { ...claim, ...changes }, at)).status;

test("a quote gives back its line, the quantity compared by value, until the instant it expires", async () => {
  expect(signed.expiresAt).toBe(now + 900_000);
  const honoured = { status: "HONOURED", currency: "EUR", line, expiresAt: signed.expiresAt };
  expect(await quotes.check(signed.token, { ...claim, quantity: "2.00", currency: null }, now + 899_999)).toEqual(
    honoured,
  );
  expect(await statusOf(signed.token, {}, now + 900_000)).toBe("EXPIRED");
});

test("a quote that follows an earlier promise ends with it, and no later than usual", async () => {
  const bounded = await quotes.sign({ ...terms, latestExpiry: now + 60_000 }, now);
  expect(bounded.expiresAt).toBe(now + 60_000);
  expect(await statusOf(bounded.token, {}, now + 59_999)).toBe("HONOURED");
  expect(await statusOf(bounded.token, {}, now + 60_000)).toBe("EXPIRED");
  expect((await quotes.sign({ ...terms, latestExpiry: now + 1e9 }, now)).expiresAt).toBe(now + 900_000);
});

test.each<[Partial<QuoteClaim>, string]>([
  [{ customer: other }, "FOREIGN"],
  [{ customer: null }, "FOREIGN"],
  [{ sku: "A-2" }, "OTHER_LINE"],
  [{ quantity: "3" }, "OTHER_LINE"],
  [{ quantity: "NaN" }, "OTHER_LINE"],
  [{ currency: "USD" }, "OTHER_LINE"],
])("a claim of %j is %s", async (changes, status) => {
  expect(await statusOf(signed.token, changes)).toBe(status);
});

test("a public quote holds for no customer; FOREIGN is told before EXPIRED, EXPIRED before OTHER_LINE", async () => {
  const { token } = await quotes.sign({ ...terms, customer: null }, now);
  expect(await statusOf(token)).toBe("FOREIGN");
  expect(await statusOf(token, { customer: null })).toBe("HONOURED");
  expect(await statusOf(signed.token, { customer: other, sku: "?" }, now + 1e9)).toBe("FOREIGN");
  expect(await statusOf(signed.token, { sku: "?" }, now + 1e9)).toBe("EXPIRED");
});

test("what was forged, or signed for something else, is INVALID", async () => {
  const [, payload = ""] = signed.token.split(".");
  const bytes = base64url.decode(payload);
  const sign = (header: object) =>
    new CompactSign(bytes)
      .setProtectedHeader({ alg: "EdDSA", kid: key.kid, typ: "pricelane-quote+jwt", ...header })
      .sign(key.privateKey!);
  expect(await statusOf(await sign({}))).toBe("HONOURED");
  const none = base64url.encode(JSON.stringify({ alg: "none", kid: key.kid, typ: "pricelane-quote+jwt" }));
  const hmac = await new CompactSign(bytes)
    .setProtectedHeader({ alg: "HS256", kid: key.kid, typ: "pricelane-quote+jwt" })
    .sign(base64url.decode(jwk.x));
  const forged = [
    await sign({ typ: "JWT" }),
    await sign({ kid: "x" }),
    `${none}.${payload}.`,
    `${none}.${payload}.AA`,
    hmac,
    "",
    "a.b.c",
    "x".repeat(600_000),
  ];
  for (const token of forged) expect(await statusOf(token)).toBe("INVALID");
  expect((await createQuotes({ ...options, company: "other" }).check(signed.token, claim, now)).status).toBe("INVALID");
});

test("any other character anywhere makes a quote INVALID", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(signed.token.length - 1), fc.constantFrom(..."AZaz09-_.= "), async (at, letter) => {
      fc.pre(signed.token[at] !== letter);
      expect(await statusOf(signed.token.slice(0, at) + letter + signed.token.slice(at + 1))).toBe("INVALID");
    }),
    { numRuns: 300 },
  );
});

test("the authenticator takes no quote for a token, even with the quotes' key among its own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pricelane-quote-"));
  const jwksFile = join(folder, "jwks.json");
  writeFileSync(jwksFile, JSON.stringify(keys.jwks));
  const log = { warn: () => {}, error: () => {} };
  const clock = { now: () => now, after: () => () => {} };
  const auth = createAuthenticator({
    secrets: [],
    jwksFile,
    jwksUrl: null,
    audience: "pricelane",
    company: null,
    clock,
    log,
  });
  await expect(auth.authenticate(`Bearer ${signed.token}`)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("after a change of keys quotes of the old one hold, and the public keys hold no private half", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pricelane-quote-"));
  const [keyFile, oldKeysFile] = [join(folder, "new.jwk"), join(folder, "old.jwk")];
  writeFileSync(keyFile, JSON.stringify(await generateQuoteJwk()), { mode: 0o600 });
  writeFileSync(oldKeysFile, JSON.stringify(jwk), { mode: 0o600 });
  const warnings: string[] = [];
  const log = { warn: (_details: object, message: string) => void warnings.push(message) };
  const changed = await readQuoteKeys({ keyFile, oldKeysFile }, log);
  expect((await createQuotes({ ...options, keys: changed }).check(signed.token, claim, now)).status).toBe("HONOURED");
  expect(JSON.stringify(changed.jwks)).not.toContain('"d"');
  expect(warnings).toEqual([]);
  chmodSync(keyFile, 0o644);
  await readQuoteKeys({ keyFile, oldKeysFile }, log);
  expect(warnings).toEqual([expect.stringContaining("QUOTE_KEY_FILE can be read by everybody")]);
});

test.each([
  ["{", "it is not JSON"],
  ['{"kty":"RSA"}', "must be an Ed25519 key"],
  [JSON.stringify(keys.jwks.keys[0]), "it holds a public key alone"],
  [JSON.stringify({ ...jwk, x: (await generateQuoteJwk()).x }), "belong to different keys"],
])("a key file of another kind is refused with its name and the mend (%#)", async (text, complaint) => {
  const keyFile = join(mkdtempSync(join(tmpdir(), "pricelane-quote-")), "key.jwk");
  writeFileSync(keyFile, text, { mode: 0o600 });
  const error = await readQuoteKeys({ keyFile, oldKeysFile: null }, { warn: () => {} }).catch(
    (reason: Error) => reason,
  );
  expect(String(error)).toContain(`QUOTE_KEY_FILE ${keyFile} cannot be used: `);
  expect(String(error)).toContain(complaint);
  expect(String(error)).not.toContain(jwk.d);
});
