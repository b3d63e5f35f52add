import type { StockMessages } from "./stock-messages.js";

/** What the elements say, in one language. `{…}` are filled in. */
export interface Messages {
  readonly onRequest: string;
  readonly lastKnown: string;
  readonly net: string;
  readonly gross: string;
  /** After a price for more than one unit. */
  readonly per: string;
  /** Before a tier's price. */
  readonly from: string;
  /** Told to screen readers once the page's prices are the customer's own. */
  readonly yours: string;
}

const en: Messages = {
  onRequest: "Price on request",
  lastKnown: "last known {when}",
  net: "excl. tax",
  gross: "incl. tax",
  per: "per {count} {unit}",
  from: "from {count}",
  yours: "Your prices are shown.",
};

const fr: Messages = {
  onRequest: "Prix sur demande",
  lastKnown: "dernier prix connu {when}",
  net: "HT",
  gross: "TTC",
  per: "les {count} {unit}",
  from: "dès {count}",
  yours: "Vos prix sont affichés.",
};

const languages: Record<string, Partial<Messages & StockMessages>> = { en, fr };

/** Adds a language, or changes words of one. */
export function addMessages(language: string, words: Partial<Messages & StockMessages>): void {
  languages[language] = { ...languages[language], ...words };
}

/** @param locale as in `lang`, such as "fr-CA"; English where there are no words of it */
export function messagesOf(locale: string): Messages {
  return { ...(languages["en"] as Messages), ...(languages[locale] ?? languages[locale.split("-")[0] ?? ""]) };
}

export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "").trim();
}
