import { describe, expect, test } from "vitest";
import { PortPrices } from "../../../src/erp/port/port-prices.js";
import { ErpUnavailable } from "../../../src/errors.js";
import { type PriceKey, publicScope, type Scope, verifiedCustomer } from "../../../src/pricing/keys.js";
import type { Ladder } from "../../../src/pricing/ladder.js";
import type { Outcome } from "../../../src/pricing/source.js";
import { ladderOf, priceKeyOf } from "../../support/samples.js";
import { anyCall, FakePortClient } from "./fake-port-client.js";

const c1: Scope = { kind: "customer", customer: verifiedCustomer("C1") };
const ownKey = priceKeyOf({ sku: "A", scope: c1 });
const publicKey = priceKeyOf({ sku: "A", scope: publicScope });

/** A priced line for {@link ownKey}, alone in its call. */
function lineOf(parts: Record<string, unknown> = {}): Record<string, unknown> {
  const echo = { ref: "0", customer: "C1", sku: "A" };
  return { ...echo, status: "priced", currency: "EUR", taxBasis: "net", unitPrice: "10.00", ...parts };
}

function read(lines: unknown, ...keys: PriceKey[]): Promise<Outcome<Ladder>[]> {
  return new PortPrices(new FakePortClient({ lines })).readMany(keys, anyCall);
}

async function readOne(line: unknown, key = ownKey): Promise<Outcome<Ladder>> {
  return (await read([line], key))[0] as Outcome<Ladder>;
}

/** What a refused line's error says, for the log. */
async function refusalOf(line: unknown, key = ownKey): Promise<string> {
  const outcome = await readOne(line, key);
  if (outcome.kind !== "failed") throw new Error(`the line was believed: ${JSON.stringify(outcome)}`);
  expect(outcome.error).toMatchObject({ code: "ERP_BAD_ANSWER" });
  return outcome.error.message;
}

describe("asking prices over the port", () => {
  test("one call carries customers, the public, quantities and currencies mixed", async () => {
    const client = new FakePortClient({ lines: [] });
    const scoped: Scope = { kind: "price-scope", priceScope: "GOLD", customer: verifiedCustomer("C2") };
    const keys = [
      priceKeyOf({ sku: "A" }),
      priceKeyOf({ sku: "A", scope: c1, quantity: "2.5", currency: "CHF" }),
      priceKeyOf({ sku: "B", scope: scoped }),
    ];
    await new PortPrices(client).readMany(keys, anyCall);
    expect(client.asked).toEqual([
      {
        path: "/v1/prices",
        body: {
          lines: [
            { ref: "0", customer: null, sku: "A", quantity: "1" },
            { ref: "1", customer: "C1", sku: "A", quantity: "2.5", currency: "CHF" },
            { ref: "2", customer: "C2", sku: "B", quantity: "1" },
          ],
        },
      },
    ]);
    expect(new Set(keys.map(() => new PortPrices(client).groupOf())).size).toBe(1);
  });

  test("what fails as a whole is thrown", async () => {
    const error = new ErpUnavailable("down");
    await expect(new PortPrices(new FakePortClient(error)).readMany([ownKey], anyCall)).rejects.toBe(error);
    await expect(new PortPrices(new FakePortClient([])).readMany([ownKey], anyCall)).rejects.toThrow("an object");
    await expect(read("none", ownKey)).rejects.toThrow("lines should be a list");
  });
});

describe("whose line it is", () => {
  test("lines are matched by ref, in whatever order they come", async () => {
    const keys = [priceKeyOf({ sku: "A" }), priceKeyOf({ sku: "A", scope: c1 })];
    const lines = [
      lineOf({ ref: "1", unitPrice: "1.00" }),
      lineOf({ ref: "0", customer: null, unitPrice: "2.00" }),
      lineOf({ ref: "7", unitPrice: "3.00" }),
    ];
    expect((await read(lines, ...keys)).map(priceOf)).toEqual(["2.00", "1.00"]);
  });

  test.each([
    ["another customer's", lineOf({ customer: "C2" })],
    ["the public's", lineOf({ customer: null })],
    ["nobody's in particular", lineOf({ customer: undefined })],
    ["another SKU's", lineOf({ sku: "B" })],
    ["no SKU's in particular", lineOf({ sku: undefined })],
    ["the same SKU's in other letters", lineOf({ sku: "a" })],
    ["another customer's, and says unknown", lineOf({ customer: "C2", status: "unknown" })],
    ["another customer's, and says unknown-customer", lineOf({ customer: "C2", status: "unknown-customer" })],
  ])("a line that is %s is refused", async (_whose, line) => {
    expect(await refusalOf(line)).toMatch(/echoes another SKU or customer/);
  });

  test("a public question refuses a customer's price", async () => {
    expect(await refusalOf(lineOf(), publicKey)).toMatch(/echoes another/);
    expect(priceOf(await readOne(lineOf({ customer: null }), publicKey))).toBe("10.00");
  });

  test("a line that is missing, or came twice, fails its own key alone", async () => {
    const keys = ["A", "B", "C"].map((sku) => priceKeyOf({ sku, scope: c1 }));
    const lines = [lineOf(), lineOf({ unitPrice: "11.00" }), lineOf({ ref: "2", sku: "C" }), null, "line", 7];
    const outcomes = await read(lines, ...keys);
    expect(outcomes.map(priceOf)).toEqual(["failed", "failed", "10.00"]);
    expect(outcomes.map((outcome) => outcome.kind === "failed" && outcome.error.message)).toEqual([
      'the line for SKU "A" came more than once',
      'the line for SKU "B" is missing',
      false,
    ]);
  });
});

describe("what a line says", () => {
  test("a whole ladder, its breaks sorted, every field kept as written", async () => {
    const line = lineOf({
      taxBasis: "gross",
      taxRate: "5.5",
      unit: "box",
      priceUnit: "100",
      minimumQuantity: "0",
      quantityIncrement: "2.5",
      unitPrice: "10.500000",
      tiers: [
        { from: "10", unitPrice: "8.00" },
        { from: "5", unitPrice: "9.00" },
      ],
      priceList: "WINTER",
      validUntil: "2026-12-01T00:00:00+01:00",
    });
    expect(await readOne(line)).toEqual({
      kind: "found",
      answer: {
        sku: "A",
        currency: "EUR",
        taxBasis: "GROSS",
        taxRate: "5.5",
        unit: "box",
        priceUnit: "100",
        minimumQuantity: "0",
        quantityIncrement: "2.5",
        unitPrice: "10.500000",
        tiers: [
          { from: "5", unitPrice: "9.00" },
          { from: "10", unitPrice: "8.00" },
        ],
        onlyQuantity: null,
        priceList: "WINTER",
        validUntil: Date.UTC(2026, 10, 30, 23),
      },
      freshness: { source: "ERP", computedAt: 1_000, freshUntil: 1_000, staleReason: null },
    });
  });

  test("what is left out, or null, has its plain meaning", async () => {
    const plain = ladderOf({ taxRate: null, onlyQuantity: "1" });
    expect(await readOne(lineOf())).toMatchObject({ answer: plain });
    const empty = { taxRate: null, unit: null, priceUnit: null, tiers: null, priceList: null, validUntil: null };
    expect(await readOne(lineOf(empty))).toMatchObject({ answer: plain });
  });

  test("without tiers a price is for the asked quantity alone; an empty list is a whole ladder", async () => {
    const key = priceKeyOf({ sku: "A", scope: c1, quantity: "7" });
    expect(await readOne(lineOf(), key)).toMatchObject({ answer: { onlyQuantity: "7" } });
    expect(await readOne(lineOf({ tiers: [] }), key)).toMatchObject({ answer: { onlyQuantity: null } });
  });

  test("that there is no such SKU or customer is an answer", async () => {
    expect(await readOne(lineOf({ status: "unknown" }))).toMatchObject({ kind: "unknown", what: "sku" });
    expect(await readOne(lineOf({ status: "unknown-customer" }))).toMatchObject({ kind: "unknown", what: "customer" });
  });

  test.each([
    [
      "an error of the ERP's",
      lineOf({ status: "error", message: "list locked" }),
      /could not price SKU "A": list locked/,
    ],
    ["an error without a reason", lineOf({ status: "error" }), /no reason given/],
    ["a status that is none", lineOf({ status: "maybe" }), /not maybe/],
    ["a price that is a number", lineOf({ unitPrice: 10.5 }), /unitPrice should be an exact decimal/],
    ["a price unit of nothing", lineOf({ priceUnit: "0" }), /priceUnit should be above 0/],
    ["an increment of nothing", lineOf({ quantityIncrement: "0.000" }), /quantityIncrement should be above 0/],
    ["a negative minimum", lineOf({ minimumQuantity: "-1" }), /minimumQuantity should not be below 0/],
    ["a negative tax rate", lineOf({ taxRate: "-20" }), /taxRate should not be below 0/],
    ["a gross price without a rate", lineOf({ taxBasis: "gross" }), /without taxRate/],
    ["a tax basis that is none", lineOf({ taxBasis: "NET" }), /taxBasis should be net or gross/],
    ["no currency", lineOf({ currency: undefined }), /currency should be an ISO 4217 code/],
    ["tiers that are none", lineOf({ tiers: {} }), /tiers should be a list/],
    ["two tiers from one quantity", lineOf({ tiers: [tier("5"), tier("5.0")] }), /two tiers begin at quantity/],
    ["a tier from below nothing", lineOf({ tiers: [tier("-5")] }), /from should not be below 0/],
    ["an end without its zone", lineOf({ validUntil: "2026-12-01T00:00:00" }), /an RFC 3339 instant/],
  ])("%s is refused by name", async (_what, line, message) => {
    expect(await refusalOf(line)).toMatch(message);
  });

  test("an answer in another currency than asked is refused, in any where none was asked it is taken", async () => {
    const inFrancs = priceKeyOf({ sku: "A", scope: c1, currency: "CHF" });
    expect(await refusalOf(lineOf(), inFrancs)).toMatch(/asked in CHF and answered in EUR/);
    expect(priceOf(await readOne(lineOf({ currency: "CHF" }), inFrancs))).toBe("10.00");
    expect(priceOf(await readOne(lineOf({ currency: "CHF" })))).toBe("10.00");
  });

  test("that a customer is unknown is no answer to a public question", async () => {
    expect(await refusalOf(lineOf({ customer: null, status: "unknown-customer" }), publicKey)).toMatch(/public line/);
  });
});

function tier(from: string) {
  return { from, unitPrice: "1.00" };
}

function priceOf(outcome: Outcome<Ladder>): string {
  return outcome.kind === "found" ? outcome.answer.unitPrice : outcome.kind;
}
