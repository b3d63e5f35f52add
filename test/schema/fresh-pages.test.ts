import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anonymous } from "../../src/pricing/caller.js";
import { customerCaller } from "../support/samples.js";
import { createFreshWorld } from "./fresh-world.js";

const callers = [
  anonymous,
  customerCaller("C1"),
  customerCaller("C2"),
  customerCaller("G1"),
  customerCaller("G2", { scopes: new Set(["storefront", "ops"]) }),
  customerCaller("C1", { lane: "feed" }),
];

const documents: [string, string, string, string, string] = [
  "query ($skus: [ID!]!) { products(skus: $skus) { sku price { net { amount } priceList } stock { status available } } }",
  "query ($skus: [ID!]!) { products(skus: $skus) { price { freshness { source ageSeconds } net { amount } } publicPrice { gross { amount } } } }",
  `query ($skus: [ID!]!, $quantity: Decimal = "2", $age: Int) { products(skus: $skus) {
    price(quantity: $quantity, maxAgeSeconds: $age) { quantity net { amount } freshness { ageSeconds computedAt } }
    sku stock(warehouses: ["MAIN"]) { available freshness { freshUntil ageSeconds staleReason } } } }`,
  "query ($skus: [ID!]!) { products(skus: $skus) { __typename stock { status freshness { ageSeconds } } } }",
  "query ($skus: [ID!]!) { products(skus: $skus) { publicPrice { net { amount } freshness { ageSeconds } } code: sku } }",
];

const question = fc.record({
  document: fc.nat(documents.length - 1),
  caller: fc.nat(callers.length - 1),
  skus: fc.array(fc.constantFrom("A", "BB", "CCC", "?P", "?S"), { minLength: 1, maxLength: 5 }),
  quantity: fc.constantFrom("1", "3", "3.0"),
  age: fc.constantFrom(null, 20),
  waitMs: fc.constantFrom(0, 0, 1, 999, 25_000),
  event: fc.constantFrom("none", "none", "none", "rise", "forget A", "forget all"),
});

describe("a page that memory alone answers", () => {
  test("is to the last character what graphql-js answers at that instant to that caller, after whatever was shown to others", async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(question, { minLength: 30, maxLength: 45 }), async (questions) => {
        const world = createFreshWorld();
        const askers = documents.map((document) => world.createAsker(document));
        for (const { document, caller, skus, quantity, age, waitMs, event } of questions) {
          await world.clock.advance(waitMs);
          if (event === "rise") world.erp.rise += 1;
          if (event === "forget A") world.priceCache.forget(({ sku }) => sku === "A", { sku: new Set(["A"]) });
          if (event === "forget all") world.stockCache.forget(() => true, "everything");
          const asker = askers[document];
          const who = callers[caller];
          if (asker === undefined || who === undefined) throw new Error("no such document or caller");
          const variables = document === 2 ? { skus, quantity, age } : { skus };
          const readsBefore = world.reads;
          const noted: Record<"fresh" | "executed", number[]> = { fresh: [], executed: [] };
          const text = asker.writeFresh(who, variables, (until) => noted.fresh.push(until));
          expect(world.reads).toBe(readsBefore);
          const { data, errors } = await asker.execute(who, variables, (until) => noted.executed.push(until));
          if (text === null) await asker.prove(who, variables);
          else {
            written++;
            expect(world.reads).toBe(readsBefore);
            expect(errors).toBeUndefined();
            expect(text).toBe(JSON.stringify(data));
            expect(noted.fresh).toEqual([Math.min(...noted.executed)]);
          }
        }
      }),
      { numRuns: 50 },
    );
    expect(written).toBeGreaterThan(200);
  });

  test.each([
    [
      "is not proven yet",
      async (world: World) => void (await world.createAsker(documents[0]).execute(anonymous, list)),
    ],
    [
      "holds an SKU that memory does not know",
      (world: World) => void world.priceCache.forget(({ sku }) => sku === "BB", { sku: new Set(["BB"]) }),
    ],
    ["is no longer fresh", (world: World) => world.clock.advance(60_000)],
  ])("is none where the page %s", async (what, spoil) => {
    const world = createFreshWorld();
    const asker = world.createAsker(documents[0]);
    if (what !== "is not proven yet") {
      expect(await asker.prove(anonymous, list)).toBe(true);
      expect(asker.writeFresh(anonymous, list)).not.toBeNull();
    }
    await spoil(world);
    expect(asker.writeFresh(anonymous, list)).toBeNull();
  });

  test("is none for an order, which is answered live", async () => {
    const world = createFreshWorld();
    const asker = world.createAsker(documents[0]);
    await asker.prove(customerCaller("C1"), list);
    expect(asker.writeFresh(customerCaller("C1"), list)).not.toBeNull();
    expect(asker.writeFresh(customerCaller("C1", { lane: "checkout" }), list)).toBeNull();
  });

  test("is answered by single quantities, too, where the ERP tells no ladders, and by none of another quantity", async () => {
    const world = createFreshWorld();
    world.erp.tellsLadders = false;
    const asker = world.createAsker(documents[2]);
    await asker.prove(anonymous, { skus: ["A"], quantity: "3" });
    expect(asker.writeFresh(anonymous, { skus: ["A"], quantity: "3.0" })).toContain('"quantity":"3.0"');
    expect(asker.writeFresh(anonymous, { skus: ["A"], quantity: "4" })).toBeNull();
    await asker.prove(anonymous, { skus: ["A"], quantity: "4" });
    expect(asker.writeFresh(anonymous, { skus: ["A"], quantity: "4" })).toContain('"quantity":"4"');
    expect(asker.writeFresh(anonymous, { skus: ["A"], quantity: "3" })).toContain('"quantity":"3"');
  });

  test("asks the ERP nothing however many quantities were asked of one document", async () => {
    const world = createFreshWorld();
    const asker = world.createAsker(documents[2]);
    await asker.prove(anonymous, { skus: ["A"] });
    const readsBefore = world.reads;
    for (let quantity = 1; quantity <= 250; quantity++) {
      const text = asker.writeFresh(anonymous, { skus: ["A"], quantity: `${quantity}` });
      expect(JSON.parse(text ?? "").products[0].price.quantity).toBe(`${quantity}`);
    }
    expect(world.reads).toBe(readsBefore);
  });
});

type World = ReturnType<typeof createFreshWorld>;
const list = { skus: ["A", "BB"] };
