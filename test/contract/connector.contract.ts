import { describe, expect, test } from "vitest";
import { ErpError } from "../../src/errors.js";
import type { Connector } from "../../src/pricing/connector.js";
import type { Customer } from "../../src/pricing/customer.js";
import { isDecimal, isPositive } from "../../src/pricing/decimal.js";
import { createCustomerKey, createStockKey, type PriceKey, verifiedCustomer } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { ErpSource, Key, Outcome } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { priceKeyOf } from "../support/samples.js";
import { promisesOfSource } from "./source.contract.js";

/** A connector over an ERP that is filled and answers. */
export interface ConnectorUnderTest {
  readonly connector: Connector;
  /** From now on the ERP does not answer. */
  breakDown(): void | Promise<void>;
  /** What the ERP was asked so far, one text a question, doubles kept; absent where nobody can tell. */
  asked?(): readonly string[];
  stop(): void | Promise<void>;
}

export interface ConnectorContract {
  readonly name: string;
  create(): Promise<ConnectorUnderTest>;
  /** At least three SKUs with a price and a stock. */
  readonly skus: readonly [string, string, string, ...string[]];
  readonly unknownSku: string;
  /** Codes of customers, at least three, the first two with different prices for the first SKU. */
  readonly customers: readonly [string, string, string, ...string[]];
  readonly unknownCustomer: string;
}

const longMs = 30_000;

/** What every connector promises; its three sources keep the promises of all sources besides. */
export function promisesOfConnector(contract: ConnectorContract): void {
  const { name, create, skus, unknownSku, customers, unknownCustomer } = contract;

  /** Splits by group and by what one call may carry, as dispatch does. */
  async function readAll<K extends Key, A>(source: ErpSource<K, A>, keys: readonly K[]): Promise<Outcome<A>[]> {
    const groups = new Map<string, K[]>();
    for (const key of keys) groups.set(source.groupOf(key), [...(groups.get(source.groupOf(key)) ?? []), key]);
    const outcomes = new Map<string, Outcome<A>>();
    for (const group of groups.values()) {
      for (let start = 0; start < group.length; start += source.keysPerCall) {
        const batch = group.slice(start, start + source.keysPerCall);
        const read = await source.readMany(batch, { sentAt: Date.now(), signal: AbortSignal.timeout(longMs) });
        for (const [index, { id }] of batch.entries()) outcomes.set(id, read[index] as Outcome<A>);
      }
    }
    return keys.map(({ id }) => outcomes.get(id) as Outcome<A>);
  }

  async function createSource<K extends Key, A>(sourceOf: (connector: Connector) => ErpSource<K, A>) {
    const { connector, breakDown, asked, stop } = await create();
    const read = (keys: readonly K[]) => readAll(sourceOf(connector), keys);
    const close = async () => {
      await connector.close();
      await stop();
    };
    return { read, breakDown, ...(asked ? { askedBehind: asked } : {}), now: () => Date.now(), stop: close };
  }

  function own(code: string, sku: string): PriceKey {
    return priceKeyOf({ scope: { kind: "customer", customer: verifiedCustomer(code) }, sku });
  }

  type Three<K> = readonly [K, K, K, ...K[]];

  promisesOfSource<PriceKey, Ladder>({
    name: `${name}: prices`,
    create: () => createSource(({ prices }) => prices),
    knownKeys: () => skus.map((sku) => priceKeyOf({ sku })) as unknown as Three<PriceKey>,
    unknownKey: () => priceKeyOf({ sku: unknownSku }),
    isFor: (ladder, { sku }) => ladder.sku === sku,
  });

  promisesOfSource({
    name: `${name}: stock`,
    create: () => createSource<ReturnType<typeof createStockKey>, Stock>(({ stock }) => stock),
    knownKeys: () => skus.map(createStockKey) as unknown as Three<ReturnType<typeof createStockKey>>,
    unknownKey: () => createStockKey(unknownSku),
    isFor: (stock, { sku }) => stock.sku === sku,
  });

  promisesOfSource({
    name: `${name}: customers`,
    create: () => createSource<ReturnType<typeof createCustomerKey>, Customer>((connector) => connector.customers),
    knownKeys: () =>
      customers.map((code) => createCustomerKey(verifiedCustomer(code))) as unknown as Three<
        ReturnType<typeof createCustomerKey>
      >,
    unknownKey: () => createCustomerKey(verifiedCustomer(unknownCustomer)),
    isFor: ({ code }, { customer }) => code === customer,
  });

  describe(`${name}: what every connector promises`, () => {
    async function using(use: (under: ConnectorUnderTest) => Promise<void>): Promise<void> {
      const under = await create();
      try {
        await use(under);
      } finally {
        await under.connector.close();
        await under.stop();
      }
    }

    test("it says how much it can bear", () =>
      using(async ({ connector }) => {
        const sizes = [connector.prices, connector.stock, connector.customers].map(({ keysPerCall }) => keysPerCall);
        for (const size of [...sizes, connector.maxConcurrency]) {
          expect(Number.isInteger(size) && size >= 1).toBe(true);
        }
        expect(connector.name).not.toBe("");
      }));

    test("two customers and the public asked together each get their own price", () =>
      using(async ({ connector: { prices } }) => {
        const [sku] = skus;
        const keys = [own(customers[0], sku), priceKeyOf({ sku }), own(customers[1], sku)];
        const together = await readAll(prices, keys);
        const alone = await Promise.all(keys.map(async (key) => (await readAll(prices, [key]))[0]));
        expect(together.map(unitPriceOf)).toEqual(alone.map(unitPriceOf));
        expect(unitPriceOf(together[0])).not.toEqual(unitPriceOf(together[2]));
      }));

    test("an unknown customer is never answered with a price", () =>
      using(async ({ connector: { prices } }) => {
        const [unknown, known] = await readAll(prices, [own(unknownCustomer, skus[0]), own(customers[0], skus[0])]);
        expect(unknown).toMatchObject({ kind: "unknown", what: "customer" });
        expect(known?.kind).toBe("found");
      }));

    test("every amount is an exact decimal in a string", () =>
      using(async ({ connector: { prices, stock } }) => {
        for (const outcome of await readAll(prices, [
          ...skus.map((sku) => priceKeyOf({ sku })),
          own(customers[0], skus[0]),
        ])) {
          if (outcome.kind === "found") expectExact(outcome.answer);
        }
        for (const outcome of await readAll(stock, skus.map(createStockKey))) {
          if (outcome.kind !== "found") continue;
          for (const { available } of outcome.answer.warehouses) expect(isDecimal(available)).toBe(true);
        }
      }));

    test("a price told for one quantity alone is for the quantity asked", () =>
      using(async ({ connector: { prices } }) => {
        const [outcome] = await readAll(prices, [priceKeyOf({ sku: skus[0], quantity: "7", exactQuantity: true })]);
        if (outcome?.kind !== "found") throw new Error("the SKU has a price");
        expect([null, "7"]).toContain(outcome.answer.onlyQuantity);
      }));

    test("a customer's record is the one of the code asked, and leaves no other in its place", () =>
      using(async (under) => {
        const keys = [...customers].reverse().map((code) => createCustomerKey(verifiedCustomer(code)));
        const records = await readAll(under.connector.customers, keys);
        expect(records.map((record) => record.kind === "found" && record.answer.code)).toEqual(
          [...customers].reverse(),
        );
      }));

    test("its health is good while the ERP answers, and an error of the ERP's once it does not", () =>
      using(async ({ connector, breakDown }) => {
        await connector.checkHealth(AbortSignal.timeout(longMs));
        await breakDown();
        await expect(connector.checkHealth(AbortSignal.timeout(longMs))).rejects.toBeInstanceOf(ErpError);
      }));

    test("a call whose time is up ends as the ERP's time-out", () =>
      using(async ({ connector: { prices } }) => {
        const call = { sentAt: Date.now(), signal: AbortSignal.abort() };
        const errors = await prices.readMany([priceKeyOf({ sku: skus[0] })], call).then(
          (outcomes) => outcomes.map((outcome) => (outcome.kind === "failed" ? outcome.error : outcome)),
          (error: unknown) => [error],
        );
        for (const error of errors) expect(error).toMatchObject({ code: "ERP_TIMEOUT" });
      }));
  });
}

function unitPriceOf(outcome: Outcome<Ladder> | undefined): string | undefined {
  return outcome?.kind === "found" ? (outcome.answer.tiers[0]?.unitPrice ?? outcome.answer.unitPrice) : outcome?.kind;
}

function expectExact(ladder: Ladder): void {
  const { unitPrice, priceUnit, minimumQuantity, quantityIncrement, taxRate, tiers, currency } = ladder;
  const breaks = tiers.flatMap((tier) => [tier.from, tier.unitPrice]);
  for (const amount of [unitPrice, priceUnit, minimumQuantity, quantityIncrement, ...breaks]) {
    expect(amount).toSatisfy(isDecimal);
  }
  if (taxRate !== null) expect(taxRate).toSatisfy(isDecimal);
  expect(isPositive(priceUnit) && isPositive(quantityIncrement)).toBe(true);
  expect(currency).toMatch(/^[A-Z]{3}$/);
}
