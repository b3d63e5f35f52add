import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JournalEntry } from "../../src/feed/journal-entry.js";
import { JournalSlots } from "../../src/feed/journal-slots.js";
import type { PriceHistory } from "../../src/feed/price-history.js";

const digest = fc.option(fc.integer({ min: 0, max: 2 ** 48 - 1 }));
const net = fc.constantFrom("1", "12.50", "0.000001", "999999999999999");
const history: fc.Arbitrary<PriceHistory> = fc.record({
  currency: fc.constantFrom("EUR", "CHF"),
  measure: fc.constantFrom("1 ", "1 PCE", "100 PCE"),
  since: fc.integer({ min: 0, max: 2 ** 45 }),
  saidAt: fc.double({ min: 0, max: 2 ** 45, noNaN: true }).map(Math.abs), // clocks of a process tell fractions
  prices: fc.oneof(
    net.map((only) => [{ net: only, until: null }]),
    fc.array(fc.record({ net, until: fc.option(fc.nat()) }), { minLength: 1, maxLength: 3 }),
  ),
  prior: fc.option(net, { freq: 1 }),
});
const entry = (sku: string): fc.Arbitrary<JournalEntry> =>
  fc.record({
    sku: fc.constant(sku),
    changed: fc.nat(),
    price: digest,
    stock: digest,
    histories: fc.array(history, { maxLength: 2 }),
  });
const act = fc
  .integer({ min: 0, max: 12 })
  .chain((sku) => fc.record({ kind: fc.constantFrom("put", "delete", "move"), entry: entry(`S-${sku}`) }));

/** A map does the same with an object for each: its order is that of insertion. */
function actOnMap(model: Map<string, JournalEntry>, kind: string, given: JournalEntry): void {
  const before = model.get(given.sku);
  if (kind === "put") model.set(given.sku, before === undefined ? given : { ...given, sku: before.sku });
  if (kind === "delete") model.delete(given.sku);
  if (kind !== "move" || before === undefined) return;
  model.delete(given.sku);
  model.set(given.sku, before);
}

function actOnSlots(slots: JournalSlots, kind: string, given: JournalEntry): void {
  const slot = slots.find(given.sku);
  if (slot === 0) {
    if (kind === "put") slots.add(given);
  } else if (kind === "delete") slots.delete(slot);
  else if (kind === "move") slots.moveBehindAll(slot);
  else {
    slots.setChanged(slot, given.changed);
    slots.setDigest(slot, "price", given.price);
    slots.setDigest(slot, "stock", given.stock);
    slots.setHistories(slot, given.histories);
  }
}

describe("the slots of a journal", () => {
  test("hold what a map of entries would, in its order", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const [slots, model] = [new JournalSlots(), new Map<string, JournalEntry>()];
        for (const { kind, entry: given } of acts) {
          actOnMap(model, kind, given);
          actOnSlots(slots, kind, given);
          expect(slots.size).toBe(model.size);
        }
        const skus = [...slots.inOrder()].map((slot) => slots.skuAt(slot));
        expect(skus).toEqual([...model.keys()]);
        expect(skus.map((sku) => slots.entryOf(sku))).toEqual([...model.values()]);
        expect(slots.first === 0 ? undefined : slots.skuAt(slots.first)).toBe(skus[0]);
      }),
    );
  });

  test("grow with what they hold, and use again what was freed", () => {
    const slots = new JournalSlots();
    const entryAt = (index: number): JournalEntry => {
      const prices = [{ net: `${index}.5`, until: null }];
      const only = { currency: "EUR", measure: "1 ", since: index, saidAt: index + 0.25, prices, prior: null };
      return { sku: `S-${index}`, changed: index, price: index, stock: null, histories: [only] };
    };
    const entries = Array.from({ length: 5_000 }, (_, index) => entryAt(index));
    for (const each of entries) slots.add(each);
    for (let index = 0; index < 2_000; index++) slots.delete(slots.first);
    for (const each of entries.slice(0, 2_000)) slots.add(each);
    const expected = [...entries.slice(2_000), ...entries.slice(0, 2_000)];
    expect([...slots.inOrder()].map((slot) => slots.entryOf(slots.skuAt(slot)))).toEqual(expected);
    expect(Math.max(...slots.inOrder())).toBe(5_000);
  });
});
