import { describe, expect, test } from "vitest";
import { maxNames } from "../../schema/invalidation.args.js";
import { anonymous, type Caller } from "../../src/pricing/caller.js";
import type { Invalidation } from "../../src/pricing/invalidation.js";
import { ask, now } from "./request.js";

const mutation = "mutation ($input: InvalidateInput!) { invalidate(input: $input) { forgotten at unconfirmed } }";
const machine: Caller = {
  kind: "machine",
  customer: null,
  budgetId: null,
  lane: "storefront",
  scopes: new Set(["invalidate"]),
};

async function invalidate(input: unknown, caller: Caller = machine) {
  const told: Invalidation[] = [];
  const forget = async (invalidation: Invalidation) => {
    told.push(invalidation);
    return { forgotten: 7, at: now, unconfirmed: ["replica-2"] };
  };
  const { data, errors } = await ask(mutation, { caller, forget, variables: { input } });
  return { data, told, error: errors?.[0]?.originalError ?? errors?.[0] };
}

describe("invalidate", () => {
  test("forgets what the lists name, and tells how much, when, and who did not confirm", async () => {
    const { data, told } = await invalidate({ skus: ["A", "B", "A"], kinds: ["PRICE", "STOCK"] });
    expect(data).toEqual({ invalidate: { forgotten: 7, at: "2026-11-24T09:30:00.000Z", unconfirmed: ["replica-2"] } });
    expect(told).toEqual([
      {
        skus: new Set(["A", "B"]),
        kinds: new Set(["price", "stock"]),
        customers: null,
        priceScopes: null,
        reachesTheirScopes: true,
      },
    ]);
  });

  test("takes an explicit null for an absent list, and with `all` needs none", async () => {
    const { told } = await invalidate({ skus: null, customers: null, priceScopes: null, kinds: null, all: true });
    expect(told).toMatchObject([{ skus: null, customers: null, priceScopes: null, kinds: null }]);
    expect((await invalidate({ priceScopes: ["GOLD"], all: false })).told).toMatchObject([
      { priceScopes: new Set(["GOLD"]) },
    ]);
  });

  test("needs the scope `invalidate`, and forgets nothing without it, however wrong the input", async () => {
    for (const caller of [anonymous, { ...machine, scopes: new Set(["checkout", "feed", "ops"]) }]) {
      const { told, error } = await invalidate({}, caller);
      expect(error).toMatchObject({ code: "FORBIDDEN" });
      expect(told).toEqual([]);
    }
  });

  test.each([
    ["nothing", {}],
    ["nothing but nulls", { skus: null, all: null }],
    ["nothing but `all: false`", { all: false }],
    ["an empty list", { skus: [] }],
    ["an empty list beside `all`", { kinds: [], all: true }],
    ["an empty name", { customers: [""] }],
    ["a name with a line break", { priceScopes: ["GO\nLD"] }],
    ["too long a name", { skus: ["A".repeat(201)] }],
    ["too many names", { skus: Array.from({ length: maxNames + 1 }, (_, number) => `S${number}`) }],
  ])("refuses %s, and forgets nothing", async (_what, input) => {
    const { told, error } = await invalidate(input);
    expect(error).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(told).toEqual([]);
  });

  test("takes as many names as one list may hold", async () => {
    const { told } = await invalidate({ skus: Array.from({ length: maxNames }, (_, number) => `S${number}`) });
    expect(told[0]?.skus?.size).toBe(10_000);
  });
});
