import { define } from "./element.js";
import { PricelaneStock } from "./pricelane-stock.js";
import { addStockMessages } from "./stock-messages.js";

export type { Stock } from "./answer.js";
export * from "./pricelane.js";
export type { StockMessages } from "./stock-messages.js";
export { PricelaneStock };

declare global {
  interface HTMLElementTagNameMap {
    "pricelane-stock": PricelaneStock;
  }
}

addStockMessages();
define("pricelane-stock", PricelaneStock);
