import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { buyer, mintToken } from "../support/graphql-client.js";
import { type Answer, json } from "../support/port-answers.js";
import { ownPrice, skus } from "./book.js";
import { createRandom, shuffled } from "./random.js";
import { type Scenario, startScenario } from "./scenario.js";

const page = "query ($skus: [ID!]!) { products(skus: $skus) { sku price { audience net { amount } } } }";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

const netOf = async (sku: string, token?: string) => {
  const options = token === undefined ? {} : { token };
  const answer = await scenario.ask(page, { ...options, variables: { skus: [sku] } });
  expect(answer.errors).toEqual([]);
  return answer.at("products.0.price.net.amount");
};

test("two customers in one price scope share what the ERP said, and each is the record's own", async () => {
  const { erp } = scenario;
  expect(await netOf("SKU-7", buyer("G1"))).toBe("707.50");
  erp.forgetCalls();
  expect(await netOf("SKU-7", buyer("G2"))).toBe("707.50");
  expect(erp.calls.map(({ kind }) => kind)).toEqual(["customer"]);
});

test("two customers without a price scope never share, and neither does the public", async () => {
  const { erp } = scenario;
  expect(await netOf("SKU-8", buyer("C1"))).toBe(ownPrice(1, 8));
  expect(await netOf("SKU-8", buyer("C2"))).toBe(ownPrice(2, 8));
  expect(await netOf("SKU-8")).toBe("1008.00");
  expect(await netOf("SKU-8", buyer("G1"))).toBe("708.50");
  const asked = erp.calls.flatMap(({ lines }) => lines.map(({ customer }) => customer));
  expect(asked).toEqual(["C1", "C2", null, "G1"]);
});

test("customers without a scope whose prices are alike are still asked for one by one", async () => {
  const { erp } = scenario;
  erp.customers.set("U2", {});
  expect(await netOf("SKU-9", buyer("U1"))).toBe("1009.00");
  expect(await netOf("SKU-9", buyer("U2"))).toBe("1009.00");
  expect(erp.count("price")).toBe(2);
});

describe("no name can stand for another's", () => {
  test("a customer whose code is the name of a price scope, or of the public, sees prices of its own", async () => {
    const { erp } = scenario;
    expect(await netOf("SKU-10", buyer("G1"))).toBe("710.50");
    expect(await netOf("SKU-10")).toBe("1010.00");
    erp.answerLines("price", (line) => ({ ...line, unitPrice: "1.11" }));
    for (const code of ["GOLD", "PUBLIC", "public", "null", "scope:GOLD", "customer:C1", "*"]) {
      erp.customers.set(code, {});
      expect([code, await netOf("SKU-10", buyer(code))]).toEqual([code, "1.11"]);
    }
  });

  test("customer and SKU cannot run into each other, whatever separator their names hold", async () => {
    const { erp } = scenario;
    erp.answerLines("price", (line) => ({
      ...line,
      status: "priced",
      currency: "EUR",
      taxBasis: "net",
      unitPrice: line["customer"] === "A" ? "1.00" : "2.00",
    }));
    erp.customers.set("A", {});
    for (const separator of [":", "|", "/", " ", ",", "::", '"', '","', "\\", "%00", "#"]) {
      const other = `A${separator}B`;
      erp.customers.set(other, {});
      expect([separator, await netOf(`B${separator}C`, buyer("A"))]).toEqual([separator, "1.00"]);
      expect([separator, await netOf("C", buyer(other))]).toEqual([separator, "2.00"]);
    }
  });
});

test("in a crossfire of 41 callers with shuffled, mixed and late answers everybody sees the book's price", async () => {
  const { erp, ask } = scenario;
  const random = createRandom(20_261_124);
  erp.answer("price", async (_call, regular) => {
    const late = Math.floor(random() * 4);
    for (let turn = 0; turn < late; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return shuffleLines(regular, random);
  });
  const visit = async (): Promise<string[]> => {
    const customer = Math.floor(random() * 41);
    const asked = shuffled(skus(60), random).slice(0, 12);
    const options = customer === 0 ? {} : { token: buyer(`C${customer}`) };
    const answer = await ask(page, { ...options, variables: { skus: asked } });
    return asked.flatMap((sku, index) => {
      const number = Number(sku.slice(4));
      const expected = customer === 0 ? `${1000 + number}.00` : ownPrice(customer, number);
      const seen = answer.at(`products.${index}.price.net.amount`);
      return seen === expected ? [] : [`C${customer} ${sku}: ${String(seen)} instead of ${expected}`];
    });
  };
  const walk = async (): Promise<string[]> => {
    const wrong: string[] = [];
    for (let visits = 0; visits < 15; visits += 1) wrong.push(...(await visit()));
    return wrong;
  };
  const walks = await Promise.all(Array.from({ length: 30 }, walk));
  expect(walks.flat()).toEqual([]);
  // Calls did mix customers, or the matching of answers would not have been tried.
  expect(erp.calls.some(({ lines }) => new Set(lines.map(({ customer }) => customer)).size > 1)).toBe(true);
});

function shuffleLines(regular: Answer, random: () => number): Answer {
  if (regular.kind !== "json") return regular;
  const { lines } = regular.body as { lines: unknown[] };
  return json({ lines: shuffled(lines, random) });
}

describe("a customer that the ERP moves to other terms while its record is still in memory", () => {
  const moved = { unitPrice: "5.00", taxRate: "20", tiers: [] };

  test("is priced in its own name where the ERP echoes the scope, and those it left keep their price", async () => {
    const { erp } = scenario;
    erp.customers.set("G1", { priceScope: "GOLD" });
    expect(await netOf("SKU-10", buyer("G1"))).toBe("710.50");
    erp.customers.set("G1", {});
    for (const sku of ["SKU-11", "SKU-12"]) erp.prices.set(`G1|${sku}`, moved);
    erp.answerLines("price", (line) => ({ ...line, priceScope: line["customer"] === "G1" ? null : "GOLD" }));
    expect(await netOf("SKU-11", buyer("G1"))).toBe("5.00");
    expect(await netOf("SKU-11", buyer("G2"))).toBe("711.50");
  });

  test("is priced at the order by the ERP's word of now, and those it left keep their price, echo or none", async () => {
    expect(await netOf("SKU-12", buyer("G1", "checkout"))).toBe("5.00");
    expect(await netOf("SKU-12", buyer("G2"))).toBe("712.50");
  });
});

describe("once the record of a customer that was moved is read anew", () => {
  const invalidator = mintToken({ scope: "invalidate" });
  const forgetRecord = 'mutation { invalidate(input: { customers: ["G1"], kinds: [CUSTOMER] }) { forgotten } }';

  test.each([
    ["because it was no longer fresh", async () => {}],
    [
      "because it was forgotten",
      async (own: Scenario) => {
        const { data } = await own.ask(forgetRecord, { token: invalidator });
        expect(data).toEqual({ invalidate: { forgotten: 1 } });
      },
    ],
  ])("%s, what was asked in its name is forgotten for those it left", async (_why, forget) => {
    const own = await startScenario({ CUSTOMER_FRESH_SECONDS: "1", CUSTOMER_STALE_SECONDS: "1" });
    const net = async (token: string) => {
      const { data } = await own.ask(page, { token, variables: { skus: ["SKU-20"] } });
      return (data as { products: { price: { net: { amount: string } } }[] }).products[0]?.price.net.amount;
    };
    await own.ask("{ viewer { customer { code } } }", { token: buyer("G1") });
    own.erp.prices.set("G1|SKU-20", { unitPrice: "5.00", taxRate: "20", tiers: [] });
    own.erp.customers.set("G1", {});
    expect(await net(buyer("G1"))).toBe("5.00");
    await forget(own);
    await eventually("G1's record is read anew", async () => {
      await net(buyer("G1"));
      return own.erp.count("customer") > 1;
    });
    expect(await net(buyer("G2"))).toBe("720.50");
    await own.stop();
  });
});
