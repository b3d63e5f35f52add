import { mock } from "node:test";
import CircuitBreaker from "opossum";
import { createPriceKey, createStockKey, verifiedCustomer } from "../../src/pricing/keys.js";
import { VirtualClock } from "../../test/support/virtual-clock.js";
import { createPricelane, type Page } from "./contenders.js";
import { createRandom } from "./random.js";
import { type Hangs, SimulatedErp } from "./simulated-erp.js";

/** An ERP that takes whatever it is sent. One key a call, so that both contenders have as many calls to make. */
const erpPlan = { workers: 100_000, limit: 16, callMs: 50, keysPerCall: 1, mixesCustomers: false };
/** `erpTimeoutMs` is the default of ERP_TIMEOUT_MS. */
export const hangingPlan = {
  ...erpPlan,
  pages: 2_400,
  everyMs: 50,
  hangEvery: 10,
  hangMs: 40_000,
  erpTimeoutMs: 5_000,
};
const stepMs = 10;

type View = (page: Page) => Promise<unknown>;

/** Pages of one SKU, one every 50 ms, at an ERP that hangs at some calls. @returns the most calls in flight at any moment ÷ the limit */
export async function mostOverLimit(contender: "pricelane" | "opossum", untilClientLeaves: boolean): Promise<number> {
  const clock = new VirtualClock(0);
  const hangs: Hangs = { every: hangingPlan.hangEvery, ms: hangingPlan.hangMs, untilClientLeaves };
  const erp = new SimulatedErp({ ...erpPlan, clock, hangs });
  // opossum sets real timers, which stand still here and are turned with the clock.
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 0 });
  try {
    const view = contender === "opossum" ? createOpossum(erp, clock) : createPricelane(erp, clock, createRandom(3));
    for (let page = 0; page < hangingPlan.pages; page++) {
      void view({ customer: "C", skus: [`S${page}`] }).catch(() => undefined);
      await turn(clock, hangingPlan.everyMs);
    }
    if (erp.calls < 200) throw new Error(`the ERP was asked ${erp.calls} times alone: nothing was measured`);
    return erp.mostInFlight / erpPlan.limit;
  } finally {
    mock.timers.reset();
  }
}

/** As it is commonly used: its time-out, its capacity, and the call's promise, which it has no means to end. */
function createOpossum({ connector }: SimulatedErp, clock: VirtualClock): View {
  const run = (call: () => Promise<unknown>) => call();
  const breaker = new CircuitBreaker(run, { timeout: hangingPlan.erpTimeoutMs, capacity: erpPlan.limit });
  return async ({ customer, skus }) => {
    const scope = { kind: "customer", customer: verifiedCustomer(customer) } as const;
    const calls = skus.flatMap((sku) => {
      const key = createPriceKey({ scope, sku, currency: null, quantity: "1", exactQuantity: false });
      const call = { sentAt: clock.now(), signal: new AbortController().signal };
      return [
        () => connector.prices.readMany([key], call),
        () => connector.stock.readMany([createStockKey(sku)], call),
      ];
    });
    await Promise.all(calls.map((call) => breaker.fire(call)));
  };
}

async function turn(clock: VirtualClock, ms: number): Promise<void> {
  for (let turned = 0; turned < ms; turned += stepMs) {
    mock.timers.tick(stepMs);
    await clock.advance(stepMs);
  }
}
