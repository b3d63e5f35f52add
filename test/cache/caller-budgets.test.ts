import { describe, expect, test } from "vitest";
import { CallerBudgets } from "../../src/cache/caller-budgets.js";
import { anonymous, anonymousAt, type Caller } from "../../src/pricing/caller.js";
import { customerCaller } from "../support/samples.js";
import { VirtualClock } from "../support/virtual-clock.js";

function setUp(maxCallers = 100) {
  const clock = new VirtualClock();
  const charges: [string, number, number][] = [];
  const onCharge = (...charge: [string, number, number]) => charges.push(charge);
  const refusals: string[] = [];
  const onRefused = (_kind: Caller["kind"], budgetId: string) => refusals.push(budgetId);
  const budgets = new CallerBudgets({ perSecond: 1, burst: 10, maxCallers, clock, onCharge, onRefused });
  const granted = (caller: Caller, wanted: number) => budgets.budgetOf(caller)?.charge(wanted).granted;
  return { clock, budgets, charges, refusals, granted };
}

const customer = (code: string) => customerCaller(code, { budgetId: `customer:${code}` });

describe("the budgets of all callers", () => {
  test("one caller's spending leaves the others' alone, and its next request meets what it left", () => {
    const { granted } = setUp();
    expect(granted(customer("C1"), 10)).toBe(10);
    expect(granted(customer("C1"), 1)).toBe(0);
    expect(granted(customer("C2"), 3)).toBe(3);
  });

  test("fill up while nobody looks", async () => {
    const { clock, granted } = setUp();
    granted(customer("C1"), 10);
    await clock.advance(3_000);
    expect(granted(customer("C1"), 10)).toBe(3);
    await clock.advance(30 * 24 * 3_600_000);
    expect(granted(customer("C1"), 100)).toBe(10);
  });

  test("whoever has no budget is not counted", () => {
    const { budgets } = setUp();
    expect(budgets.budgetOf(anonymous)).toBeNull();
    expect(budgets.budgetOf(customerCaller("C1", { lane: "checkout", budgetId: null }))).toBeNull();
  });

  test("a caller who cost nothing takes no memory", () => {
    const { budgets } = setUp();
    budgets.budgetOf(customer("C1"));
    expect(budgets.size).toBe(0);
  });

  test("any number of addresses is remembered up to the bound, and makes no customer's spending forgotten", () => {
    const { budgets, granted } = setUp(50);
    granted(customer("C1"), 10);
    for (let address = 0; address < 10_000; address += 1)
      granted(anonymousAt(`10.0.${address >> 8}.${address & 255}`), 10);
    expect(budgets.size).toBe(51);
    expect(granted(customer("C1"), 1)).toBe(0);
  });

  test("whoever asked longest ago is forgotten first, and begins anew with a full budget", () => {
    const { granted } = setUp(2);
    granted(customer("C1"), 10);
    granted(customer("C2"), 10);
    granted(customer("C1"), 1);
    granted(customer("C3"), 10);
    expect(granted(customer("C1"), 1)).toBe(0);
    expect(granted(customer("C2"), 10)).toBe(10);
  });

  test("each charge is told by the kind of caller", () => {
    const { charges, granted } = setUp();
    granted(customer("C1"), 12);
    granted(anonymousAt("10.0.0.1"), 4);
    expect(charges).toEqual([
      ["customer", 10, 2],
      ["anonymous", 4, 0],
    ]);
  });

  test("whoever meets the end of its budget is told by name, of one caller once a minute", async () => {
    const { clock, refusals, granted } = setUp();
    granted(customer("C1"), 10);
    expect(refusals).toEqual([]);
    for (let view = 0; view < 5; view += 1) granted(customer("C1"), 1);
    granted(customer("C2"), 11);
    expect(refusals).toEqual(["customer:C1", "customer:C2"]);
    await clock.advance(59_999);
    granted(customer("C1"), 11);
    expect(refusals).toHaveLength(2);
    await clock.advance(1);
    granted(customer("C1"), 11);
    expect(refusals.slice(2)).toEqual(["customer:C1"]);
    await clock.advance(-3_600_000); // a clock that was set back does not silence it for an hour
    granted(customer("C1"), 11);
    expect(refusals).toHaveLength(4);
  });
});
