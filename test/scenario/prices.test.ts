import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buyer, mintToken } from "../support/graphql-client.js";
import type { FakePrice } from "../support/port-fake.js";
import { type Scenario, startScenario } from "./scenario.js";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario.stop());

let skusMade = 0;
/** Puts a public price under an SKU of its own, so that no test sees what another one left in the cache. */
function offer(price: FakePrice): string {
  skusMade += 1;
  const sku = `OFFER-${skusMade}`;
  scenario.erp.prices.set(`|${sku}`, price);
  return sku;
}

async function askPrice(price: FakePrice, fields: string, token?: string) {
  const query = `query ($sku: ID!) { product(sku: $sku) { price { ${fields} } } }`;
  const answer = await scenario.ask(query, {
    ...(token === undefined ? {} : { token }),
    variables: { sku: offer(price) },
  });
  expect(answer.errors).toEqual([]);
  return answer.at("product.price");
}

/** The same number without trailing zeros: the contract binds the value of a derived amount, not its zeros. */
function plain(amount: unknown): string {
  const text = String(amount);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

describe("amounts", () => {
  test("reach the shop digit by digit as the ERP wrote them", async () => {
    const written = ["1249.900000", "0.000001", "123456789012345", "999999999999999.999999", "0.10", "7", "100.30"];
    for (const unitPrice of written) {
      const price = await askPrice(
        { unitPrice, tiers: [{ from: "1", unitPrice }] },
        "net { amount currency } tiers { net { amount } }",
      );
      expect(price).toEqual({ net: { amount: unitPrice, currency: "EUR" }, tiers: [{ net: { amount: unitPrice } }] });
    }
  });

  test.each([
    ["1249.900000", "20", "1499.88"],
    ["0.000005", "10", "0.000006"],
    ["0.000015", "10", "0.000017"],
    ["0.000001", "20", "0.000001"],
    ["0.000001", "49.9", "0.000001"],
    ["0.000001", "50", "0.000002"],
    ["84.19", "5.5", "88.82045"],
    ["0.1", "0", "0.1"],
    ["123456789012345.123456", "20", "148148146814814.148147"],
  ])("net %s with %s percent of tax is gross %s, half up at 6 decimals", async (unitPrice, taxRate, gross) => {
    const price = await askPrice({ unitPrice, taxRate, tiers: [] }, "net { amount } gross { amount } taxRate taxBasis");
    expect(price).toMatchObject({ net: { amount: unitPrice }, taxRate, taxBasis: "NET" });
    expect(plain((price as { gross: { amount: string } }).gross.amount)).toBe(gross);
  });

  test.each([
    ["119.990000", "19", "100.831933"],
    ["120.00", "20", "100"],
    ["0.01", "20", "0.008333"],
    ["0.000003", "20", "0.000003"],
    ["99.95", "0", "99.95"],
    ["999999999999999.999999", "7", "934579439252336.448597"],
  ])("gross %s with %s percent of tax is net %s, half up at 6 decimals", async (unitPrice, taxRate, net) => {
    const price = await askPrice(
      { unitPrice, taxRate, taxBasis: "gross", tiers: [] },
      "net { amount } gross { amount } taxBasis",
    );
    expect(price).toMatchObject({ gross: { amount: unitPrice }, taxBasis: "GROSS" });
    expect(plain((price as { net: { amount: string } }).net.amount)).toBe(net);
  });

  test("without a tax rate there is no gross, neither of the price nor of its breaks", async () => {
    const price = await askPrice(
      { unitPrice: "10.00", tiers: [{ from: "5", unitPrice: "9.00" }] },
      "gross { amount } taxRate tiers { gross { amount } }",
    );
    expect(price).toEqual({ gross: null, taxRate: null, tiers: [{ gross: null }] });
  });
});

test("unit, price unit, minimum, increment and end of validity come as the ERP told them", async () => {
  const told = { unit: "kg", priceUnit: "100", minimumQuantity: "2.5", quantityIncrement: "0.5" };
  const validUntil = new Date(Date.now() + 3_600_000).toISOString();
  const price = await askPrice(
    { unitPrice: "10.00", ...told, validUntil, tiers: [] },
    "unit priceUnit minimumQuantity quantityIncrement validUntil",
  );
  expect(price).toEqual({ ...told, validUntil });
});

test("a price per one without breaks stands where the ERP tells nothing else", async () => {
  const price = await askPrice(
    { unitPrice: "10.00", tiers: [] },
    "unit priceUnit quantity tiers { minimumQuantity } validUntil",
  );
  expect(price).toEqual({ unit: null, priceUnit: "1", quantity: "1", tiers: [], validUntil: null });
});

test("freshness ends when the price does, though the window were longer", async () => {
  const validUntil = new Date(Date.now() + 20_000).toISOString();
  const price = await askPrice(
    { unitPrice: "10.00", validUntil, tiers: [] },
    "freshness { source computedAt freshUntil ageSeconds }",
  );
  const { freshness } = price as { freshness: { source: string; freshUntil: string; ageSeconds: number } };
  expect(freshness.source).toBe("ERP");
  expect(Date.parse(freshness.freshUntil)).toBeLessThanOrEqual(Date.parse(validUntil));
  expect(freshness.ageSeconds).toBeGreaterThanOrEqual(0);
});

test("the price list is told to the scope ops alone", async () => {
  const price = { unitPrice: "10.00", priceList: "LIST-42", tiers: [] };
  const tokens = [undefined, buyer("U1"), mintToken({ scope: "feed" }), buyer("U1", "checkout")];
  for (const token of tokens) expect(await askPrice(price, "priceList", token)).toEqual({ priceList: null });
  expect(await askPrice(price, "priceList", buyer("U1", "storefront ops"))).toEqual({ priceList: "LIST-42" });
  expect(await askPrice(price, "priceList", mintToken({ scope: "ops" }))).toEqual({ priceList: "LIST-42" });
});

describe("whose price it is", () => {
  const query = `{ product(sku: "SKU-30") { price { audience net { amount } } publicPrice { audience net { amount } } } }`;
  const open = { audience: "PUBLIC", net: { amount: "1030.00" } };

  test("a customer's own stands in price, the public one in publicPrice", async () => {
    const { data } = await scenario.ask(query, { token: buyer("C1") });
    expect(data).toEqual({
      product: { price: { audience: "CUSTOMER", net: { amount: "130.15" } }, publicPrice: open },
    });
  });

  test.each([
    ["without a token", {}],
    ["a machine", { token: mintToken({ scope: "storefront" }) }],
    ["a feed, whatever its sub says", { token: buyer("C1", "feed") }],
  ])("%s: both are the public one", async (_who, options) => {
    const { data, errors } = await scenario.ask(query, options);
    expect(errors).toEqual([]);
    expect(data).toEqual({ product: { price: open, publicPrice: open } });
  });
});

describe("an SKU that the ERP does not know", () => {
  test("is null at its place, without an error, and its neighbours stand", async () => {
    const answer = await scenario.ask(
      `{ products(skus: ["SKU-1", "NO-SUCH", "SKU-2"]) { sku price { net { amount } } } product(sku: "NO-SUCH") { price { net { amount } } } }`,
    );
    expect(answer.errors).toEqual([]);
    expect(answer.at("products.1")).toBeNull();
    expect(answer.at("product")).toBeNull();
    expect(answer.at("products.0.sku")).toBe("SKU-1");
    expect(answer.at("products.2.price.net.amount")).toBe("1002.00");
  });

  test("is judged by the selected price, else by stock, else by the public price", async () => {
    const { erp, ask } = scenario;
    erp.stock.set("STOCK-ONLY", { warehouses: { LYON: "9" } });
    const only = offer({ unitPrice: "1.00", tiers: [] });
    const answer = await ask(`{
      stockOnly: product(sku: "STOCK-ONLY") { stock { status } }
      withPrice: product(sku: "STOCK-ONLY") { stock { status } price { net { amount } } }
      neither: product(sku: "STOCK-ONLY") { sku }
      priced: product(sku: "${only}") { price { net { amount } } stock { status } }
      pricedNeither: product(sku: "${only}") { sku }
      pricedNoStock: product(sku: "${only}") { stock { status } }
    }`);
    expect(answer.data).toEqual({
      stockOnly: { stock: { status: "IN_STOCK" } },
      withPrice: null,
      neither: null,
      priced: { price: { net: { amount: "1.00" } }, stock: null },
      pricedNeither: { sku: only },
      pricedNoStock: null,
    });
    expect(answer.errors).toEqual([]);
  });
});
