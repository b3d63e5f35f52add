import fc from "fast-check";
import { expect, test } from "vitest";
import { LocalLines } from "../../src/fleet/local-lines.js";
import { Seal } from "../../src/fleet/seal.js";
import { entryVersion, readEntry, writeEntry } from "../../src/fleet/shared-entry.js";
import type { Customer } from "../../src/pricing/customer.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Stock } from "../../src/pricing/stock.js";
import { fleetSecret } from "./replica.js";

const seal = new Seal(fleetSecret, "erp");
const head = { incarnation: "0123456789abcdef", askedAt: 1_764_000_000_123, freshMs: 57_000 };

const ladder: Required<Ladder> = {
  ...{ sku: "Ä-1", currency: "EUR", taxBasis: "NET", taxRate: "20", taxes: [{ id: "vat", rate: "20" }], unit: "pc" },
  ...{ priceUnit: "1", minimumQuantity: "1", quantityIncrement: "1", unitPrice: "123456789012345.123456" },
  ...{ tiers: [{ from: "10", unitPrice: "9.90" }], onlyQuantity: null, priceList: "L", validUntil: 1_764_000_100_000 },
};
const stock: Required<Stock> = {
  ...{ sku: "A", warehouses: [{ code: "W", available: "0.000001" }], backorder: true },
  ...{ restockDate: "2026-12-01", leadTimeDays: 3 },
};
const customer: Required<Customer> = {
  ...{ code: "C1", name: null, currency: "EUR", priceScope: "GOLD", paymentTerms: "30 days" },
  ...{ creditLimit: "5000.00", creditAvailable: "-1", blocked: false },
};

test.each([ladder, stock, customer])("an answer comes back as it was, digit for digit, with its head", (answer) => {
  const entry = writeEntry(seal, "price A", head, { kind: "found", answer });
  const { askedAt, freshMs } = head;
  expect(readEntry(seal, "price A", entry)).toEqual({ said: { kind: "found", answer }, askedAt, freshMs });
});

test("whoever gives an answer another field is reminded that older releases may read it: raise `entryVersion`, and this", () => {
  const fields = [ladder, stock, customer].map((answer) => Object.keys(answer).sort().join(" "));
  expect([entryVersion, ...fields]).toEqual([
    "1",
    "currency minimumQuantity onlyQuantity priceList priceUnit quantityIncrement sku taxBasis taxRate taxes tiers unit unitPrice validUntil",
    "backorder leadTimeDays restockDate sku warehouses",
    "blocked code creditAvailable creditLimit currency name paymentTerms priceScope",
  ]);
});

test("an entry that was altered in any byte, cut, or moved to another key or kind is no answer", () => {
  const entry = writeEntry(seal, "price A", head, { kind: "unknown", what: "sku" });
  fc.assert(
    fc.property(fc.nat(entry.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const altered = Buffer.from(entry);
      altered[at] = (altered[at] ?? 0) ^ by;
      expect(readEntry(seal, "price A", altered)).toBeNull();
      expect(readEntry(seal, "price A", entry.subarray(0, at))).toBeNull();
    }),
  );
  for (const about of ["price B", "stock A", "price A "]) expect(readEntry(seal, about, entry)).toBeNull();
  expect(readEntry(new Seal(fleetSecret, "another"), "price A", entry)).toBeNull();
});

test("what was forgotten is not read back: until the store's time is known nothing that matches, then nothing of before", () => {
  const lines = new LocalLines<string>();
  const before = lines.mark;
  lines.add((key) => key === "A");
  expect([lines.cover("A", 5_000), lines.cover("B", 5_000)]).toEqual([true, false]);
  lines.stamp(before, 1_000); // a reply to what was asked before: it says nothing
  expect(lines.cover("A", 5_000)).toBe(true);
  lines.stamp(lines.mark, 2_000);
  expect([1_999, 2_000, 2_001].map((askedAt) => lines.cover("A", askedAt))).toEqual([true, true, false]);
});

test("more than are remembered make one line through everything, also while the store is away", () => {
  const lines = new LocalLines<string>();
  for (let number = 0; number < 5_000; number++) lines.add((key) => key === String(number));
  expect(lines.cover("any", 9_000)).toBe(true);
  lines.stamp(lines.mark, 10_000);
  for (let number = 0; number < 1_500; number++) {
    lines.add((key) => key === `late ${number}`);
    lines.stamp(lines.mark, 11_000 + number);
  }
  expect([lines.cover("any", 11_400), lines.cover("any", 11_600), lines.cover("late 1499", 12_400)]).toEqual([
    true,
    false,
    true,
  ]);
});
