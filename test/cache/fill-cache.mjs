// Fills a cache of prices with what is meant to take much room, and writes what it then holds: run with --expose-gc by
// memory-bound.test.ts, on the built code, in a process of its own.
import { createEntry } from "../../dist/src/cache/freshness.js";
import { KeptAnswers } from "../../dist/src/cache/kept-answers.js";
import { priceCodec } from "../../dist/src/cache/price-codec.js";
import { namesOfPrice } from "../../dist/src/pricing/invalidation.js";
import { createPriceKey, publicScope } from "../../dist/src/pricing/keys.js";

const [, , maxBytes, ...fills] = process.argv;
const windows = { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 };

const usual = {
  currency: "EUR",
  taxBasis: "NET",
  taxRate: "19",
  unit: "pcs",
  priceUnit: "1",
  minimumQuantity: "1",
  quantityIncrement: "1",
  tiers: [],
  onlyQuantity: null,
  priceList: "PL-1",
  validUntil: null,
};
const tiersOf = (count, number) =>
  Array.from({ length: count }, (_, at) => ({ from: String(at + 1), unitPrice: `${number % 9_999}.${10 + at}` }));

/** What each fill keeps: SKUs and ladders by their numbers. A ladder that is null is unknown to the ERP. */
const kinds = {
  small: {
    sku: (number) => `S${number}`,
    ladder: (number) => ({ tiers: tiersOf(number % 4, number) }),
    count: 75_000,
  },
  "hundred tiers": {
    sku: (number) => `T${number}`,
    ladder: (number) => ({ tiers: tiersOf(100, number) }),
    count: 10_000,
  },
  "own tiers": {
    sku: (number) => `O${number}`,
    ladder: (number) => ({ tiers: tiersOf(30, number).map((tier, at) => ({ ...tier, from: `${at + 1}.${number}` })) }),
    count: 10_000,
  },
  "long SKUs": { sku: (number) => `${"L".repeat(400)}${number}`, ladder: () => ({}), count: 15_000 },
  "wide SKUs": { sku: (number) => `${"価".repeat(200)}${number}`, ladder: () => ({}), count: 15_000 },
  "own texts": {
    sku: (number) => `X${number}`,
    ladder: (number) => ({
      unit: `u${number}`,
      priceList: `list ${"x".repeat(100)} ${number}`,
      validUntil: 1e12 + number,
    }),
    count: 15_000,
  },
  "long decimals": {
    sku: (number) => `D${number}`,
    ladder: (number) => ({ unitPrice: `${"9".repeat(40)}${number}`, tiers: tiersOf(4, number) }),
    count: 15_000,
  },
  unknown: { sku: (number) => `${"?".repeat(100)}${number}`, ladder: () => null, count: 25_000 },
};

const kept = new KeptAnswers({ maxBytes: Number(maxBytes), namesOf: namesOfPrice, codec: priceCodec });
const before = heldBytes();
let mostHeld = 0;
let mostToldBytes = 0;
for (const fill of fills) {
  const { sku, ladder, count } = kinds[fill];
  for (let number = 0; number < count; number++) {
    keep(sku(number), ladder(number), number);
    mostToldBytes = Math.max(mostToldBytes, kept.bytes);
    if (number % 10_000 === 0) mostHeld = Math.max(mostHeld, heldBytes() - before);
  }
  mostHeld = Math.max(mostHeld, heldBytes() - before);
}
process.stdout.write(JSON.stringify({ mostHeld, mostToldBytes, size: kept.size }));

function keep(sku, parts, number) {
  const key = createPriceKey({ scope: publicScope, sku, currency: null, quantity: "1", exactQuantity: false });
  const freshness = { source: "ERP", computedAt: 1e12 + number, freshUntil: 1e12, staleReason: null };
  // As an ERP's answer is: each string is its own.
  const answer = JSON.parse(JSON.stringify({ ...usual, sku, unitPrice: `${number}.99`, ...parts }));
  const outcome = parts === null ? { kind: "unknown", what: "sku", freshness } : { kind: "found", answer, freshness };
  kept.keep(key.id, key, createEntry(outcome, windows, null, Math.random), "storefront");
}

function heldBytes() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
