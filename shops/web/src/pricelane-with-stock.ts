import { define } from "./element.js";
import { PricelaneStock } from "./pricelane-stock.js";

export type { Stock } from "./answer.js";
export * from "./pricelane.js";
export type { StockMessages } from "./stock-messages.js";
export { PricelaneStock };

declare global {
  interface HTMLElementTagNameMap {
    "pricelane-stock": PricelaneStock;
  }
}

define("pricelane-stock", PricelaneStock);
