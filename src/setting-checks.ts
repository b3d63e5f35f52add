import type { Mistake } from "./setting.js";
import type { Settings } from "./settings.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is right in each setting and wrong between them. */
export function contradictions(settings: Settings, env: Environment): Mistake[] {
  return [
    ...missingQuoteKey(settings, env),
    ...storeWithoutSecret(settings),
    ...samePorts(settings),
    ...lastKnownWithoutBound(settings),
    ...freshBeyondStale("PRICE", settings.priceFreshMs, settings.priceStaleMs),
    ...freshBeyondStale("STOCK", settings.stockFreshMs, settings.stockStaleMs),
    ...freshBeyondStale("CUSTOMER", settings.customerFreshMs, settings.customerStaleMs),
  ];
}

/** Replicas must honour each other's quotes, which a key made by each for itself would not allow. */
function missingQuoteKey({ environment, quoteKeyFile }: Settings, env: Environment): Mistake[] {
  const hasFleet = (env["VALKEY_URL"] ?? "").trim() !== "";
  if (environment !== "production" || quoteKeyFile !== null || !hasFleet) return [];
  const message =
    "QUOTE_KEY_FILE is missing: in production with VALKEY_URL the servers must sign by one key; make it with `pricelane quote key`";
  return [{ variables: ["QUOTE_KEY_FILE"], message }];
}

function storeWithoutSecret({ valkeyUrl, valkeyKeySecret }: Settings): Mistake[] {
  if ((valkeyUrl === null) === (valkeyKeySecret === null)) return [];
  const [missing, given] =
    valkeyUrl === null ? ["VALKEY_URL", "VALKEY_KEY_SECRET"] : ["VALKEY_KEY_SECRET", "VALKEY_URL"];
  const mend = 'make a secret with "openssl rand -hex 32", and give all replicas the same';
  return [{ variables: [missing], message: `${missing} is missing: ${given} needs it; ${mend}` }];
}

function samePorts({ port, metricsPort }: Settings): Mistake[] {
  if (port === 0 || port !== metricsPort) return [];
  const message = `METRICS_PORT should differ from PORT, and both are ${port}: leave METRICS_PORT out to have /metrics on PORT`;
  return [{ variables: ["PORT", "METRICS_PORT"], message }];
}

function lastKnownWithoutBound({ checkoutLastKnownMs, checkoutLastKnownMaxTotal }: Settings): Mistake[] {
  if ((checkoutLastKnownMs === 0) === (checkoutLastKnownMaxTotal.size === 0)) return [];
  const variables = ["CHECKOUT_LAST_KNOWN_MINUTES", "CHECKOUT_LAST_KNOWN_MAX_TOTAL"];
  return [{ variables, message: `${variables.join(" and ")} bound one thing between them: set both, or neither` }];
}

function freshBeyondStale(kind: string, freshMs: number, staleMs: number): Mistake[] {
  if (freshMs <= staleMs) return [];
  const variables = [`${kind}_FRESH_SECONDS`, `${kind}_STALE_SECONDS`];
  const message = `${variables[0]} should not exceed ${variables[1]}, and ${freshMs / 1000} does exceed ${staleMs / 1000}: lower the first or raise the second`;
  return [{ variables, message }];
}
