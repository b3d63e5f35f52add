import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { html, json, raw } from "../support/port-answers.js";
import { skus } from "./book.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount } } stock { status } } }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

const bodies = [
  ["text that is not JSON", raw("price: 12.50", "text/plain")],
  ["a page of HTML", html],
  ["JSON cut short", raw('{"lines":[{"ref":"0","customer":nul')],
  ["nothing", raw("")],
  ["a list", json([])],
  ["null", raw("null")],
  ["an object without its list", json({ rows: [] })],
  ["a list that is null", json({ lines: null, items: null })],
  ["a list that is a text", json({ lines: "none", items: "none" })],
  ["an empty list", json({ lines: [], items: [] })],
] as const;

test.each(bodies.map(([what, answer], index) => [what, answer, index * 4 + 1] as const))(
  "where the ERP's price answer is %s, every price of it is ERP_BAD_ANSWER and stock stands",
  async (_what, body, first) => {
    scenario.erp.answer("price", () => body);
    const answer = await scenario.ask(query, { variables: { skus: skus(2, first) } });
    expect(answer.errors.map(({ path }) => path?.join("."))).toEqual(["products.0.price", "products.1.price"]);
    expect(answer.errorAt("products.1.price")).toEqual({ code: "ERP_BAD_ANSWER", retryAfterSeconds: undefined });
    expect(answer.at("products.0")).toEqual({ sku: `SKU-${first}`, price: null, stock: { status: "IN_STOCK" } });
  },
);

test.each(bodies.map(([what, answer], index) => [what, answer, index * 4 + 3] as const))(
  "where the ERP's stock answer is %s, every stock of it is ERP_BAD_ANSWER and prices stand",
  async (_what, body, first) => {
    scenario.erp.answer("stock", () => body);
    const answer = await scenario.ask(query, { variables: { skus: skus(2, first) } });
    expect(answer.codes).toEqual(["ERP_BAD_ANSWER", "ERP_BAD_ANSWER"]);
    expect(answer.codeAt("products.1.stock")).toBe("ERP_BAD_ANSWER");
    expect(answer.at("products.0.price.net.amount")).toBe(`${1000 + first}.00`);
  },
);

test("bad answers, however many in a row, do not stop the ERP from being asked", async () => {
  const { erp, ask } = scenario;
  erp.answer("price", () => html);
  const one = "query ($sku: ID!) { product(sku: $sku) { price { net { amount } } } }";
  for (let view = 41; view <= 50; view += 1) {
    const answer = await ask(one, { variables: { sku: `SKU-${view}` } });
    expect(answer.codes).toEqual(["ERP_BAD_ANSWER"]);
  }
  expect(erp.count("price")).toBe(10);
});
