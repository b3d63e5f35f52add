import { elementOf } from "./element.js";
import { stateOf, viewOf } from "./stock-view.js";

/** `<pricelane-stock data-sku="…">In stock</pricelane-stock>`: what is there now in place of what a cached page says; see docs/shops/web.md. */
export class PricelaneStock extends elementOf({
  topic: { name: "stock", selection: "{status available restockDate leadTimeDays freshness{computedAt staleReason}}" },
  css: ":host{min-inline-size:var(--pricelane-stock-width,12ch)}[part=note]{font-size:.85em}",
  attributes: ["data-low", "data-count"],
  quantityOf: () => "",
  // A cached page's stock ages, a guest's too: the text stays only where nothing newer is to be had.
  keepsText: (_, hasFailed) => hasFailed,
  stateOf,
  viewOf,
}) {}
