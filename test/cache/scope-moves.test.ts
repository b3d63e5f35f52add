import { expect, test } from "vitest";
import { ScopeMoves } from "../../src/cache/scope-moves.js";
import { ErpTimeout } from "../../src/errors.js";
import { createCustomerKey, verifiedCustomer } from "../../src/pricing/keys.js";
import { failed } from "../../src/pricing/source.js";
import { customerOf, foundAt, unknownAt } from "../support/samples.js";

function setUp(maxCustomers = 10) {
  const moved: string[] = [];
  const moves = new ScopeMoves(maxCustomers, (customer) => moved.push(customer));
  const keyOf = (code: string) => createCustomerKey(verifiedCustomer(code));
  const read = (code: string, priceScope: string | null) =>
    moves.onRecord(keyOf(code), foundAt(customerOf({ code, priceScope }), 0));
  return { moved, moves, keyOf, read };
}

test("a customer that left its price scope is told once, whether for another one or for prices of its own", () => {
  const { moved, read } = setUp();
  for (const scope of ["GOLD", "GOLD", "SILVER", "SILVER", null, null]) read("C1", scope);
  expect(moved).toEqual(["C1", "C1"]);
});

test("nobody is told of who is read for the first time, or had prices of its own", () => {
  const { moved, read } = setUp();
  for (const [code, scope] of [
    ["C1", "GOLD"],
    ["C2", null],
    ["C2", "GOLD"],
  ] as const)
    read(code, scope);
  expect(moved).toEqual([]);
});

test("a failure and the ERP's word that it knows no such customer change nothing of what is remembered", () => {
  const { moved, moves, keyOf, read } = setUp();
  read("C1", "GOLD");
  moves.onRecord(keyOf("C1"), failed(new ErpTimeout("late")));
  moves.onRecord(keyOf("C1"), unknownAt(0, "customer"));
  read("C1", null);
  expect(moved).toEqual(["C1"]);
});

test("no more customers are remembered than it was made for", () => {
  const { moved, read } = setUp(2);
  for (const code of ["C1", "C2", "C3"]) read(code, "GOLD");
  for (const code of ["C1", "C3"]) read(code, "SILVER");
  expect(moved).toEqual(["C3"]);
});
