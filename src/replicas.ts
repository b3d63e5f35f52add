import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { connectorSettings } from "./connector-settings.js";
import type { CallSlots } from "./dispatch/call-slots.js";
import type { ConcurrencyLimit } from "./dispatch/concurrency-limit.js";
import { BudgetLease } from "./fleet/budget-lease.js";
import { Fleet } from "./fleet/fleet.js";
import { Seal } from "./fleet/seal.js";
import { SharedChanges } from "./fleet/shared-changes.js";
import { SharedTexts } from "./fleet/shared-texts.js";
import type { Store } from "./fleet/store.js";
import { StoreLife } from "./fleet/store-life.js";
import type { LoadControlParts } from "./load-control.js";
import type { Connector } from "./pricing/connector.js";
import type { Invalidation } from "./pricing/invalidation.js";
import type { Settings } from "./settings.js";

// What replicas share, made from the settings: answers and invalidations, and the budget of the ERP that they ask.

export interface ReplicaParts extends LoadControlParts {
  readonly settings: Settings;
  /** What replicas share; left out or null, this one stands alone. To be started once the layers stand. */
  readonly store?: Store | null;
}

/** Null where this replica stands alone, or embeds an ERP of its own. */
export function createBudget(
  limit: ConcurrencyLimit,
  slots: CallSlots,
  { maxConcurrency: most }: Connector,
  { store, settings, clock, logger, metrics }: ReplicaParts,
): BudgetLease | null {
  const { erpTimeoutMs, erpAbandonMs, fleetReplicas, valkeyTimeoutMs } = settings;
  if (store == null || settings.connector === "demo") return null;
  const budget = new BudgetLease({
    ...{ store, clock, limit, most, id: randomUUID(), replicas: fleetReplicas, storeTimeoutMs: valkeyTimeoutMs },
    key: `pricelane:budget:${digest(erpOf(settings))}`,
    longestCallMs: erpTimeoutMs + (erpAbandonMs ?? erpTimeoutMs),
    demandOf: (lane) => slots.demandOf(lane),
    isFeedPressed: () => slots.isFeedPressed,
    inFlight: () => slots.inFlight,
    onShare: () => slots.deal(),
    onLeased(isLeased) {
      if (isLeased) logger.info("this replica has a share of the ERP's limit from the store");
      else logger.warn("this replica goes on with its safe share of the ERP's limit: the store did not renew it");
    },
    onForgotten: () =>
      logger.warn(
        "the shared store no longer knows who has which share of the ERP's limit: it was emptied, or somebody else writes there; all go on with their safe shares meanwhile",
      ),
    onMoreReplicas: (seen) =>
      logger.warn({ seen, FLEET_REPLICAS: fleetReplicas }, "there are more replicas than FLEET_REPLICAS: raise it"),
  });
  limit.shareBy(() => budget.share);
  slots.whenShort(() => budget.hurry());
  slots.boundFeedBy(() => budget.feedShare);
  metrics.observe("erp_share", () => budget.share);
  budget.start();
  return budget;
}

/** Null where this replica stands alone. */
export function createFleet(
  onInvalidated: (invalidation: Invalidation) => void,
  onUnsure: (isFirst: boolean) => void,
  { store, settings, clock, logger }: ReplicaParts,
): Fleet | null {
  const { valkeyKeySecret: secret } = settings;
  if (store == null || secret === null) return null;
  const fleet = new Fleet({
    ...{ store, secret, clock, logger, onInvalidated, onUnsure },
    erp: erpOf(settings),
    rules: digest(answerRulesOf(settings)),
  });
  fleet.start();
  return fleet;
}

/** What replicas keep their one journal of changes in; null where this replica stands alone. */
export function createJournalRecord({
  store,
  settings,
  clock,
}: Pick<ReplicaParts, "store" | "settings" | "clock">): { record: SharedChanges; texts: SharedTexts } | null {
  const { valkeyKeySecret: secret, journalMaxSkus: maxSkus } = settings;
  if (store == null || secret === null) return null;
  const seal = new Seal(secret, erpOf(settings));
  const shared = { store, seal, rules: digest(answerRulesOf(settings)), life: new StoreLife(clock), maxSkus };
  return { record: new SharedChanges(shared), texts: new SharedTexts(shared) };
}

/** Which ERP is asked, and for which company: whatever else is in a store, what one ERP said is never told for another's. */
function erpOf(settings: Settings): string {
  const { connector, erpUrl, erpCompany, trytonDatabase, trytonCompany, sqlUrl } = settings;
  const { erpnextCompany, odooDatabase, odooCompany, bcTenant, bcEnvironment, bcCompany, sapB1CompanyDb } = settings;
  const names = [connector, erpUrl?.href, erpCompany, trytonDatabase, trytonCompany, sqlUrl?.href, erpnextCompany];
  return JSON.stringify([...names, odooDatabase, odooCompany, bcTenant, bcEnvironment, bcCompany, sapB1CompanyDb]);
}

/** How the ERP is asked changes no answer by these. */
const paces: readonly string[] = ["erpMaxConcurrency", "erpTimeoutMs", "erpAbandonMs"];

/**
 * All that says how a connector reads the ERP, such as price lists, tax rates and queries: replicas that differ in it, as in an upgrade
 * that changes one, read different prices from the same ERP.
 * @throws {Error} where the file of queries cannot be read
 */
export function answerRulesOf(settings: Settings): string {
  const rules = Object.entries(connectorSettings)
    .filter(([name, { isSecret }]) => isSecret !== true && !paces.includes(name))
    .map(([name]) => settings[name as keyof typeof connectorSettings]);
  const { sqlQueriesFile } = settings;
  return JSON.stringify([...rules, sqlQueriesFile === null ? null : readFileSync(sqlQueriesFile, "utf8")]);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
