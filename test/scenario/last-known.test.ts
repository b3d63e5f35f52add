import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { buyer, type GraphQLAnswer, mintToken } from "../support/graphql-client.js";
import { problem } from "../support/port-answers.js";
import { type Scenario, startScenario } from "./scenario.js";

const priceQuery = `query ($age: Int) { product(sku: "SKU-1") {
  price(maxAgeSeconds: $age) { net { amount } freshness { source staleReason computedAt freshUntil ageSeconds } }
} }`;
const stockQuery = `{ product(sku: "SKU-1") { stock { status freshness { source staleReason ageSeconds } } } }`;
const checkout = mintToken({ scope: "checkout" });

/** With short windows and an ERP of its own, since the tests run side by side. */
async function inScenario(run: (scenario: Scenario) => Promise<void>): Promise<void> {
  const scenario = await startScenario({
    PRICE_FRESH_SECONDS: "1",
    PRICE_STALE_SECONDS: "4",
    STOCK_FRESH_SECONDS: "1",
    STOCK_STALE_SECONDS: "3",
    CUSTOMER_FRESH_SECONDS: "1",
  });
  try {
    await run(scenario);
  } finally {
    await scenario.stop();
  }
}

/** Asks again and again until the answer is one that was waited for. */
const askUntil = (what: string, ask: () => Promise<GraphQLAnswer>, is: (answer: GraphQLAnswer) => boolean) =>
  eventually(what, async () => {
    const answer = await ask();
    return is(answer) && answer;
  });

describe.concurrent("past the fresh window, with the ERP ill,", () => {
  test("a price is served with its age and the reason, but not to the checkout, nor past maxAgeSeconds or the hard bound", () =>
    inScenario(async ({ erp, ask }) => {
      const first = await ask(priceQuery);
      const computedAt = first.at("product.price.freshness.computedAt");
      expect(first.at("product.price.freshness.staleReason")).toBeNull();
      erp.answer("price", () => problem(500));
      const labels = new Set<string>();
      const ages: number[] = [];
      const look = async () => {
        const answer = await ask(priceQuery);
        if (answer.at("product.price") === null) return answer;
        const { source, staleReason } = answer.at("product.price.freshness") as Record<string, string>;
        labels.add(`${source} ${staleReason}`);
        ages.push(Number(answer.at("product.price.freshness.ageSeconds")));
        expect(answer.errors).toEqual([]);
        expect(answer.at("product.price.net.amount")).toBe("1001.00");
        expect(answer.at("product.price.freshness.computedAt")).toBe(computedAt);
        return answer;
      };
      await askUntil("the ERP's failure is the reason", look, () => labels.has("LAST_KNOWN ERP_UNAVAILABLE"));
      const live = await ask(priceQuery, { token: checkout });
      expect([live.at("product.price"), live.codeAt("product.price")]).toEqual([null, "ERP_UNAVAILABLE"]);

      await askUntil("the price is older than 2 s", look, () => Number(ages.at(-1)) > 2);
      const bounded = await ask(priceQuery, { variables: { age: 2 } });
      expect([bounded.at("product.price"), bounded.codeAt("product.price")]).toEqual([null, "ERP_UNAVAILABLE"]);

      const gone = await askUntil("no price any more", look, (answer) => answer.at("product.price") === null);
      expect(gone.codeAt("product.price")).toBe("ERP_UNAVAILABLE");
      expect(Number(ages.at(-1))).toBeGreaterThan(3);
      expect(Number(ages.at(-1))).toBeLessThanOrEqual(4.1);
      const honest = ["CACHE null", "LAST_KNOWN REVALIDATING", "LAST_KNOWN ERP_UNAVAILABLE"];
      expect([...labels].filter((label) => !honest.includes(label))).toEqual([]);
    }));

  test("a price is the ERP's own again once the ERP is well", () =>
    inScenario(async ({ erp, ask }) => {
      const computedAt = (await ask(priceQuery)).at("product.price.freshness.computedAt");
      erp.answer("price", () => problem(500));
      const isLastKnown = (answer: GraphQLAnswer) => answer.at("product.price.freshness.source") === "LAST_KNOWN";
      await askUntil("the last known price", () => ask(priceQuery), isLastKnown);
      erp.behave();
      const back = await askUntil(
        "a new answer",
        () => ask(priceQuery),
        (answer) => answer.at("product.price.freshness.computedAt") !== computedAt,
      );
      expect(back.at("product.price.freshness.staleReason")).toBeNull();
    }));

  test("stock is served labelled, up to a hard bound of its own", () =>
    inScenario(async ({ erp, ask }) => {
      expect((await ask(stockQuery)).at("product.stock.freshness.source")).toBe("ERP");
      erp.answer("stock", () => problem(503));
      const stale = await askUntil(
        "the ERP's failure is the reason",
        () => ask(stockQuery),
        (answer) => answer.at("product.stock.freshness.staleReason") === "ERP_OVERLOADED",
      );
      expect(stale.at("product.stock")).toMatchObject({ status: "IN_STOCK", freshness: { source: "LAST_KNOWN" } });
      const gone = await askUntil(
        "no stock any more",
        () => ask(stockQuery),
        (answer) => answer.at("product.stock") === null,
      );
      expect(["ERP_OVERLOADED", "ERP_UNAVAILABLE"]).toContain(gone.codeAt("product.stock"));
    }));

  test("a customer keeps the last known record, and with it the prices of its own", () =>
    inScenario(async ({ erp, ask }) => {
      const token = buyer("C1");
      await ask(priceQuery, { token });
      erp.answer("customer", () => problem(500));
      const record = "{ viewer { customer { code freshness { source } } } }";
      await askUntil(
        "the record is a last known one",
        () => ask(record, { token }),
        (answer) => answer.at("viewer.customer.freshness.source") === "LAST_KNOWN",
      );
      const answer = await ask(priceQuery, { token, variables: { age: 0 } });
      expect(answer.at("product.price.net.amount")).toBe("101.15");
    }));
});

describe.concurrent("when the ERP's mind changes", () => {
  test("an ERP that is well is asked once past the fresh window, and never serves what is older than the hard bound", () =>
    inScenario(async ({ erp, ask }) => {
      await ask(priceQuery);
      erp.prices.set("|SKU-1", { unitPrice: "1.00", tiers: [] });
      await askUntil(
        "the new price is seen",
        () => ask(priceQuery),
        (answer) => answer.at("product.price.net.amount") === "1.00",
      );
      expect(erp.count("price")).toBe(2);
    }));

  test("a customer that is moved to another price scope leaves the prices of the old one at once", () =>
    inScenario(async ({ erp, ask }) => {
      const token = buyer("G1");
      expect((await ask(priceQuery, { token })).at("product.price.net.amount")).toBe("701.50");
      erp.customers.set("G1", { priceScope: "SILVER" });
      erp.prices.set("SILVER|SKU-1", { unitPrice: "650.00", tiers: [] });
      await askUntil(
        "the new scope's price is seen",
        () => ask(priceQuery, { token }),
        (answer) => answer.at("product.price.net.amount") === "650.00",
      );
      for (let view = 0; view < 5; view += 1) {
        expect((await ask(priceQuery, { token })).at("product.price.net.amount")).toBe("650.00");
      }
    }));
});
