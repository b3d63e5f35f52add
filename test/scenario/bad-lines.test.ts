import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buyer } from "../support/graphql-client.js";
import { json } from "../support/port-answers.js";
import { ownPrice } from "./book.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount } } stock { status } } }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

type Line = Record<string, unknown>;
const without = (line: Line, field: string): Line =>
  Object.fromEntries(Object.entries(line).filter(([name]) => name !== field));

/** What an ERP may do to one line of several. */
const badPriceLines: [string, (line: Line) => unknown][] = [
  ["leaves it out", () => null],
  ["answers it twice, differently", (line) => [line, { ...line, unitPrice: "0.01" }]],
  ["echoes another customer", (line) => ({ ...line, customer: "C2" })],
  ["echoes no customer, as if the price were public", (line) => ({ ...line, customer: null })],
  ["does not echo the customer", (line) => without(line, "customer")],
  ["echoes another SKU", (line) => ({ ...line, sku: "SKU-60" })],
  ["does not echo the SKU", (line) => without(line, "sku")],
  ["does not echo the ref", (line) => without(line, "ref")],
  ["invents a ref", (line) => ({ ...line, ref: "nobody-asked" })],
  ["says error", ({ ref, customer, sku }) => ({ ref, customer, sku, status: "error", message: "division by zero" })],
  ["gives a status that does not exist", (line) => ({ ...line, status: "free" })],
  ["gives no status", (line) => without(line, "status")],
  ["gives a float", (line) => ({ ...line, unitPrice: 12.5 })],
  ["gives an exponent", (line) => ({ ...line, unitPrice: "1e3" })],
  ["gives a decimal comma", (line) => ({ ...line, unitPrice: "12,50" })],
  ["gives an amount of 7 decimals", (line) => ({ ...line, unitPrice: "1.0000001" })],
  ["gives an empty amount", (line) => ({ ...line, unitPrice: "" })],
  ["gives NaN", (line) => ({ ...line, unitPrice: "NaN" })],
  ["gives no amount", (line) => without(line, "unitPrice")],
  ["gives no currency", (line) => without(line, "currency")],
  ["gives a currency that is none", (line) => ({ ...line, currency: "€" })],
  ["gives a tax basis that does not exist", (line) => ({ ...line, taxBasis: "both" })],
  ["gives a gross price without a rate", (line) => ({ ...without(line, "taxRate"), taxBasis: "gross" })],
  ["gives a tax rate as a number", (line) => ({ ...line, taxRate: 20 })],
  ["gives breaks that are no list", (line) => ({ ...line, tiers: {} })],
  ["gives a break with a float", (line) => ({ ...line, tiers: [{ from: 10, unitPrice: "1.00" }] })],
  ["gives a break without a price", (line) => ({ ...line, tiers: [{ from: "10" }] })],
  ["gives an end of validity that is no instant", (line) => ({ ...line, validUntil: "soon" })],
  ["gives null", () => [null]],
  ["gives a text", () => ["SKU-2 costs 12"]],
];

describe("where the ERP's answer to one price of three is bad, that one is ERP_BAD_ANSWER and its neighbours stand", () => {
  test.each(badPriceLines.map(([what, spoil], index) => [what, spoil, index + 1] as const))(
    "when it %s",
    async (_what, spoil, customer) => {
      const { erp, ask } = scenario;
      erp.answerLines("price", (line) => (line["sku"] === "SKU-2" ? spoil(line) : line));
      const token = buyer(`C${customer}`);
      const answer = await ask(query, { token, variables: { skus: ["SKU-1", "SKU-2", "SKU-3"] } });
      expect(answer.at("products.0.price.net.amount")).toBe(ownPrice(customer, 1));
      expect(answer.at("products.2.price.net.amount")).toBe(ownPrice(customer, 3));
      expect(answer.at("products.1")).toEqual({ sku: "SKU-2", price: null, stock: { status: "IN_STOCK" } });
      expect(answer.errors).toHaveLength(1);
      expect(answer.errorAt("products.1.price")).toEqual({ code: "ERP_BAD_ANSWER", retryAfterSeconds: undefined });
      expect(answer.text).not.toContain("division by zero");
    },
  );
});

const badStockItems: [string, (item: Line) => unknown][] = [
  ["leaves it out", () => null],
  ["answers it twice, differently", (item) => [item, { ...item, warehouses: [] }]],
  ["says error", ({ sku }) => ({ sku, status: "error", message: "warehouse offline" })],
  ["gives a status that does not exist", (item) => ({ ...item, status: "plenty" })],
  ["gives a float", (item) => ({ ...item, warehouses: [{ code: "LYON", available: 3.5 }] })],
  ["gives a warehouse without a code", (item) => ({ ...item, warehouses: [{ available: "3" }] })],
  ["gives a restock date that is none", (item) => ({ ...item, restockDate: "next week" })],
  ["gives a lead time that is none", (item) => ({ ...item, leadTimeDays: -2 })],
  ["gives null", () => [null]],
];

describe("where the ERP's answer to one stock of three is bad, that one is ERP_BAD_ANSWER and its neighbours stand", () => {
  test.each(badStockItems.map(([what, spoil], index) => [what, spoil, index * 3 + 1] as const))(
    "when it %s",
    async (_what, spoil, first) => {
      const { erp, ask } = scenario;
      const [before, spoilt, after] = [`SKU-${first}`, `SKU-${first + 1}`, `SKU-${first + 2}`];
      // The tests above left fresh stock, so these ask for the ERP's own word.
      const live = query.replace("stock {", "stock(maxAgeSeconds: 0) {");
      erp.answerLines("stock", (item) => (item["sku"] === spoilt ? spoil(item) : item));
      const answer = await ask(live, { variables: { skus: [before, spoilt, after] } });
      expect(answer.at("products.0.stock.status")).toBe("IN_STOCK");
      expect(answer.at("products.2.stock.status")).toBe("IN_STOCK");
      expect(answer.at("products.1.stock")).toBeNull();
      expect(answer.at("products.1.price.net.amount")).toBe(`${1001 + first}.00`);
      expect(answer.errors).toHaveLength(1);
      expect(answer.codeAt("products.1.stock")).toBe("ERP_BAD_ANSWER");
    },
  );
});

test("a line that nobody asked for changes nothing", async () => {
  const { erp, ask } = scenario;
  erp.answer("price", ({ lines }, regular) => {
    const told = regular.kind === "json" ? (regular.body as { lines: Line[] }).lines : [];
    const stranger = { ...told[0], ref: "stranger", sku: "SKU-51", unitPrice: "0.01" };
    return json({ lines: [stranger, ...told].slice(0, lines.length + 1) });
  });
  const answer = await ask(query, { token: buyer("C40"), variables: { skus: ["SKU-50", "SKU-51"] } });
  expect(answer.errors).toEqual([]);
  expect(answer.at("products.0.price.net.amount")).toBe(ownPrice(40, 50));
  expect(answer.at("products.1.price.net.amount")).toBe(ownPrice(40, 51));
});
