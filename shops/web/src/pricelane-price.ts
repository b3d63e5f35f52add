import { elementOf } from "./element.js";
import { stateOf, viewOf } from "./price-view.js";

const money = "{amount currency}";

/** `<pricelane-price data-sku="…">12,90 €</pricelane-price>`: the viewer's price in place of the guest's; see docs/shops/web.md. */
export class PricelanePrice extends elementOf({
  topic: {
    name: "price",
    selection:
      `(quantity:$q){audience net${money} gross${money} priceUnit unit ` +
      `tiers{minimumQuantity net${money} gross${money}} freshness{computedAt staleReason}}`,
  },
  css:
    ":host{min-inline-size:var(--pricelane-width,6ch)}" +
    "[part=note]{display:block;font-size:.75em}ul{list-style:none;margin:0;padding:0;font-size:.85em}",
  attributes: ["data-quantity", "data-tax"],
  quantityOf: ({ quantity }) => quantity || "1",
  // Nobody but a guest, and who may be one, is shown the guest's price for good.
  keepsText: (caller) => !caller?.token,
  stateOf,
  viewOf,
}) {}
