import type { Clock } from "../../src/clock.js";
import type { Layers } from "../../src/layers.js";
import type { PriceKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Ask, Outcome } from "../../src/pricing/source.js";
import type { Spoil } from "./simulation.js";
import type { Violation } from "./violations.js";

type ReadPrices = (keys: readonly PriceKey[], ask: Ask) => Promise<Outcome<Ladder>[]>;

function withPrices(layers: Layers, readMany: ReadPrices): Layers {
  const { prices } = layers.sources;
  const broken = {
    readMany,
    allFresh: () => null,
    noteServed() {},
    lastKnown: (key: PriceKey) => prices.lastKnown(key),
  };
  return { ...layers, sources: { ...layers.sources, prices: broken } };
}

/** A cache that is never emptied, by whatever `identify` takes for the same question. */
function keepingForever(identify: (key: PriceKey) => string) {
  return (layers: Layers): Layers => {
    const kept = new Map<string, Outcome<Ladder>>();
    return withPrices(layers, async (keys, ask) => {
      const missing = keys.filter((key) => !kept.has(identify(key)));
      const read = missing.length === 0 ? [] : await layers.sources.prices.readMany(missing, ask);
      for (const [index, outcome] of read.entries()) {
        if (outcome.kind !== "failed") kept.set(identify(missing[index] as PriceKey), outcome);
      }
      return keys.map((key) => kept.get(identify(key)) ?? (read[missing.indexOf(key)] as Outcome<Ladder>));
    });
  };
}

function saidToBeOfNow(layers: Layers, clock: Clock): Layers {
  return withPrices(layers, async (keys, ask) => {
    const outcomes = await layers.sources.prices.readMany(keys, ask);
    return outcomes.map((outcome) =>
      outcome.kind === "failed"
        ? outcome
        : { ...outcome, freshness: { ...outcome.freshness, computedAt: clock.now() } },
    );
  });
}

/** What a careless change could make of the product, and the promise that it breaks. */
export const breakages: readonly (readonly [name: string, rule: Violation["rule"], spoil: Spoil])[] = [
  ["keeps prices by the SKU alone", "foreign", { layers: keepingForever(({ sku }) => sku) }],
  ["says of kept prices that they are of now", "never true", { layers: saidToBeOfNow }],
  ["never reads a price again", "too old", { layers: keepingForever(({ id }) => id) }],
  ["is deaf to invalidations", "before an invalidation", { layers: (layers) => ({ ...layers, forget: () => 0 }) }],
  [
    "makes more calls at once than the ERP bears",
    "over the limit",
    { connector: (erp) => Object.assign(Object.create(erp), { maxConcurrency: erp.maxConcurrency + 2 }) },
  ],
  [
    "asks each price twice",
    "asked twice",
    {
      connector: (erp) => {
        const { prices } = erp;
        const readMany: typeof prices.readMany = async (keys, call) => {
          const [first] = await Promise.all([prices.readMany(keys, call), prices.readMany(keys, call)]);
          return first;
        };
        return Object.assign(Object.create(erp), { prices: { ...prices, readMany } });
      },
    },
  ],
  [
    "leaves questions unanswered",
    "past its deadline",
    { layers: (layers) => withPrices(layers, () => new Promise(() => {})) },
  ],
];
