import { addMessages } from "./messages.js";

/** What `<pricelane-stock>` says, in one language. `{…}` are filled in. */
export interface StockMessages {
  readonly inStock: string;
  /** With `data-count`. */
  readonly countInStock: string;
  readonly lowStock: string;
  /** Where the gateway tells this caller how many there are. */
  readonly countLeft: string;
  readonly outOfStock: string;
  readonly backorder: string;
  /** Before the day of the next delivery. */
  readonly expected: string;
  /** Before the time it takes, such as "in 5 days". */
  readonly available: string;
  readonly unknownStock: string;
  /** After a last known stock. */
  readonly asOf: string;
}

const en: StockMessages = {
  inStock: "In stock",
  countInStock: "{count} in stock",
  lowStock: "Few left",
  countLeft: "Only {count} left",
  outOfStock: "Out of stock",
  backorder: "On back-order",
  expected: "expected {when}",
  available: "available {when}",
  unknownStock: "Availability on request",
  asOf: "as of {when}",
};

const fr: StockMessages = {
  inStock: "En stock",
  countInStock: "{count} en stock",
  lowStock: "Stock limité",
  countLeft: "Plus que {count}",
  outOfStock: "Rupture de stock",
  backorder: "Sur commande",
  expected: "attendu le {when}",
  available: "disponible {when}",
  unknownStock: "Disponibilité sur demande",
  asOf: "état : {when}",
};

/** Beside the words for prices. */
export function addStockMessages(): void {
  addMessages("en", en);
  addMessages("fr", fr);
}
