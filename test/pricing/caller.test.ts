import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anonymousAt, budgetIdOf } from "../../src/pricing/caller.js";
import { verifiedCustomer } from "../../src/pricing/keys.js";

const machine = (issuer: string, kid: string) => budgetIdOf({ customer: null, lane: "storefront" }, issuer, kid);
const customer = (code: string, issuer = "shop", kid = "shop-1") =>
  budgetIdOf({ customer: verifiedCustomer(code), lane: "storefront" }, issuer, kid);

describe("whose budget pays", () => {
  test("a customer has one, whichever shop signed", () => {
    expect(customer("C1", "a", "k1")).toBe(customer("C1", "b", "k2"));
    expect(customer("C1")).not.toBe(customer("C2"));
  });

  test("a machine has one for each issuer and key", () => {
    const ids = [machine("a", "k"), machine("a", "l"), machine("b", "k"), machine("", "k")];
    expect(new Set(ids).size).toBe(4);
  });

  test("in the lanes checkout and feed nobody counts", () => {
    for (const lane of ["checkout", "feed"] as const) {
      expect(budgetIdOf({ customer: verifiedCustomer("C1"), lane }, "shop", "shop-1")).toBeNull();
      expect(budgetIdOf({ customer: null, lane }, "shop", "shop-1")).toBeNull();
    }
  });

  test("ids of different kinds are never alike, nor machines whose issuers and keys run into each other", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom("1.2.3.4", "address:1.2.3.4", "customer:C1", "machine:1:ab", ":"),
    );
    fc.assert(
      fc.property(text, text, text, (one, other, third) => {
        const ids = [customer(one), anonymousAt(one).budgetId, machine(one, other), machine(other, third)];
        expect(new Set(ids.slice(0, 3)).size).toBe(3);
        if (one !== other || other !== third) expect(ids[2]).not.toBe(ids[3]);
      }),
    );
    expect(machine("1", "1:a")).not.toBe(machine("11", ":a"));
    expect(machine("ab", "c")).not.toBe(machine("a", "bc"));
  });

  test("an issuer of thousands of characters takes no more memory than others", () => {
    expect(machine("x".repeat(8_000), "k")?.length).toBeLessThan(300);
  });
});
