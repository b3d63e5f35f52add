import { type Demand, leastKeys } from "../../../bench/erp-load/minimum.js";
import type { QuestionRecord } from "../history.js";
import { boundsOf } from "../history-checker.js";
import type { SeededRandom } from "../seeded-random.js";
import { drawFleetConditions, type FleetConditions } from "./fleet-conditions.js";
import type { FleetRun } from "./simulate-fleet.js";

/** Six replicas whose store is well, before an ERP that bears them: visitors alone, who take what is fresh. @param freshMs of prices and stock */
export function drawThrifty(random: SeededRandom, freshMs: number, withReplicaTroubles: boolean): FleetConditions {
  const { settings, erp, ...rest } = drawFleetConditions(random);
  const windows = { priceFreshMs: freshMs, stockFreshMs: freshMs, customerFreshMs: 2 * freshMs };
  const bounds = { priceStaleMs: 600_000, stockStaleMs: 600_000, customerStaleMs: 600_000 };
  return {
    ...rest,
    replicas: 6,
    settings: {
      ...settings,
      ...windows,
      ...bounds,
      ...{ fleetReplicas: 6, cacheMaxBytes: 1_000_000, callerKeysPerSecond: 0, erpTimeoutMs: 1_500 },
    },
    erp: { ...erp, workers: 12, maxConcurrency: 12, callMs: 60, keyMs: 0 },
    rates: { storefront: 20, checkout: 0, feed: 0, changes: 0, invalidations: 0 },
    quietMs: 0,
    isPlain: true,
    troubles: { erp: false, store: false, routes: false, clocks: false, replicas: withReplicaTroubles },
  };
}

/** Keys that the ERP was asked for, and the fewest that would have done. */
export function keysOf({ history, conditions }: Pick<FleetRun, "history" | "conditions">): {
  readonly asked: number;
  readonly least: number;
} {
  const { freshMs, unknownMs } = boundsOf(conditions);
  const toDemand = ({ asked: { kind, owner, name }, at, outcome }: QuestionRecord): Demand => ({
    ...{ id: `${kind} ${owner} ${name}`, group: "", at },
    freshMs: outcome?.kind === "unknown" ? unknownMs : freshMs[kind],
  });
  const asked = history.calls.reduce((sum, { ids }) => sum + ids.length, 0);
  return { asked, least: leastKeys(history.questions.map(toDemand)).length };
}
