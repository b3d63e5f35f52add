import type { HmacKey } from "./setting-parsers.js";
import type { Settings } from "./settings.js";

// Open to all on purpose, so that `pricelane token` and a running demonstration agree without any set-up. What it opens
// is the demonstration ERP alone, whose data are made up, and never in production.
const demoKey: HmacKey = { kid: "demo", secret: new TextEncoder().encode("pricelane-demonstration-key-open-to-all") };

/** The HS256 keys that are believed: those of AUTH_SECRETS, or the demonstration's where nothing real is at stake. */
export function believedKeys(settings: Settings): readonly HmacKey[] {
  return isOpenDemo(settings) ? [demoKey] : settings.authSecrets;
}

/** Whether this is a demonstration nobody set keys for. */
export function isOpenDemo({ environment, connector, authSecrets, authJwksFile, authJwksUrl }: Settings): boolean {
  const hasKeys = authSecrets.length > 0 || authJwksFile !== null || authJwksUrl !== null;
  return connector === "demo" && environment !== "production" && !hasKeys;
}
