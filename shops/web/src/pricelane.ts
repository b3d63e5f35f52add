import { define } from "./element.js";
import { PricelanePrice } from "./pricelane-price.js";

export type { Money, Price, Tier } from "./answer.js";
export type { Messages } from "./messages.js";
export { configure, logout, type PageSettings, refresh } from "./page.js";
export type { Shown } from "./page-answers.js";
export { PricelanePrice };

declare global {
  interface HTMLElementTagNameMap {
    "pricelane-price": PricelanePrice;
  }
}

define("pricelane-price", PricelanePrice);
