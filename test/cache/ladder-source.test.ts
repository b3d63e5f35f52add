import { describe, expect, test } from "vitest";
import { LadderSource } from "../../src/cache/ladder-source.js";
import { ErpTimeout } from "../../src/errors.js";
import type { PriceKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import { failed, type Outcome } from "../../src/pricing/source.js";
import { RecordingSource } from "../support/fake-source.js";
import { askAt, foundAt, ladderOf, priceKeyOf, unknownAt } from "../support/samples.js";

const ask = askAt(0);

/** An ERP that tells whole ladders, or the price at the asked quantity alone. */
function setUp(tells: "ladders" | "quantities") {
  const tell = { quantities: tells === "quantities" };
  const inner = new RecordingSource<PriceKey, Ladder>(({ sku, quantity }) =>
    foundAt(ladderOf({ sku, onlyQuantity: tell.quantities ? quantity : null, unitPrice: `${quantity}.50` }), 0),
  );
  const asked = () =>
    inner.asked.map(({ keys }) => keys.map((key) => `${key.sku} ${key.exactQuantity ? key.quantity : "all"}`));
  return { tell, inner, asked, source: new LadderSource(inner) };
}

function keysFor(sku: string, ...quantities: string[]): PriceKey[] {
  return quantities.map((quantity) => priceKeyOf({ sku, quantity }));
}

function pricesOf(outcomes: readonly Outcome<Ladder>[]): string[] {
  return outcomes.map((outcome) => (outcome.kind === "found" ? outcome.answer.unitPrice : outcome.kind));
}

describe("what is last known of a ladder", () => {
  const kept = (parts: Parameters<typeof ladderOf>[0]) => foundAt(ladderOf({ sku: "A", ...parts }), 0);

  test("answers every quantity where it is whole", () => {
    const { inner, source } = setUp("ladders");
    inner.kept.set(priceKeyOf({ sku: "A" }).id, kept({ unitPrice: "7" }));
    expect(source.lastKnown(priceKeyOf({ sku: "A", quantity: "100", exactQuantity: true }))?.answer.unitPrice).toBe(
      "7",
    );
  });

  test("answers its own quantity alone where it is for one", () => {
    const { inner, source } = setUp("quantities");
    const five = priceKeyOf({ sku: "A", quantity: "5", exactQuantity: true });
    inner.kept.set(priceKeyOf({ sku: "A" }).id, kept({ unitPrice: "7", onlyQuantity: "1" }));
    expect(source.lastKnown(five)).toBeNull();
    inner.kept.set(five.id, kept({ unitPrice: "6", onlyQuantity: "5" }));
    expect(source.lastKnown(five)?.answer.unitPrice).toBe("6");
    expect(source.lastKnown({ ...five, quantity: "1" })?.answer.unitPrice).toBe("7");
  });
});

describe("ladders over the cache", () => {
  test("an ERP that tells whole ladders is asked once an SKU, whatever the quantities", async () => {
    const { asked, source } = setUp("ladders");
    const outcomes = await source.readMany([...keysFor("A", "1", "10", "100"), ...keysFor("B", "5")], ask);
    expect(asked()).toEqual([["A all", "B all"]]);
    expect(outcomes).toHaveLength(4);
    expect(outcomes.map((outcome) => outcome.kind === "found" && outcome.answer.sku)).toEqual(["A", "A", "A", "B"]);
  });

  test("where one quantity alone was told, the others are asked after it, and each gets its own", async () => {
    const { asked, source } = setUp("quantities");
    const outcomes = await source.readMany([...keysFor("A", "1", "10", "1"), ...keysFor("B", "5")], ask);
    expect(pricesOf(outcomes)).toEqual(["1.50", "10.50", "1.50", "5.50"]);
    expect(asked()).toEqual([["A all", "B all"], ["A 10"]]);
  });

  test("from then on each quantity is a question of its own, in one go, and what was told first is not asked anew", async () => {
    const { inner, asked, source } = setUp("quantities");
    await source.readMany(keysFor("A", "1"), ask);
    const outcomes = await source.readMany(keysFor("A", "1", "10"), ask);
    expect(pricesOf(outcomes)).toEqual(["1.50", "10.50"]);
    expect(asked().slice(1)).toEqual([["A all", "A 10"]]);
    expect(inner.asked.at(-1)?.keys.map(({ quantity }) => quantity)).toEqual(["1", "10"]);
  });

  test("once a whole ladder is seen again, one question serves all quantities again", async () => {
    const { tell, asked, source } = setUp("quantities");
    await source.readMany(keysFor("A", "1"), ask);
    tell.quantities = false;
    await source.readMany(keysFor("A", "1", "10"), ask);
    await source.readMany(keysFor("A", "1", "10"), ask);
    expect(asked()).toEqual([["A all"], ["A all", "A 10"], ["A all"]]);
  });

  test("an ERP that tells ladders for some SKUs and not for others gives each question its own price", async () => {
    const { inner, source } = setUp("ladders");
    inner.outcomeOf = ({ sku, quantity }) =>
      foundAt(ladderOf({ sku, unitPrice: `${quantity}.50`, onlyQuantity: sku === "A" ? quantity : null }), 0);
    for (let round = 0; round < 3; round++) {
      const outcomes = await source.readMany([...keysFor("A", "3", "7"), ...keysFor("B", "2")], ask);
      expect(pricesOf(outcomes)).toEqual(["3.50", "7.50", "2.50"]);
    }
  });

  test("what one SKU lacks is not held against another", async () => {
    const { inner, asked, source } = setUp("ladders");
    inner.outcomeOf = ({ sku, quantity }) =>
      foundAt(ladderOf({ sku, unitPrice: `${quantity}.50`, onlyQuantity: sku === "A" ? quantity : null }), 0);
    await source.readMany([...keysFor("A", "1"), ...keysFor("B", "1")], ask);
    await source.readMany([...keysFor("A", "1", "5"), ...keysFor("B", "1", "5")], ask);
    expect(asked()).toEqual([
      ["A all", "B all"],
      ["A all", "A 5", "B all"],
    ]);
  });

  test("one quantity's price, kept or on its way for somebody else, is never taken for another quantity's", async () => {
    const { inner, source } = setUp("quantities");
    inner.outcomeOf = ({ exactQuantity, quantity }) => {
      const only = exactQuantity ? quantity : "99";
      return foundAt(ladderOf({ onlyQuantity: only, unitPrice: `${only}.50` }), 0);
    };
    expect(pricesOf(await source.readMany(keysFor("A", "1"), ask))).toEqual(["1.50"]);
  });

  test("what is unknown or failed is asked no second time, and teaches nothing", async () => {
    const { inner, asked, source } = setUp("ladders");
    inner.outcomeOf = ({ sku }) => (sku === "A" ? unknownAt(0) : failed(new ErpTimeout("silent")));
    const outcomes = await source.readMany([...keysFor("A", "1", "10"), ...keysFor("B", "5")], ask);
    expect(pricesOf(outcomes)).toEqual(["unknown", "unknown", "failed"]);
    expect(asked()).toEqual([["A all", "B all"]]);
  });

  test("the second question keeps lane, deadline and maximum age of the first", async () => {
    const { inner, source } = setUp("quantities");
    const checkout = askAt(7, { lane: "checkout", maxAgeMs: 0 });
    await source.readMany(keysFor("A", "1", "10"), checkout);
    expect(inner.asked.map(({ ask: given }) => given)).toEqual([checkout, checkout]);
  });
});
