import { PricelanePrice } from "./pricelane-price.js";

export type { Money, Price, Tier } from "./answer.js";
export type { Messages } from "./messages.js";
export { configure, logout, type PriceSettings, refresh } from "./page.js";
export type { Shown } from "./page-prices.js";
export { PricelanePrice };

/** Makes the element known to the browser; once, however often the module is loaded. On a server it does nothing. */
function define(): void {
  const { customElements: registry } = globalThis;
  if (registry === undefined || registry.get("pricelane-price") !== undefined) return;
  registry.define("pricelane-price", PricelanePrice);
}

// Two bundles on one page must not fail each other, and configure() in the same task must come first.
queueMicrotask(define);
