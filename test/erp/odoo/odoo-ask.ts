import { createOdooConnector, type OdooOptions } from "../../../src/erp/odoo/odoo-connector.js";
import type { Connector } from "../../../src/pricing/connector.js";
import type { Customer } from "../../../src/pricing/customer.js";
import {
  createCustomerKey,
  createStockKey,
  type PriceKey,
  publicScope,
  type Scope,
  verifiedCustomer,
} from "../../../src/pricing/keys.js";
import type { Ladder } from "../../../src/pricing/ladder.js";
import type { Outcome } from "../../../src/pricing/source.js";
import type { Stock } from "../../../src/pricing/stock.js";
import { createLogger } from "../../../src/telemetry/logger.js";
import { type FakeOdoo, fakeDatabase, fakeUser, startFakeOdoo } from "../../support/odoo-fake.js";
import { priceKeyOf } from "../../support/samples.js";
import { VirtualClock } from "../../support/virtual-clock.js";

/** A connector before a stand-in of Odoo, asked in one line. */
export interface OdooUnderTest {
  readonly odoo: FakeOdoo;
  readonly connector: Connector;
  readonly clock: VirtualClock;
  prices(keys: readonly PriceKey[]): Promise<Outcome<Ladder>[]>;
  stock(...skus: string[]): Promise<Outcome<Stock>[]>;
  customers(...codes: string[]): Promise<Outcome<Customer>[]>;
  /** Calls of Odoo's methods that `ask` made, once what is kept was read. */
  callsOf(ask: () => Promise<unknown>): Promise<string[]>;
  stop(): Promise<void>;
}

/** @param prepare changes what Odoo holds before it is asked first */
export async function startOdoo(
  version = "18.0",
  options: Partial<OdooOptions> = {},
  prepare: (odoo: FakeOdoo) => void = () => undefined,
): Promise<OdooUnderTest> {
  const odoo = await startFakeOdoo(version);
  if (typeof options.priceAction === "number") odoo.action = "installed";
  prepare(odoo);
  const clock = new VirtualClock(odoo.now);
  const connector = createOdooConnector({
    ...{ url: odoo.url, database: fakeDatabase, user: fakeUser, key: odoo.key, clock, timeoutMs: 5000 },
    ...{
      company: null,
      publicList: null,
      priceAction: null,
      maxConcurrency: 4,
      log: createLogger({ level: "silent" }),
    },
    ...options,
  });
  const call = () => ({ sentAt: clock.now(), signal: AbortSignal.timeout(10_000) });
  await connector.checkHealth(call().signal).catch(() => undefined);
  return {
    ...{ odoo, connector, clock },
    prices: (keys) => connector.prices.readMany(keys, call()),
    stock: (...skus) => connector.stock.readMany(skus.map(createStockKey), call()),
    customers: (...codes) =>
      connector.customers.readMany(
        codes.map((code) => createCustomerKey(verifiedCustomer(code))),
        call(),
      ),
    async callsOf(ask) {
      await connector.stock.readMany([createStockKey("NO-SUCH")], call());
      await connector.prices.readMany(keysOf(["NO-SUCH"]), call());
      const before = odoo.calls.length;
      await ask();
      return odoo.calls.slice(before).map(({ model, method }) => `${model}.${method}`);
    },
    async stop() {
      await connector.close();
      await odoo.stop();
    },
  };
}

export function ownScope(code: string): Scope {
  return { kind: "customer", customer: verifiedCustomer(code) };
}

export function listScope(priceScope: string, code: string): Scope {
  return { kind: "price-scope", priceScope, customer: verifiedCustomer(code) };
}

export function keysOf(
  skus: readonly string[],
  scope: Scope = publicScope,
  currency: string | null = null,
): PriceKey[] {
  return skus.map((sku) => priceKeyOf({ scope, sku, currency }));
}

export function ladderIn(outcome: Outcome<Ladder> | undefined): Ladder {
  if (outcome?.kind !== "found")
    throw new Error(`no price: ${JSON.stringify(outcome)} ${String(outcome?.kind === "failed" && outcome.error)}`);
  return outcome.answer;
}
